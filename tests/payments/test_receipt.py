"""The receipt by mail: queued once, with the verdict, and honest about what is known."""

import pytest

from app.models import OutboxMail
from tests.payments.conftest import open_form, pay, submit


@pytest.fixture
def outbox(app):
    def _outbox():
        with app.extensions["database"].connection_context():
            return [mail for mail in OutboxMail.newest_first() if mail.key.startswith("receipt:")]

    return _outbox


def test_one_payment_is_one_receipt(alice, owed, outbox):
    fields = open_form(alice, owed.late)
    for _ in range(3):
        submit(alice, fields)
    assert len(outbox()) == 1


def test_receipt_goes_to_the_payer(alice, owed, outbox):
    url = pay(alice, owed.late, owed.due, pay="part", amount="700.25").location
    (mail,) = outbox()
    reference = url.removeprefix("/payments/")
    assert mail.recipient == "alice@cedarlane.example"
    assert mail.subject == f"Your payment of $700.25 to Harbor & Pine Supply ({reference})"
    for part in (mail.text, mail.html.replace("<br>", ": ")):
        assert "$1,086.25 left to pay" in part and "now paid" in part and "Visa ending 1111" in part
        assert f"http://localhost{url}" in part and "Processing" in part


def test_receipt_never_claims_that_the_money_has_arrived(alice, owed, outbox):
    pay(alice, owed.late)
    (mail,) = outbox()
    for part in (mail.text, mail.html):
        about_the_mail = "you received this because"  # the footer
        said = part.lower().replace(about_the_mail, "")
        assert "received" not in said and "arrived" not in said


def test_a_decline_or_an_unknown_end_sends_none(alice, owed, outbox, demo_gateway):
    pay(alice, owed.late, nonce="fake-processor-declined-visa-nonce")
    demo_gateway.faults.add("lost_response", on="sale")
    pay(alice, owed.due)
    assert outbox() == []


def test_hostile_names_stay_text(alice, cast, make_invoice, outbox):
    pay(alice, make_invoice(cast.cedar, "<b>1</b>\r\nBcc: eve@evil.example", 1000))
    (mail,) = outbox()
    assert "<b>1</b>" not in mail.html and "\n" not in mail.subject
