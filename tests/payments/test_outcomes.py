"""Every fault of the gateway, through the pay page: what the customer reads, what recovery makes of it,
and that money moved at most once."""

from dataclasses import replace

import pytest

from app.models import Attempt, Invoice
from app.payments.gateway.protocol import Charged, Transaction
from tests.payments.conftest import fields_of, pay_url
from tests.support.pages import text_of
from tests.support.portal import Portal, ReplacedAnswer, unreachable

CONFIRMING, PAID, NOT_CHARGED = "We are checking your payment", "Payment received", "You have not been charged"

# fault, options, key allowed; what the customer reads; what it comes to in the end
OUTCOMES = [
    ("lost_request", {}, True, CONFIRMING, "approved"),
    ("lost_request", {}, False, CONFIRMING, "approved"),
    ("lost_response", {}, True, CONFIRMING, "approved"),
    ("lost_response", {}, False, CONFIRMING, "approved"),
    ("lost_response", {"error": "reset"}, True, CONFIRMING, "approved"),
    ("slow", {"seconds": 5}, True, PAID, "approved"),
    ("slow", {"seconds": 90}, True, CONFIRMING, "approved"),
    ("slow", {"seconds": 90}, False, CONFIRMING, "approved"),
    ("slow", {"seconds": 40, "when": "during"}, True, CONFIRMING, "approved"),
    ("slow", {"seconds": 90, "when": "during"}, True, CONFIRMING, "approved"),
    ("slow", {"seconds": 90, "when": "during"}, False, CONFIRMING, "approved"),
    ("slow", {"seconds": 40, "when": "after"}, True, CONFIRMING, "approved"),
    ("error_500", {}, True, CONFIRMING, "approved"),
    ("error_500", {"processed": True}, True, CONFIRMING, "approved"),
    ("error_500", {"processed": True}, False, CONFIRMING, "approved"),
    ("error_502", {"processed": True}, True, CONFIRMING, "approved"),
    ("error_503", {}, True, CONFIRMING, "approved"),
    ("error_504", {"processed": True}, True, CONFIRMING, "approved"),
    ("error_408", {}, True, CONFIRMING, "approved"),
    ("error_408", {"processed": True}, False, CONFIRMING, "approved"),
    ("error_429", {}, True, NOT_CHARGED, "declined"),
    ("error_401", {}, True, NOT_CHARGED, "declined"),
    ("error_403", {}, True, NOT_CHARGED, "declined"),
    ("error_426", {}, True, NOT_CHARGED, "declined"),
    *(
        (f"error_{status}", {"processed": done}, True, CONFIRMING, "approved")
        for status in (400, 404, 409, 422, 501)
        for done in (False, True)
    ),
    *(
        ("gateway_rejected", {"reason": reason}, True, NOT_CHARGED, "declined")
        for reason in (
            "application_incomplete",
            "avs",
            "avs_and_cvv",
            "cvv",
            "excessive_retry",
            "fraud",
            "risk_threshold",
            "three_d_secure",
            "token_issuance",
            "a_new_reason",
        )
    ),
    *(("declined", {"code": code}, True, NOT_CHARGED, "declined") for code in ("2000", "2038", "2047", "2999", "0051")),
    ("failed", {}, True, NOT_CHARGED, "declined"),
    ("garbage", {}, True, CONFIRMING, "approved"),
    ("garbage", {}, False, CONFIRMING, "approved"),
    ("garbage", {"processed": False}, True, CONFIRMING, "approved"),
    ("truncated", {}, True, CONFIRMING, "approved"),
    ("empty", {}, True, CONFIRMING, "approved"),
    ("html", {}, True, CONFIRMING, "approved"),
    ("html", {"status": 200}, True, CONFIRMING, "approved"),
    ("interrupted", {}, True, CONFIRMING, "approved"),
    ("key_not_allowed", {}, True, PAID, "approved"),
    ("validation_error", {"code": "91513"}, True, NOT_CHARGED, "declined"),
    ("validation_error", {"code": "915232"}, True, CONFIRMING, "approved"),
    ("validation_error", {"code": "915233"}, True, CONFIRMING, "approved"),
    ("validation_error", {"code": "915234"}, True, CONFIRMING, "approved"),
    ("validation_error", {"code": "915235"}, True, CONFIRMING, "approved"),
    ("validation_error", {"code": "91564"}, True, NOT_CHARGED, "declined"),
    ("validation_error", {"code": "91566"}, True, NOT_CHARGED, "declined"),
    ("altered_sale", {"amount": "1.00"}, True, CONFIRMING, "declined"),
    ("altered_sale", {"currency": "EUR"}, True, CONFIRMING, "declined"),
    ("altered_sale", {"order_id": "another-order"}, False, CONFIRMING, "sent"),
]


@pytest.fixture
def page(app, cast, config, demo_gateway, gateway, clock, log_in):
    """Alice in front of the pay page of one invoice, and the portal behind it."""
    demo_gateway.settle_after = 12 * 3600
    portal = Portal(config, demo_gateway, gateway, clock)
    portal.cast, portal.database, portal.client = cast, app.extensions["database"], log_in(cast.alice)
    portal.database.connect(reuse_if_open=True)
    portal.owed = portal.invoice(10_000)
    yield portal
    portal.database.close()


def ask(page, method: str, url: str, **more):
    """A request, and the database's connection back, which every request closes."""
    response = getattr(page.client, method)(url, follow_redirects=True, **more)
    page.database.connect(reuse_if_open=True)
    return response


def press_pay(page, nonce=None):
    form = ask(page, "get", pay_url(page.owed)).get_data(as_text=True)
    filled = {**fields_of(form), "payment_method_nonce": nonce or page.nonce(), "pay": "full"}
    return ask(page, "post", "/payments", data=filled)


@pytest.mark.parametrize(("fault", "options", "key", "reads", "state"), OUTCOMES, ids=lambda value: str(value))
def test_a_fault_while_charging(page, fault, options, key, reads, state):
    page.gateway.key_allowed = key
    page.demo.faults.add(fault, **options)
    assert reads in text_of(press_pay(page))
    page.check(recovered=False)
    page.recover()
    page.check(recovered=state != "sent")
    assert Attempt.get().state == state
    charged = [c for c in page.live() if c["order_id"] == Attempt.get().order_id]
    assert len(charged) == (state == "approved")
    assert Invoice.get_by_id(page.owed.id).open_minor == (10_000 if state == "declined" else 0)
    assert Attempt.get().needs_decision == (state == "sent")


@pytest.mark.parametrize("lost", [True, False])
def test_one_of_two_charges_is_kept_with_an_alert(page, lost):
    page.demo.faults.add("charged_twice")
    gateway = page.client.application.extensions["gateway"]
    page.client.application.extensions["gateway"] = ReplacedAnswer(gateway, charge=unreachable) if lost else gateway
    assert (CONFIRMING if lost else PAID) in text_of(press_pay(page))
    page.clock.advance(minutes=2)
    page.reconcile()
    page.audit()
    page.check()
    assert len(page.live()) == 1 and page.alerts() == ["payment.double"]


def test_a_charge_under_another_order_comes_to_a_person(page):
    page.gateway.key_allowed = False
    page.demo.faults.add("altered_sale", order_id="another-order")
    press_pay(page)
    page.recover()
    assert page.alerts() == ["payment.mismatch", "payment.undecided"] and Attempt.get().needs_decision


@pytest.mark.parametrize("wrong", [{"amount_minor": 1}, {"currency": "EUR"}, {"order_id": "another"}])
def test_answer_about_another_charge_is_rejected(page, wrong):
    answer = ReplacedAnswer(page.gateway, charge=lambda verdict: Charged(replace(verdict.transaction, **wrong)))
    page.client.application.extensions["gateway"] = answer
    assert CONFIRMING in text_of(press_pay(page))
    page.recover()
    page.check()
    assert Attempt.get().state == Attempt.APPROVED and len(page.live()) == 1


@pytest.mark.parametrize("lag", [30, 120, 3_600])
@pytest.mark.parametrize("key", [True, False])
def test_a_search_that_lags_never_leads_to_a_second_charge(page, lag, key):
    page.gateway.key_allowed, page.demo.search_lag = key, lag
    page.demo.faults.add("lost_response")
    press_pay(page)
    page.recover()
    page.check()
    assert Attempt.get().state == Attempt.APPROVED and len(page.live()) == 1


@pytest.mark.parametrize("fault", ["search_down", "error_500", "garbage", "empty", "lost_request", "error_429"])
def test_a_search_that_fails_is_asked_again(page, fault):
    page.demo.faults.add("lost_response")
    page.demo.faults.add(fault, on="search", times=3)
    press_pay(page)
    page.recover()
    page.check()
    assert Attempt.get().state == Attempt.APPROVED and len(page.live()) == 1


@pytest.mark.parametrize("status", ["authenticate_rejected", "authenticate_frictionless_failed"])
def test_a_card_whose_bank_said_no_is_not_charged_and_nothing_is_kept(page, status):
    from braintree_emulator import cards

    nonce = page.demo.nonces.with_three_d_secure(page.nonce(), cards.three_d_secure_info(status))["nonce"]
    assert NOT_CHARGED in text_of(press_pay(page, nonce))
    assert page.demo.transactions() == [] and Attempt.select().count() == 0


def test_pressing_pay_again_while_it_is_being_confirmed_charges_nothing_more(page):
    form = fields_of(ask(page, "get", pay_url(page.owed)).get_data(as_text=True))
    page.demo.faults.add("lost_response")
    for _ in range(3):
        again = {**form, "payment_method_nonce": page.nonce(), "pay": "full"}
        assert CONFIRMING in text_of(ask(page, "post", "/payments", data=again))
    page.recover()
    page.check()
    assert len(page.live()) == 1


def test_a_declined_charge_whose_answer_was_lost_frees_the_invoice(page):
    page.demo.faults.add("lost_response")
    press_pay(page, page.nonce("4000111111111115"))
    page.recover()
    page.check()
    assert Attempt.get().state == Attempt.DECLINED and page.demo.transactions()[0]["status"] != Transaction.SETTLED
    assert Invoice.get_by_id(page.owed.id).open_minor == 10_000
