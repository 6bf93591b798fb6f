"""Answers that can't be read, or that make a look fail: they are bounded, and end with a person who can decide."""

from decimal import Decimal

import pytest

from app import money
from app.models import Attempt, Webhook
from app.payments.checkout import BeingConfirmed
from app.payments.gateway.protocol import GatewayUnreachable
from tests.support.portal import ReplacedAnswer

HUGE = ["1e200000", "1e999990", "-1e999990", "1e5000", "-1e5000", "99999999999999999999", "1e25"]
NO_AMOUNTS = [*HUGE, "0", "0e999999", "-100.00", "NaN", "sNaN", "Infinity", "1e-5000", "1e-999999"]
LONG = (2, 2, 2, 240, 5, 5, 10, 10, 10)


class NotToBeConverted(Decimal):
    """int() of a huge Decimal holds the interpreter for seconds: nothing may try it."""

    def __int__(self):
        raise AssertionError("converted before its size was looked at")

    def scaleb(self, *args):
        return NotToBeConverted(super().scaleb(*args))


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_amount_that_the_ledger_cannot_hold_is_refused(amount):
    with pytest.raises(money.AmountError):
        money.from_decimal(NotToBeConverted(amount), "USD")


def test_an_amount_with_too_many_digits_is_refused_in_few_words():
    for amount in ("10.005", "9" * 1_000_000, "0." + "0" * 1_100_000 + "1", "1." + "0" * 1_000_000 + "1"):
        with pytest.raises(money.AmountError) as refused:
            money.from_decimal(Decimal(amount), "USD")
        assert len(str(refused.value)) < 100


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.01", "USD", 1),
        ("100", "USD", 10_000),
        ("1E+2", "USD", 10_000),
        ("10000000000000.00", "USD", 10**15),
        ("1", "JPY", 1),
        ("0.001", "KWD", 1),
        ("12.5000", "USD", 1250),
    ],
)
def test_amounts_that_a_ledger_can_hold_are_read(amount, currency, minor):
    assert money.from_decimal(Decimal(amount), currency) == minor


@pytest.mark.parametrize("amount", ["1e200000", "1e5000", "-1e5000", "0", "-100.00", "99999999999999999999"])
@pytest.mark.parametrize("settled", [False, True])
def test_a_payment_whose_amount_cant_be_read_waits_for_a_person(portal, amount, settled):
    for on in ("sale", "find", "fetch"):
        portal.demo.faults.add("altered_response", on=on, times=None, amount=amount)
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    if settled:
        portal.demo.settle(portal.demo.transactions()[0]["id"])
    portal.recover(LONG, audit=False)
    assert Attempt.get().needs_decision
    portal.demo.faults.clear()
    portal.recover()
    portal.check()


@pytest.mark.parametrize("error", [ValueError("Exceeds the limit"), KeyError("x"), RecursionError()])
@pytest.mark.parametrize("call", ["find_by_order", "find", "void"])
def test_failed_lookup_waits_for_a_decision(portal, error, call):
    portal.demo.faults.add("altered_sale", amount="1.50")
    portal.pay(portal.invoice())
    portal.demo.settle(portal.demo.transactions()[0]["id"])

    def fail(_answer):
        raise error

    portal.gateway = ReplacedAnswer(portal.gateway, **{call: fail})
    portal.recover(LONG, audit=False)
    assert Attempt.get().needs_decision


@pytest.mark.parametrize("wrong", [{"id": "../../x"}, {"id": "a\nb"}, {"id": "x" * 5000}])
def test_an_id_that_cant_be_one_is_never_asked_about(portal, wrong):
    portal.demo.faults.add("altered_response", **wrong)
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    assert Attempt.get().named_id == ""
    portal.recover()
    portal.check()


def test_a_notice_whose_look_always_fails_is_given_up_after_a_day(portal):
    portal.pay(portal.invoice())
    Webhook.store("one", "transaction_settled", portal.live()[0]["id"], "", int(portal.clock().timestamp() * 1000))

    def fail(_answer):
        raise ValueError

    portal.gateway = ReplacedAnswer(portal.gateway, find=fail)
    portal.handle_webhooks()
    assert Webhook.unhandled().count() == 1
    portal.clock.advance(days=2)
    portal.handle_webhooks()
    assert Webhook.unhandled().count() == 0


def test_text_of_the_gateway_is_cut(portal):
    portal.pay(portal.invoice())
    portal.demo.faults.add("altered_response", on="find", status="y" * 100_000)
    assert len(portal.gateway.find(portal.live()[0]["id"]).raw_status) == 255
    portal.demo.faults.add("altered_response", on="find", currency="x" * 100_000)
    with pytest.raises(GatewayUnreachable) as refused:
        portal.gateway.find(portal.live()[0]["id"])
    assert len(str(refused.value)) < 400
