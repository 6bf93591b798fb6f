"""Declines, and refunds and disputes made at Braintree, on the pages of staff and customers."""

import pytest

from app.worker import Worker
from tests.payments.conftest import pay
from tests.support.pages import text_of


@pytest.fixture
def record(log_in, cast):
    """record("payments") is the text of a page of Cedar's record, as the administrator reads it."""
    ruth = log_in(cast.ruth)
    return lambda path: text_of(ruth.get(f"/customers/{cast.cedar.public_id}/{path}"))


@pytest.fixture
def compare(app):
    """The nightly comparison with Braintree's books."""

    def _compare():
        with app.extensions["database"].connection_context():
            Worker(app).audit_daily()

    return _compare


@pytest.fixture
def refunded(alice, owed, demo_gateway, gateway, compare):
    """The address of a payment of $600.00 of which $12.50 were refunded at Braintree."""
    url = pay(alice, owed.late).location
    charge = demo_gateway.transactions()[0]["id"]
    demo_gateway.settle(charge)
    gateway.sdk.transaction.refund(charge, "12.50")
    compare()
    return url


def test_staff_see_who_was_declined_of_what_and_why(alice, owed, demo_gateway, record):
    nonce = demo_gateway.nonces.tokenize("4000111111111115", "12", "2030", "123")["nonce"]
    pay(alice, owed.late, nonce=nonce)
    invoice = record(f"invoices/{owed.late.public_id}")
    assert "Payment of $600.00 by Alice Okafor declined Visa ending 1115: the bank did not say why (2000" in invoice
    assert "Visa ending 1115: the bank did not say why (2000 Do Not Honor)" in record("payments")


def test_customers_do_not_see_declines_on_the_invoice(alice, owed, demo_gateway):
    nonce = demo_gateway.nonces.tokenize("4000111111111115", "12", "2030", "123")["nonce"]
    pay(alice, owed.late, nonce=nonce)
    assert "declined" not in text_of(alice.get(f"/invoices/{owed.late.public_id}"))


def test_a_refund_is_shown_with_its_amount_to_staff(refunded, owed, record):
    assert "Refund of $12.50 made at Braintree" in record(f"invoices/{owed.late.public_id}")
    assert "Refund of $12.50 made at Braintree" in record("payments")


def test_a_refund_is_shown_with_its_amount_to_the_customer(refunded, alice):
    assert "Refunded $12.50," in text_of(alice.get(refunded))
    assert "$12.50 refunded" in text_of(alice.get("/payments"))


def test_a_dispute_is_shown_to_staff_with_amount_state_and_date_and_not_to_the_customer(
    alice, owed, demo_gateway, client, record
):
    url = pay(alice, owed.late).location
    signature, payload = demo_gateway.webhook("dispute_opened", demo_gateway.transactions()[0]["id"])
    client.post("/webhooks/braintree", data={"bt_signature": signature, "bt_payload": payload})
    for path in ("payments", f"invoices/{owed.late.public_id}"):
        assert "Dispute opened: $600.00, reason: fraud, answer by Dec 6, 2026" in record(path)
    assert "ispute" not in text_of(alice.get(url))
