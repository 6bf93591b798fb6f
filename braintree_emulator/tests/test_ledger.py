"""Voids, refunds and settlement, by calls and by the clock."""

from decimal import Decimal

import pytest
from braintree.exceptions.not_found_error import NotFoundError

from braintree_emulator.tests.conftest import codes


def history(sdk, id):
    return [event.status for event in sdk.transaction.find(id).status_history]


def test_a_sale_settles_with_time(sdk, sell, clock):
    sold = sell().transaction.id
    clock.advance(seconds=30)
    assert sdk.transaction.find(sold).status == "settling"
    clock.advance(seconds=30)
    settled = sdk.transaction.find(sold)
    assert (settled.status, settled.processor_settlement_response_code) == ("settled", "4000")
    assert settled.settlement_batch_id
    assert history(sdk, sold) == ["authorized", "submitted_for_settlement", "settling", "settled"]


def test_an_authorization_alone_never_settles(sdk, sell, clock):
    sold = sell(options={"submit_for_settlement": False}).transaction.id
    clock.advance(days=2)
    assert sdk.transaction.find(sold).status == "authorized"
    assert sdk.transaction.submit_for_settlement(sold, "4.00").transaction.amount == Decimal("4.00")
    assert codes(sdk.transaction.submit_for_settlement(sold)) == ["91507"]
    clock.advance(seconds=60)
    assert sdk.transaction.find(sold).status == "settled"


def test_more_than_authorized_cannot_be_submitted(sdk, sell):
    sold = sell(options={"submit_for_settlement": False}).transaction.id
    assert codes(sdk.transaction.submit_for_settlement(sold, "10.01")) == ["91522"]


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [("4001.00", "settlement_declined", "4001"), ("4002.50", "settlement_pending", "4002")],
)
def test_test_amounts_decide_how_settlement_ends(sdk, sell, clock, amount, status, code):
    sold = sell(amount).transaction
    assert sold.status == "submitted_for_settlement"
    clock.advance(seconds=60)
    later = sdk.transaction.find(sold.id)
    assert (later.status, later.processor_settlement_response_code) == (status, code)


def test_testing_calls_settle_at_once(sdk, sell):
    for call, status in [
        (sdk.testing.settle_transaction, "settled"),
        (sdk.testing.settlement_confirm_transaction, "settlement_confirmed"),
        (sdk.testing.settlement_decline_transaction, "settlement_declined"),
        (sdk.testing.settlement_pending_transaction, "settlement_pending"),
    ]:
        assert call(sell(order_id=status).transaction.id).transaction.status == status


def test_a_declined_sale_cannot_be_settled(sdk, sell):
    assert codes(sdk.testing.settle_transaction(sell("2000.00").transaction.id)) == ["91575"]


def test_settlement_can_be_declined_after_it_settled(sdk, sell, emulator, clock):
    sold = sell().transaction.id
    clock.advance(seconds=60)
    assert sdk.transaction.find(sold).status == "settled"
    emulator.decline_settlement(sold)
    assert history(sdk, sold)[-2:] == ["settled", "settlement_declined"]


def test_void_works_only_before_settlement(sdk, sell, clock):
    early, late = (sell(order_id=order).transaction.id for order in "ab")
    assert sdk.transaction.void(early).transaction.status == "voided"
    assert codes(sdk.transaction.void(early)) == ["91504"]
    clock.advance(seconds=60)
    assert codes(sdk.transaction.void(late)) == ["91504"]
    assert sdk.transaction.find(early).status == "voided"


def test_refunds_cannot_exceed_the_sale(sdk, sell, emulator):
    sold = sell("10.00").transaction.id
    assert codes(sdk.transaction.refund(sold)) == ["91506"]
    emulator.settle(sold)
    part = sdk.transaction.refund(sold, {"amount": "4.00", "order_id": "REF-1"}).transaction
    assert (part.type, part.amount, part.refunded_transaction_id) == ("credit", Decimal("4.00"), sold)
    assert (part.order_id, part.status) == ("REF-1", "submitted_for_settlement")
    assert codes(sdk.transaction.refund(sold, "6.01")) == ["91521"]
    rest = sdk.transaction.refund(sold).transaction
    assert rest.amount == Decimal("6.00")
    assert codes(sdk.transaction.refund(sold)) == ["91512"]
    assert sdk.transaction.find(sold).refund_ids == [part.id, rest.id]


def test_a_voided_refund_does_not_count(sdk, sell, emulator):
    sold = sell().transaction.id
    emulator.settle(sold)
    refund = sdk.transaction.refund(sold).transaction.id
    sdk.transaction.void(refund)
    assert sdk.transaction.refund(sold).is_success
    assert codes(sdk.transaction.refund(refund)) == ["91505"]


@pytest.mark.parametrize(("amount", "code"), [("-1", "81501"), ("x", "81503"), ("0", "81531")])
def test_a_wrong_refund_amount_is_refused(sdk, sell, emulator, amount, code):
    sold = sell().transaction.id
    emulator.settle(sold)
    assert codes(sdk.transaction.refund(sold, amount)) == [code]


def test_reverse_voids_or_refunds(sdk, sell, emulator):
    early, late = (sell(order_id=order).transaction.id for order in "ab")
    emulator.settle(late)
    assert sdk.transaction.reverse(early).transaction.status == "voided"
    assert sdk.transaction.reverse(late).transaction.type == "credit"


def test_unknown_transactions_are_not_found(sdk):
    for call in (sdk.transaction.find, sdk.transaction.void, sdk.transaction.refund):
        with pytest.raises(NotFoundError):
            call("unknown1")
