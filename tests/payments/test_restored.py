"""While the payments are compared after a restore, no page offers to pay, and each says why."""

import pytest

from app.mail.alerts import queue_alerts
from app.models import Audit, Company, Deployment, OutboxMail
from app.worker import Worker
from tests.payments.conftest import open_form, pay, submit
from tests.support.pages import text_of

SENTENCE = "Online payment is paused while we check recent payments"


@pytest.fixture
def held(app, clock, cast):
    with app.extensions["database"].connection_context():
        Deployment.hold(clock(), int(clock().timestamp() * 1000))


def test_online_payment_is_not_offered_or_accepted_after_a_restore(alice, owed, held, demo_gateway):
    for path in ("/invoices", f"/invoices/{owed.late.public_id}", f"/payments/new?invoice={owed.late.public_id}"):
        page = text_of(alice.get(path))
        assert SENTENCE in page and "Try again later" in page, path
        assert "Pay this invoice" not in page and "bank transfer" not in page, path
    assert demo_gateway.transactions() == []


def test_repeated_form_shows_the_result(alice, owed, app, clock, demo_gateway):
    form = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        Deployment.hold(clock(), 0)
    page = text_of(submit(alice, form))
    assert SENTENCE in page and "You have not been charged" in page and demo_gateway.transactions() == []


def test_administrators_see_why(log_in, cast, owed, held):
    page = text_of(log_in(cast.ruth).get(f"/customers/{cast.cedar.public_id}/invoices/{owed.late.public_id}"))
    assert "paused: a backup was restored" in page


def test_the_worker_opens_payment_again_and_says_so(app, alice, owed, held, clock):
    clock.advance(minutes=3)
    with app.extensions["database"].connection_context():
        Worker(app).compare_restored()
        assert [line.event for line in Audit.alerts(0)] == ["restored", "restore_finished"]
    assert pay(alice, owed.late).status_code == 303


@pytest.fixture
def run(app):
    def _run(*words):
        result = app.test_cli_runner().invoke(args=list(words))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return _run


def test_the_console_compares_now(run, held, clock, demo_gateway):
    code, said = run("books", "compare")
    assert code == 0 and "stays paused for two minutes" in said
    clock.advance(minutes=3)
    demo_gateway.faults.add("search_down")
    code, said = run("books", "compare")
    assert code == 1 and "Braintree can't be reached now" in said
    assert run("books", "compare") == (0, "Compared. Online payment is open again.\n")
    assert run("books", "compare") == (0, "Compared.\n")


def test_console_resumes_payment_without_comparison(run, held):
    assert run("books", "resume", "--yes") == (0, "Online payment is open again.\n")
    code, said = run("books", "resume", "--yes")
    assert code == 1 and "not paused" in said


def test_the_alert_and_the_audit_trail_name_the_restore(app, log_in, cast, held, clock):
    with app.extensions["database"].connection_context():
        queue_alerts(Company.current(), clock(), "https://portal.example")
        mail = OutboxMail.get(OutboxMail.recipient == cast.ruth.email)
    assert mail.subject == "A backup was restored, and online payment is paused"
    assert "Comparing from:" in mail.text and "Last compared" not in mail.text
    assert mail.subject in text_of(log_in(cast.ruth).get("/audit?kind=payments"))
