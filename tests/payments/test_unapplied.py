"""Money that stands at the gateway and pays nothing yet: the payer's page says so, and asks for no second payment."""

import pytest

from app.models import Company
from app.payments.cashier import Cashier
from app.payments.reconciliation import reconcile
from app.payments.settlement import audit_gateway
from tests.payments.conftest import pay
from tests.support.pages import text_of


@pytest.fixture
def work(app, gateway, clock):
    """work(minutes=2) moves the clock and lets the worker find out; with audit=True it also compares the books."""

    def _work(audit=False, **delta):
        clock.advance(**delta)
        with app.extensions["database"].connection_context():
            reconcile(Cashier.of(app, Company.current()))
            if audit:
                audit_gateway(Cashier.of(app, Company.current()))

    return _work


def given_up(client, invoice, gateway, demo_gateway, work) -> str:
    """Pay, lose the answer, and give up as searches show nothing; the payment's page."""
    gateway.key_allowed = False
    demo_gateway.faults.add("lost_response")
    nonce = demo_gateway.nonces.tokenize("4111111111111111", "12", "2030", "123")["nonce"]
    url = pay(client, invoice, nonce=nonce).location
    demo_gateway.faults.add("search_lag", times=100, seconds=86_400)
    work(minutes=2)
    work(hours=4)
    for minutes in (5, 5, 10):
        work(minutes=minutes)
    demo_gateway.faults.clear()
    return url


def test_live_charge_of_another_amount_offers_no_second_payment(alice, owed, demo_gateway, work):
    demo_gateway.faults.add("altered_sale", amount="90.00")
    url = pay(alice, owed.late).location
    demo_gateway.settle(demo_gateway.transactions()[0]["id"])
    work(minutes=2)
    page = text_of(alice.get(url))
    assert "charged a different amount" in page and "Contact us before you pay again." in page
    assert "$90.00, not applied to an invoice" in page
    assert "Try again" not in page and "You can try again" not in page and "Payment not taken" not in page


def test_a_payment_that_was_given_up_and_found_later_says_that_the_card_was_charged(
    alice, owed, gateway, demo_gateway, work, log_in, cast
):
    url = given_up(alice, owed.late, gateway, demo_gateway, work)
    alice = log_in(cast.alice)
    assert "You have not been charged." in text_of(alice.get(url))
    work(audit=True, minutes=1)
    page = text_of(alice.get(url))
    assert "You have not been charged" not in page and "Try again" not in page
    assert "Your card was charged" in page and "$600.00, not applied to an invoice" in page
    assert "Not taken" not in text_of(alice.get("/payments"))


def test_once_such_money_has_gone_back_the_customer_may_pay_again(
    alice, owed, gateway, demo_gateway, work, log_in, cast
):
    demo_gateway.settle_after = 30 * 86_400
    url = given_up(alice, owed.late, gateway, demo_gateway, work)
    work(audit=True, minutes=1)
    gateway.void(demo_gateway.transactions()[0]["id"])
    work(audit=True, minutes=1)
    page = text_of(log_in(cast.alice).get(url))
    assert "You have not been charged." in page and "Try again" in page


def test_such_money_that_was_refunded_in_the_control_panel_has_gone_back(
    alice, owed, gateway, demo_gateway, work, log_in, cast
):
    url = given_up(alice, owed.late, gateway, demo_gateway, work)
    charge = demo_gateway.transactions()[0]["id"]
    work(audit=True, minutes=1)
    demo_gateway.settle(gateway.sdk.transaction.refund(charge).transaction.id)
    work(audit=True, minutes=1)
    work(audit=True, minutes=1)
    assert "Try again" in text_of(log_in(cast.alice).get(url))


def test_a_charge_of_another_amount_that_was_taken_back_is_in_the_past(alice, owed, demo_gateway, work):
    demo_gateway.faults.add("altered_sale", amount="90.00")
    url = pay(alice, owed.late).location
    charge = demo_gateway.transactions()[0]["id"]
    demo_gateway.settle(charge)
    work(minutes=2)
    demo_gateway.decline_settlement(charge)
    work(audit=True, minutes=1)
    page = text_of(alice.get(url))
    assert "That charge was reversed." in page and "Try again" in page


def test_a_second_charge_that_cant_be_voided_is_said_to_the_payer(alice, owed, demo_gateway, work):
    demo_gateway.faults.add("charged_twice")
    url = pay(alice, owed.late).location
    for transaction in demo_gateway.transactions():
        demo_gateway.settle(transaction["id"])
    assert "second time" not in text_of(alice.get(url))
    work(audit=True, minutes=1)
    page = text_of(alice.get(url))
    assert "Payment received" in page and "Your card was charged a second time" in page
    assert "$600.00, not applied to an invoice" in page
