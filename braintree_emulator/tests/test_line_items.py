"""Line items: their limits, and the call that returns them."""

from decimal import Decimal

import pytest
from braintree.exceptions.not_found_error import NotFoundError

from braintree_emulator.tests.conftest import codes

ITEM = {"kind": "debit", "name": "INV-1041", "quantity": "1", "unit_amount": "10.00", "total_amount": "10.00"}


def test_line_items_are_returned_as_sent(sell, sdk):
    items = [{**ITEM, "description": "a & b", "product_code": "abcd1234"}, {**ITEM, "name": "№ 2"}]
    sold = sell(line_items=items).transaction
    first, second = sdk.transaction_line_item.find_all(sold.id)
    assert (first.name, first.description, first.product_code) == ("INV-1041", "a & b", "abcd1234")
    assert (second.name, second.description, Decimal(second.total_amount)) == ("№ 2", None, Decimal("10.00"))


def test_a_sale_without_line_items_has_none(sell, sdk):
    assert sdk.transaction_line_item.find_all(sell().transaction.id) == []
    with pytest.raises(NotFoundError):
        sdk.transaction_line_item.find_all("nosuch")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "x" * 36}, "95823"),
        ({"name": None}, "95822"),
        ({"description": "x" * 128}, "95803"),
        ({"product_code": "x" * 13}, "95809"),
        ({"kind": "gift"}, "95807"),
        ({"kind": None}, "95808"),
        ({"quantity": "one"}, "95810"),
        ({"unit_amount": "0"}, "95820"),
        ({"unit_amount": None}, "95818"),
        ({"total_amount": "1.005"}, "95813"),
        ({"total_amount": "0.00"}, "95816"),
        ({"total_amount": None}, "95814"),
    ],
)
def test_invalid_line_items_are_refused(sell, emulator, change, code):
    result = sell(line_items=[ITEM, {**ITEM, **change}])
    assert codes(result) == [code] and emulator.transactions() == []


def test_more_than_249_are_refused(sell):
    assert sell(line_items=[ITEM] * 249).is_success
    assert codes(sell(line_items=[ITEM] * 250)) == ["915157"]
