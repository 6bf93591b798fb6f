"""api_request_key: a repeated request is processed once."""

import threading

import pytest

from braintree_emulator.errors import Invalid
from braintree_emulator.tests.conftest import codes


def test_the_same_request_again_is_the_same_transaction(sell, nonce, emulator):
    card = nonce()
    first = sell(nonce=card, order_id="a", api_request_key="k").transaction
    again = sell(nonce=card, order_id="a", api_request_key="k").transaction
    assert again.id == first.id
    assert len(emulator.transactions()) == 1


def test_a_repeat_returns_the_present_state(sell, emulator):
    first = sell(api_request_key="k").transaction
    emulator.settle(first.id)
    assert sell(api_request_key="k").transaction.status == "settled"


def test_a_repeated_decline_is_the_same_decline(sell, emulator):
    first, again = (sell("2001.00", api_request_key="k") for _ in range(2))
    assert again.message == "Insufficient Funds"
    assert again.transaction.id == first.transaction.id


def test_another_amount_under_the_same_key_is_refused(sell):
    sell(api_request_key="k")
    assert codes(sell("11.00", api_request_key="k")) == ["915232"]


def test_a_key_of_a_refused_request_cannot_be_reused(sell):
    assert codes(sell("x", api_request_key="k")) == ["81503"]
    assert codes(sell("x", api_request_key="k")) == ["915234"]


def test_a_key_has_at_most_255_characters(sell):
    assert sell(api_request_key="k" * 255).is_success
    assert codes(sell(api_request_key="k" * 256)) == ["915230"]


def test_after_30_days_a_key_is_forgotten(sell, clock, emulator):
    sell(api_request_key="k")
    clock.advance(days=30)
    assert sell("11.00", api_request_key="k").is_success


def test_a_repeat_while_the_first_is_in_flight_is_refused(sell, emulator):
    sale = {
        "type": "sale",
        "amount": "10.00",
        "payment_method_nonce": "fake-valid-nonce",
        "options": {"submit_for_settlement": True},
        "api_request_key": "k",
    }
    started = emulator.sales.begin(sale)
    assert codes(sell(api_request_key="k")) == ["915233"]
    first = emulator.sales.finish(started)
    assert sell(api_request_key="k").transaction.id == first["id"]


def test_an_abandoned_key_is_free_after_a_minute(sell, nonce, emulator, clock):
    card = nonce()
    emulator.sales.begin(
        {
            "type": "sale",
            "amount": "10.00",
            "payment_method_nonce": card,
            "options": {"submit_for_settlement": True},
            "api_request_key": "k",
        }
    )
    clock.advance(seconds=60)
    assert sell(nonce=card, api_request_key="k").is_success


def test_a_late_sale_whose_key_was_reused_is_not_processed(sell, emulator, clock):
    sale = {
        "type": "sale",
        "amount": "10.00",
        "payment_method_nonce": "fake-valid-nonce",
        "options": {"submit_for_settlement": True},
        "api_request_key": "k",
    }
    started = emulator.sales.begin(sale)
    clock.advance(seconds=61)
    assert sell(api_request_key="k").is_success
    with pytest.raises(Invalid):
        emulator.sales.finish(started)
    assert len(emulator.transactions()) == 1


def test_voids_and_refunds_have_keys_too(sdk, sell, emulator):
    sold = sell().transaction.id
    assert sdk.transaction.void(sold, {"api_request_key": "v"}).is_success
    assert sdk.transaction.void(sold, {"api_request_key": "v"}).transaction.status == "voided"
    paid = sell(order_id="b").transaction.id
    emulator.settle(paid)
    refund = {"amount": "4.00", "api_request_key": "r", "order_id": "REF-1"}
    first, again = (sdk.transaction.refund(paid, dict(refund)).transaction for _ in range(2))
    assert first.id == again.id
    assert codes(sdk.transaction.refund(paid, {**refund, "amount": "5.00"})) == ["915232"]


def test_many_threads_with_one_key_make_one_transaction(sell, nonce, emulator):
    card, ids = nonce(), []

    def pay():
        result = sell(nonce=card, api_request_key="k")
        ids.append(result.transaction.id if result.is_success else codes(result)[0])

    threads = [threading.Thread(target=pay) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(emulator.transactions()) == 1
    assert set(ids) <= {emulator.transactions()[0]["id"], "915233"}
    assert len(ids) == 20
