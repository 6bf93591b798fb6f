"""/healthz and /readyz: what a supervisor, a load balancer and monitoring ask."""

from pathlib import Path

import pytest

from app.models import OutboxMail
from app.worker import Worker
from tests.support import databases


@pytest.fixture
def worked(app):
    worker = Worker(app)
    worker.run_due(0)
    return worker


def lines(response) -> dict[str, str]:
    return dict(line.split() for line in response.get_data(as_text=True).splitlines())


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_answer_under_any_host_and_before_there_is_an_administrator(client, path):
    response = client.get(path, headers={"Host": "10.0.0.7:8000"})
    assert response.status_code == 200 and response.mimetype == "text/plain"
    assert response.headers["Cache-Control"] == "no-store"


def test_other_pages_still_answer_under_the_portals_own_host_alone(client):
    assert client.get("/login", headers={"Host": "10.0.0.7:8000"}).status_code == 400


def test_a_portal_with_a_worker_is_ready(cast, client, worked):
    response = client.get("/readyz?all=1")
    assert response.status_code == 200
    assert lines(response) == dict.fromkeys(("database", "migrations", "worker", "mail"), "ok")


def test_a_silent_worker_is_named_and_keeps_no_page_from_being_served(cast, client, worked, clock):
    clock.advance(minutes=11)
    assert lines(client.get("/readyz"))["worker"] == "failing"
    assert client.get("/readyz").status_code == 200 and client.get("/readyz?all=1").status_code == 503


@pytest.mark.parametrize("value", ["", "0", "\0", "yes", "1" * 5000])
def test_other_values_of_all_ask_for_nothing_more(cast, client, value):
    assert client.get("/readyz", query_string={"all": value}).status_code == 200


def test_worker_heard_of_in_the_future_does_not_count(cast, client, worked, clock):
    clock.advance(days=-1)
    assert lines(client.get("/readyz"))["worker"] == "failing"


def test_a_worker_that_stops_says_so(cast, client, worked):
    worked.schedule.end()
    assert lines(client.get("/readyz"))["worker"] == "failing"


def test_mail_that_waits_for_too_long_is_named(app, cast, client, worked, clock):
    with app.extensions["database"].connection_context():
        at = clock().timestamp() * 1000 - 20 * 60_000
        OutboxMail.create(
            key="k", recipient="a@b.example", subject="", text="", html="", created_ms=at, next_try_ms=at, kind="test"
        )
    assert lines(client.get("/readyz"))["mail"] == "failing"


def change_schema(app, statement):
    app.extensions["database"].execute_sql(statement)
    app.extensions["database"].close()


def test_schema_of_an_earlier_version_is_not_ready(app, cast, client):
    change_schema(app, "DELETE FROM schema_migration WHERE id = 1")
    response = client.get("/readyz")
    assert response.status_code == 503 and lines(response)["migrations"] == "failing"


def test_schema_of_the_next_version_is_ready(app, cast, client):
    """In an upgrade of several hosts one by one, a load balancer keeps those that wait for their turn."""
    change_schema(app, "INSERT INTO schema_migration (name, applied) VALUES ('0999_later', '2030-01-01 00:00:00')")
    response = client.get("/readyz")
    assert response.status_code == 200 and lines(response)["migrations"] == "ok"


@pytest.mark.sqlite
def test_without_a_database_the_portal_is_alive_and_not_ready(app, cast, client):
    path = Path(databases.path_of(app.config["PORTAL"].database_url))
    app.extensions["database"].close_all()
    path.write_bytes(b"no database " * 1000)
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz?all=1")
    assert response.status_code == 503 and set(lines(response).values()) == {"failing"}


@pytest.mark.sqlite
def test_a_file_that_was_deleted_under_the_portal_is_no_database(app, cast, client):
    assert client.get("/readyz").status_code == 200
    Path(databases.path_of(app.config["PORTAL"].database_url)).unlink()
    response = client.get("/readyz")
    assert response.status_code == 503 and lines(response)["database"] == "failing"
