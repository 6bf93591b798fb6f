"""/metrics: what Prometheus reads."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.config import Config, ConfigError
from app.models import OutboxMail
from app.worker import Worker
from tests.payments.conftest import fields_of

TOKEN = "a token of the monitoring"


@pytest.fixture
def config(config):
    return config.replace(metrics_token=TOKEN)


def read(client, token=TOKEN) -> dict[tuple, float]:
    """{(name, values of its labels in the order of their names …): value}"""
    response = client.get("/metrics", headers={"Authorization": f"Bearer {token}", "Host": "10.0.0.7"})
    assert response.status_code == 200, response.get_data(as_text=True)
    families = text_string_to_metric_families(response.get_data(as_text=True))
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, *(one.labels[name] for name in sorted(one.labels))): one.value for one in samples}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_metrics_need_the_token(cast, client, header):
    response = client.get("/metrics", headers=header)
    assert response.status_code == 401 and not response.data


def test_requests_are_counted_by_route_and_status(cast, client):
    key = ("portal_requests_total", "GET", "accounts.login", "200")
    before = read(client).get(key, 0)
    client.get("/login")
    client.get("/login")
    after = read(client)
    assert after[key] - before == 2
    assert after["portal_request_seconds_bucket", "+Inf", "accounts.login"] >= 2


def test_paths_that_anyone_makes_up_are_one_series(cast, client):
    for path in ("/a", "/b", "/c"):
        client.get(path)
        client.open(path, method="BREW")
    names = {key[2] for key in read(client) if key[0] == "portal_requests_total"}
    assert "none" in names and not names & {"/a", "/b", "/c"}


def test_duties_mail_and_workers_are_read_from_rows(app, cast, client, clock):
    Worker(app).run_due(0)
    with app.extensions["database"].connection_context():
        mail = {"recipient": "a@b.example", "subject": "", "text": "", "html": "", "created_ms": 1, "next_try_ms": 1}
        OutboxMail.create(key="k", **mail)
    found = read(client)
    assert found["portal_emails", "queued"] == 1 and found["portal_emails", "refused"] == 0
    assert found["portal_workers",] == 1
    assert found["portal_duty_last_run_timestamp_seconds", "reconcile"] == clock().timestamp()
    assert found["portal_duty_failures", "reconcile"] == 0


def test_payments_are_counted_by_outcome(world, client, log_in):
    before, alice = read(client), log_in(world.cast.alice)
    page = alice.get(f"/payments/new?invoice={world.open['cedar'].public_id}").get_data(as_text=True)
    declined = alice.post(
        "/payments", data={**fields_of(page), "payment_method_nonce": "fake-processor-declined-visa-nonce"}
    )
    assert declined.status_code == 422
    after = read(client)
    assert before["portal_payments", "submitted"] == after["portal_payments", "submitted"] == 2
    assert ("portal_payments", "declined") not in before and after["portal_payments", "declined"] == 1


def test_requests_are_counted_while_the_database_does_not_answer(app, cast, client):
    app.extensions["database"].execute_sql("DROP TABLE duty")
    app.extensions["database"].close()
    client.get("/healthz")
    found = read(client)
    assert found["portal_requests_total", "GET", "health.healthz", "200"] >= 1
    assert not any(name.startswith("portal_duty") for name, *_labels in found)


def test_a_short_token_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="METRICS_TOKEN is shorter than 16 characters"):
        Config.from_env({"INSTANCE_PATH": str(tmp_path), "METRICS_TOKEN": "short"})
