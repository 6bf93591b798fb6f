"""Faults without a socket: what the SDK raises, and whether the call was processed."""

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
def test_a_fault_is_injected_once(sell, emulator, name, options, error, charged):
    emulator.faults.add(name, on="sale", **options)
    with pytest.raises(error):
        sell(order_id="a")
    assert len(emulator.transactions("a")) == charged
    assert sell(order_id="b").is_success


@pytest.mark.parametrize("name", ["empty", "html"])
def test_a_response_without_content_is_none_to_the_sdk(sell, emulator, name):
    emulator.faults.add(name, status=200)
    assert sell(order_id="a") is None
    assert len(emulator.transactions("a")) == 1


def test_a_slow_sale_is_processed_after_the_client_timed_out(sell, nonce, emulator, clock):
    emulator.faults.add("slow", seconds=90)
    with pytest.raises(ReadTimeout):
        sell(nonce=nonce(), order_id="a")
    clock.advance(seconds=89)
    assert emulator.transactions() == []
    clock.advance(seconds=1)
    assert len(emulator.transactions("a")) == 1


def test_a_response_within_the_clients_timeout_is_received(sell, emulator):
    emulator.faults.add("slow", seconds=30)
    assert sell().is_success


def test_in_flight_locks_nonce_and_key(sell, nonce, emulator, clock):
    card = nonce()
    emulator.faults.add("in_flight", seconds=50)
    with pytest.raises(ReadTimeout):
        sell(nonce=card, order_id="a", api_request_key="k")
    assert codes(sell(nonce=card, order_id="a")) == ["91566"]
    assert codes(sell(nonce=card, order_id="a", api_request_key="k")) == ["915233"]
    clock.advance(seconds=50)
    assert sell(nonce=card, order_id="a", api_request_key="k").transaction.order_id == "a"
    assert len(emulator.transactions()) == 1


def test_a_late_sale_whose_nonce_was_used_is_not_processed(sell, nonce, emulator, clock):
    card = nonce()
    emulator.faults.add("slow", seconds=90)
    with pytest.raises(ReadTimeout):
        sell(nonce=card, order_id="a")
    assert sell(nonce=card, order_id="a").is_success
    clock.advance(seconds=90)
    assert len(emulator.transactions()) == 1


def test_faults_are_injected_by_call_and_counted(sdk, sell, emulator):
    sold = sell().transaction.id
    emulator.faults.add("error_503", on="find", times=2)
    emulator.faults.add("error_500", on="void")
    assert sell("11.00").is_success
    for _ in range(2):
        with pytest.raises(exceptions.ServiceUnavailableError):
            sdk.transaction.find(sold)
    assert sdk.transaction.find(sold).id == sold
    with pytest.raises(exceptions.ServerError):
        sdk.transaction.void(sold)
    assert emulator.faults.pending() == []


def test_a_fault_without_limit_stays_until_it_is_cleared(sdk, sell, emulator):
    emulator.faults.add("error_503", on="any", times=None)
    for _ in range(3):
        with pytest.raises(exceptions.ServiceUnavailableError):
            sdk.client_token.generate()
    emulator.faults.clear()
    assert sdk.client_token.generate()


def test_a_sale_is_refused_with_the_given_validation_error(sell, emulator):
    emulator.faults.add("validation_error", code="91513")
    assert codes(sell()) == ["91513"]
    emulator.faults.add("key_not_allowed", times=2)
    assert codes(sell(api_request_key="k")) == ["915231"]
    assert sell().is_success


def test_altered_sale(sell, emulator):
    emulator.faults.add("altered_sale", amount="12.34", currency="EUR", order_id="other")
    sold = sell(order_id="a").transaction
    assert (str(sold.amount), sold.currency_iso_code, sold.order_id) == ("12.34", "EUR", "other")


def test_charged_twice(sell, emulator):
    emulator.faults.add("charged_twice")
    sold = sell(order_id="a").transaction.id
    both = [transaction["id"] for transaction in emulator.transactions("a")]
    assert (len(both), both[-1]) == (2, sold)


@pytest.mark.parametrize("status", ["authorizing", "settlement_pending", "held_for_review", "failed"])
def test_a_sale_stays_in_its_forced_status_until_it_is_moved(sdk, sell, emulator, clock, status):
    emulator.faults.add("sale_status", status=status)
    sold = sell().transaction
    clock.advance(days=2)
    assert sold.status == sdk.transaction.find(sold.id).status == status
    emulator.move(sold.id, "submitted_for_settlement")
    clock.advance(days=2)
    assert sdk.transaction.find(sold.id).status == "settled"
    emulator.refund(sold.id, "4.00")
    emulator.move(sold.id, "processor_declined")
    assert sdk.transaction.find(sold.id).status == "processor_declined"


def test_altered_response(sdk, sell, emulator):
    emulator.faults.add("altered_response", id="other123", status=None, missing=["order_id"])
    sold = sell(order_id="a").transaction
    assert (sold.id, sold.status, hasattr(sold, "order_id")) == ("other123", None, False)
    assert emulator.transactions("a")[0]["status"] == "submitted_for_settlement"


@pytest.mark.parametrize(("name", "on"), [("invented", "sale"), ("slow", "invented"), ("declined", "find")])
def test_an_unknown_fault_is_an_error(emulator, name, on):
    with pytest.raises(ValueError, match="no such fault"):
        emulator.faults.add(name, on=on)
