"""A charge that is taken back later: the payer and the administrators are written to, once each."""

import pytest

from app.models import OutboxMail
from app.worker import Worker
from tests.payments.conftest import pay


@pytest.fixture
def work(app, clock):
    """The worker's round after `delta`, twice: each person is written to once."""

    def _work(**delta):
        clock.advance(**delta)
        with app.extensions["database"].connection_context():
            for _ in range(2):
                worker = Worker(app)
                worker.handle_webhooks()
                worker.poll_settlements()
                worker.audit_daily()
                worker.alert()

    return _work


@pytest.fixture
def mails(app):
    """mails(cast.alice): what waits for her but the receipt."""

    def _mails(person):
        with app.extensions["database"].connection_context():
            found = list(OutboxMail.newest_first())
        return [mail for mail in found if mail.recipient == person.email and not mail.key.startswith("receipt:")]

    return _mails


@pytest.mark.parametrize("settled", [False, True])
def test_late_decline_is_mailed_to_payer_and_administrators(alice, owed, demo_gateway, work, mails, cast, settled):
    url = pay(alice, owed.late).location
    charge = demo_gateway.transactions()[0]["id"]
    if settled:
        demo_gateway.settle(charge)
        work(minutes=5)
    demo_gateway.decline_settlement(charge)
    work(days=2)
    (letter,) = mails(cast.alice)
    assert "did not go through" in letter.subject and "INV-1037" in letter.text and "$600.00 to pay" in letter.html
    assert "Your bank approved it, then reversed it" in letter.text and url in letter.text
    (alert,) = mails(cast.ruth)
    assert "The bank reversed a payment: PAY-" in alert.subject and "Invoices: INV-1037" in alert.text
    assert "The invoice is open again. An email to alice@cedarlane.example is queued." in alert.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("sent", "An email to alice@cedarlane.example was sent."),
        ("saved", "Email to alice@cedarlane.example saved to a file, not sent: no mail server was set (SMTP_URL)."),
        ("refused", "Email to alice@cedarlane.example not delivered: 550 no such user. Check the address."),
        ("missing", "No email to alice@cedarlane.example could be written: tell them."),
    ],
)
def test_the_alert_says_what_became_of_the_email_to_the_payer(
    app, clock, alice, owed, demo_gateway, mails, cast, state, words
):
    pay(alice, owed.late)
    demo_gateway.decline_settlement(demo_gateway.transactions()[0]["id"])
    clock.advance(days=2)
    with app.extensions["database"].connection_context():
        Worker(app).poll_settlements()
        letter = OutboxMail.get(kind="taken_back")
        if state == "sent":
            letter.sent(clock(), keep=False)
        elif state == "saved":
            letter.saved(clock())
        elif state == "refused":
            letter.fail(OutboxMail.REFUSED, clock(), "550 no such user")
        else:
            letter.delete_instance()
        Worker(app).alert()
    alert = next(mail for mail in mails(cast.ruth) if mail.kind == "alert")
    assert f"The invoice is open again. {words}" in " ".join(alert.text.split())


def test_void_in_the_control_panel_is_mailed(alice, owed, gateway, demo_gateway, work, mails, cast):
    pay(alice, owed.late)
    gateway.void(demo_gateway.transactions()[0]["id"])
    work(minutes=5)
    (letter,) = mails(cast.alice)
    assert "was canceled" in letter.subject and "before any money moved" in letter.text
    assert len(mails(cast.ruth)) == 1


def test_settled_charge_sends_no_mail(alice, owed, demo_gateway, work, mails, cast):
    pay(alice, owed.late)
    work(days=1)
    assert mails(cast.alice) == mails(cast.ruth) == []
