"""The PostgreSQL server is restarted, or gone, while the portal runs: requests and duties go on after it."""

import os
import sys

import pytest

from app.extensions import db
from app.models import Attempt
from app.processes import MAX_FAST_EXITS, Child
from app.worker import Worker
from tests.payments.conftest import open_form, owed, submit  # noqa: F401 (fixtures)
from tests.support import databases
from tests.support.pages import csrf_of, text_of


class Server:
    """The server, as far as one database is concerned."""

    def __init__(self, url):
        self.name = databases.name_of(url)

    def hang_up(self):
        databases.on_server(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self.name}'"
        )

    def stop(self):
        databases.on_server(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        self.hang_up()

    def start(self):
        databases.on_server(f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')


@pytest.fixture
def host(app):
    host = Server(app.config["PORTAL"].database_url)
    yield host
    host.start()


on_server = pytest.mark.postgres


@on_server
def test_a_request_after_a_restart_of_the_server_gets_a_new_connection(log_in, cast, host):
    alice = log_in(cast.alice)
    assert alice.get("/invoices").status_code == 200
    host.hang_up()
    assert alice.get("/invoices").status_code == 200


@on_server
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_pages_say_that_the_portal_is_busy_while_the_server_is_stopped(log_in, cast, host, headers):
    alice = log_in(cast.alice)
    host.stop()
    for answer in (alice.get("/invoices", headers=headers), alice.get("/readyz")):
        assert answer.status_code == 503
    answer = alice.get("/invoices", headers=headers)
    assert answer.headers["Retry-After"] and "The portal is busy" in text_of(answer.get_data(as_text=True))
    host.start()
    assert alice.get("/invoices").status_code == 200 and alice.get("/readyz").status_code == 200


@on_server
def test_a_change_that_met_a_stopped_server_is_not_said_to_be_saved_or_not(log_in, cast, host):
    ruth = log_in(cast.ruth)
    token = csrf_of(ruth.get("/account").get_data(as_text=True))
    host.stop()
    answer = ruth.post("/account/theme", data={"theme": "dark", "csrf_token": token})
    assert answer.status_code == 503
    assert "check whether your change was saved before you try again" in text_of(answer.get_data(as_text=True))


@on_server
def test_a_pressed_pay_that_met_a_stopped_server_charges_nothing_and_says_what_is_unknown(
    log_in,
    cast,
    owed,  # noqa: F811
    demo_gateway,
    host,
):
    alice = log_in(cast.alice)
    fields = open_form(alice, owed.late)
    host.stop()
    answer = submit(alice, fields)
    assert answer.status_code == 503
    assert "We do not know yet whether you were charged" in text_of(answer.get_data(as_text=True))
    assert demo_gateway.transactions() == []
    host.start()
    answer = submit(alice, fields)
    assert answer.status_code in (200, 303), text_of(answer.get_data(as_text=True))
    with db.connection_context():
        assert [attempt.state for attempt in Attempt] == [Attempt.APPROVED]
    assert len(demo_gateway.transactions()) == 1


@on_server
def test_the_duties_of_a_worker_wait_for_the_server_and_none_counts_as_failed(app, host):
    worker = Worker(app)
    host.stop()
    for seconds in range(60):
        worker.run_due(float(seconds))
    host.start()
    assert not any(task.failures for task in worker.schedule.tasks)
    worker.run_due(62.0)
    with db.connection_context():
        assert not any(task.failures for task in worker.schedule.tasks)
    assert all(task.next_ticks > 62 for task in worker.schedule.tasks)


def test_a_process_that_found_no_server_is_started_again_however_often():
    child = Child("worker", ["-c", f"raise SystemExit({os.EX_TEMPFAIL})"], dict(os.environ))
    for _ in range(3 * MAX_FAST_EXITS):
        child.start()
        child.process.wait()
        child.restart_if_exited()
    assert child.start_at and sys.executable
