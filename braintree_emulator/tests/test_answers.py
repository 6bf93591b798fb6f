"""Every answer that Braintree documents can be produced, for every call that can give it."""

import json

import pytest
from braintree import Transaction, TransactionSearch, exceptions
from requests.exceptions import ReadTimeout

from braintree_emulator.endpoints import RULES
from braintree_emulator.fault_injection import CALLS, STATUSES
from braintree_emulator.tests.conftest import codes

REASONS = [value for name, value in vars(Transaction.GatewayRejectionReason).items() if not name.startswith("_")]
STATUSES_OF_SDK = [value for name, value in vars(Transaction.Status).items() if not name.startswith("_")]
CUSTOMER = {"id": "ann"}


@pytest.fixture
def calls(sdk, sell, emulator):
    """call name: a function that makes that call, successfully without a fault."""
    sdk.customer.create(CUSTOMER)
    token = sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": "fake-valid-nonce"})
    sold = [sell(order_id=f"{n}").transaction.id for n in range(4)]
    emulator.settle(sold[1])
    return {
        "sale": lambda: sell(order_id="new"),
        "find": lambda: sdk.transaction.find(sold[0]),
        "search": lambda: list(sdk.transaction.search(TransactionSearch.order_id == "0").items),
        "fetch": lambda: list(sdk.transaction.search(TransactionSearch.order_id == "0").items),
        "void": lambda: sdk.transaction.void(sold[2]),
        "refund": lambda: sdk.transaction.refund(sold[1]),
        "settle": lambda: sdk.testing.settle_transaction(sold[3]),
        "client_token": lambda: sdk.client_token.generate(),
        "nonce": lambda: sdk.payment_method_nonce.create(token.payment_method.token),
        "payment_method": lambda: sdk.payment_method.find(token.payment_method.token),
        "customer": lambda: sdk.customer.find("ann"),
        "account": lambda: sdk.merchant_account.find("demo_usd"),
    }


def test_every_endpoint_has_a_name_for_faults(calls):
    assert {rule.endpoint[1] for rule in RULES} == set(calls) <= CALLS


@pytest.mark.parametrize("status", [401, 403, 404, 408, 426, 429, 500, 503, 504])
def test_every_call_can_answer_with_every_status_that_the_sdk_knows(calls, emulator, status):
    assert f"error_{status}" in STATUSES
    for name, call in calls.items():
        emulator.faults.add(f"error_{status}", on=name)
        with pytest.raises(exceptions.braintree_error.BraintreeError):
            call()
        assert emulator.faults.pending() == [], name


@pytest.mark.parametrize("fault", ["lost_request", "lost_response"])
def test_every_call_can_be_lost(calls, emulator, fault):
    for name, call in calls.items():
        emulator.faults.add(fault, on=name)
        with pytest.raises(ReadTimeout):
            call()


def test_an_empty_422_is_no_result(sell, emulator):
    emulator.faults.add("error_422")
    assert sell() is None


@pytest.mark.parametrize("reason", REASONS)
def test_every_gateway_rejection_reason(sell, emulator, reason):
    emulator.faults.add("gateway_rejected", reason=reason)
    rejected = sell()
    assert (rejected.message, rejected.transaction.status) == (f"Gateway Rejected: {reason}", "gateway_rejected")
    assert rejected.transaction.gateway_rejection_reason == reason


@pytest.mark.parametrize(("code", "kind"), [("2038", "soft_declined"), ("2047", "hard_declined")])
def test_a_decline_of_any_amount(sell, emulator, code, kind):
    emulator.faults.add("declined", code=code)
    declined = sell().transaction
    assert (declined.processor_response_code, declined.processor_response_type) == (code, kind)
    emulator.faults.add("failed")
    assert sell().transaction.status == "failed"


def test_a_declined_verification(sdk, emulator):
    sdk.customer.create(CUSTOMER)
    emulator.faults.add("declined", on="payment_method", code="2010")
    refused = sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": "fake-valid-nonce"})
    verification = refused.credit_card_verification
    assert (verification.status, verification.processor_response_code) == ("processor_declined", "2010")
    assert sdk.customer.find("ann").payment_methods == []


def test_a_declined_refund(sdk, sell, emulator):
    sold = sell().transaction.id
    emulator.settle(sold)
    emulator.faults.add("declined", on="refund", code="2015")
    declined = sdk.transaction.refund(sold)
    assert (declined.message, declined.transaction.type) == ("Transaction Not Allowed", "credit")
    assert sdk.transaction.find(declined.transaction.id).status == "processor_declined"
    assert sdk.transaction.refund(sold).is_success


@pytest.mark.parametrize("code", ["915200", "915201"])
def test_a_refused_refund(sdk, sell, emulator, code):
    sold = sell().transaction.id
    emulator.settle(sold)
    emulator.faults.add("validation_error", on="refund", code=code)
    assert codes(sdk.transaction.refund(sold)) == [code]
    assert sdk.transaction.refund(sold).is_success


@pytest.mark.parametrize("status", STATUSES_OF_SDK)
def test_a_transaction_can_be_in_every_status(sdk, sell, emulator, status):
    sold = sell().transaction.id
    emulator.move(sold, status)
    found = sdk.transaction.find(sold)
    assert found.status == found.status_history[-1].status == status


def test_a_transaction_is_declined_after_it_was_authorizing(sdk, sell, emulator):
    emulator.faults.add("sale_status", status="authorizing")
    sold = sell().transaction.id
    emulator.move(sold, "processor_declined", "2001")
    found = sdk.transaction.find(sold)
    assert (found.processor_response_code, found.processor_response_text) == ("2001", "Insufficient Funds")
    emulator.move(sold, "gateway_rejected", "risk_threshold")
    assert sdk.transaction.find(sold).gateway_rejection_reason == "risk_threshold"


@pytest.mark.parametrize(
    ("number", "days"),
    [
        ("4111111111111111", 8),
        ("5555555555554444", 7),
        ("378282246310005", 7),
        ("6011111111111117", 30),
    ],
)
def test_an_authorization_expires(sdk, sell, emulator, clock, number, days):
    card = emulator.tokenize(number, cvv="1234" if number[0] == "3" else "123")
    sold = sell(nonce=card, options={"submit_for_settlement": False}).transaction
    assert (sold.authorization_expires_at - sold.created_at).days == days
    clock.advance(days=days, seconds=-1)
    assert sdk.transaction.find(sold.id).status == "authorized"
    clock.advance(seconds=1)
    assert sdk.transaction.find(sold.id).status == "authorization_expired"
    assert codes(sdk.transaction.submit_for_settlement(sold.id)) == ["91507"]
    assert codes(sdk.transaction.void(sold.id)) == ["91504"]


@pytest.mark.parametrize("name", ["sale", "find", "fetch", "void", "refund", "settle", "customer", "account"])
def test_the_response_to_every_call_can_miss_its_id(calls, emulator, name):
    emulator.faults.add("altered_response", on=name, missing=["id"])
    answer = calls[name]()
    answer = answer[0] if isinstance(answer, list) else answer
    assert not hasattr(getattr(answer, "transaction", answer), "id")


def test_a_declined_sale_can_miss_its_id(sell, emulator):
    emulator.faults.add("altered_response", missing=["id", "processor_response_code"])
    declined = sell("2000.00").transaction
    assert not hasattr(declined, "id") and not hasattr(declined, "processor_response_code")


def test_a_call_that_is_not_emulated_says_so(sdk):
    with pytest.raises(exceptions.UnexpectedError, match="501"):
        sdk.plan.all()


def test_the_controls_make_nonces_and_move_transactions(server, wire_emulator, wire_sdk, control):
    nonce = control("POST", "nonces", {"number": "5555555555554444"})["nonce"]
    sold = wire_sdk.transaction.sale({"amount": "10.00", "payment_method_nonce": nonce}).transaction
    assert sold.credit_card_details.card_type == "MasterCard"
    assert control("POST", "move", {"id": sold.id, "status": "failed"})["processor_response_code"] == "3000"
    wire_emulator.faults.add("slow")
    assert [fault["name"] for fault in control("GET", "faults")] == ["slow"]
    assert "Credit card number is invalid" in json.dumps(control("POST", "nonces", {"number": "4111111111111112"}))
