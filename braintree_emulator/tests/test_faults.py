"""Faults without a socket: what the client sees, and what really happened."""

from xml.parsers.expat import ExpatError

import pytest
from braintree import exceptions
from requests.exceptions import ChunkedEncodingError, ConnectionError, ReadTimeout

from braintree_emulator.tests.conftest import codes


@pytest.mark.parametrize(
    ("name", "options", "error", "charged"),
    [
        ("lost_request", {}, ReadTimeout, 0),
        ("lost_request", {"error": "reset"}, ConnectionError, 0),
        ("lost_response", {}, ReadTimeout, 1),
        ("lost_response", {"error": "reset"}, ConnectionError, 1),
        ("slow", {"when": "after"}, ReadTimeout, 1),
        ("error_500", {}, exceptions.ServerError, 0),
        ("error_500", {"processed": True}, exceptions.ServerError, 1),
        ("error_503", {}, exceptions.ServiceUnavailableError, 0),
        ("error_408", {"processed": True}, exceptions.RequestTimeoutError, 1),
        ("error_400", {}, exceptions.UnexpectedError, 0),
        ("error_401", {}, exceptions.AuthenticationError, 0),
        ("error_403", {}, exceptions.AuthorizationError, 0),
        ("error_404", {}, exceptions.NotFoundError, 0),
        ("error_409", {}, exceptions.UnexpectedError, 0),
        ("error_426", {}, exceptions.UpgradeRequiredError, 0),
        ("error_429", {}, exceptions.TooManyRequestsError, 0),
        ("error_501", {}, exceptions.UnexpectedError, 0),
        ("error_502", {}, exceptions.UnexpectedError, 0),
        ("error_504", {"processed": True}, exceptions.GatewayTimeoutError, 1),
        ("garbage", {}, ExpatError, 1),
        ("garbage", {"processed": False}, ExpatError, 0),
        ("truncated", {}, ExpatError, 1),
        ("interrupted", {}, ChunkedEncodingError, 1),
    ],
)
def test_a_fault_strikes_once(sell, demo, name, options, error, charged):
    demo.faults.add(name, on="sale", **options)
    with pytest.raises(error):
        sell(order_id="a")
    assert len(demo.transactions("a")) == charged
    assert sell(order_id="b").is_success


@pytest.mark.parametrize("name", ["empty", "html"])
def test_an_answer_without_content_is_none_to_the_sdk(sell, demo, name):
    demo.faults.add(name, status=200)
    assert sell(order_id="a") is None
    assert len(demo.transactions("a")) == 1


def test_a_slow_charge_happens_after_the_client_gave_up(sell, nonce, demo, clock):
    demo.faults.add("slow", seconds=90)
    with pytest.raises(ReadTimeout):
        sell(nonce=nonce(), order_id="a")
    clock.advance(seconds=89)
    assert demo.transactions() == []
    clock.advance(seconds=1)
    assert len(demo.transactions("a")) == 1


def test_an_answer_within_the_clients_patience_is_an_answer(sell, demo):
    demo.faults.add("slow", seconds=30)
    assert sell().is_success


def test_in_flight_locks_nonce_and_key(sell, nonce, demo, clock):
    card = nonce()
    demo.faults.add("in_flight", seconds=50)
    with pytest.raises(ReadTimeout):
        sell(nonce=card, order_id="a", api_request_key="k")
    assert codes(sell(nonce=card, order_id="a")) == ["91566"]
    assert codes(sell(nonce=card, order_id="a", api_request_key="k")) == ["915233"]
    clock.advance(seconds=50)
    assert sell(nonce=card, order_id="a", api_request_key="k").transaction.order_id == "a"
    assert len(demo.transactions()) == 1


def test_a_late_charge_whose_nonce_was_taken_does_not_happen(sell, nonce, demo, clock):
    card = nonce()
    demo.faults.add("slow", seconds=90)
    with pytest.raises(ReadTimeout):
        sell(nonce=card, order_id="a")
    assert sell(nonce=card, order_id="a").is_success
    clock.advance(seconds=90)
    assert len(demo.transactions()) == 1


def test_faults_are_put_on_kinds_of_call_and_counted(sdk, sell, demo):
    sold = sell().transaction.id
    demo.faults.add("error_503", on="find", times=2)
    demo.faults.add("error_500", on="void")
    assert sell("11.00").is_success
    for _ in range(2):
        with pytest.raises(exceptions.ServiceUnavailableError):
            sdk.transaction.find(sold)
    assert sdk.transaction.find(sold).id == sold
    with pytest.raises(exceptions.ServerError):
        sdk.transaction.void(sold)
    assert demo.faults.pending() == []


def test_a_fault_without_end_stays_until_it_is_cleared(sdk, sell, demo):
    demo.faults.add("error_503", on="any", times=None)
    for _ in range(3):
        with pytest.raises(exceptions.ServiceUnavailableError):
            sdk.client_token.generate()
    demo.faults.clear()
    assert sdk.client_token.generate()


def test_a_refusal_of_choice(sell, demo):
    demo.faults.add("validation_error", code="91513")
    assert codes(sell()) == ["91513"]
    demo.faults.add("key_not_allowed", times=2)
    assert codes(sell(api_request_key="k")) == ["915231"]
    assert sell().is_success


def test_another_amount_than_asked_for(sell, demo):
    demo.faults.add("altered_sale", amount="12.34", currency="EUR", order_id="other")
    sold = sell(order_id="a").transaction
    assert (str(sold.amount), sold.currency_iso_code, sold.order_id) == ("12.34", "EUR", "other")


def test_charged_twice(sell, demo):
    demo.faults.add("charged_twice")
    sold = sell(order_id="a").transaction.id
    both = [transaction["id"] for transaction in demo.transactions("a")]
    assert (len(both), both[-1]) == (2, sold)


@pytest.mark.parametrize("status", ["authorizing", "settlement_pending", "held_for_review", "failed"])
def test_a_sale_is_left_in_any_status_until_it_is_moved_by_hand(sdk, sell, demo, clock, status):
    demo.faults.add("sale_status", status=status)
    sold = sell().transaction
    clock.advance(days=2)
    assert sold.status == sdk.transaction.find(sold.id).status == status
    demo.move(sold.id, "submitted_for_settlement")
    clock.advance(days=2)
    assert sdk.transaction.find(sold.id).status == "settled"
    demo.refund(sold.id, "4.00")
    demo.move(sold.id, "processor_declined")
    assert sdk.transaction.find(sold.id).status == "processor_declined"


def test_the_response_to_a_sale_can_be_altered(sdk, sell, demo):
    demo.faults.add("altered_response", id="other123", status=None, missing=["order_id"])
    sold = sell(order_id="a").transaction
    assert (sold.id, sold.status, hasattr(sold, "order_id")) == ("other123", None, False)
    assert demo.transactions("a")[0]["status"] == "submitted_for_settlement"


@pytest.mark.parametrize(("name", "on"), [("invented", "sale"), ("slow", "invented"), ("declined", "find")])
def test_an_unknown_fault_is_an_error(demo, name, on):
    with pytest.raises(ValueError, match="no such fault"):
        demo.faults.add(name, on=on)
