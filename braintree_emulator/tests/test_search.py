"""Search, with the SDK's search nodes."""

import braintree
import pytest
from braintree import TransactionSearch as Search
from braintree.exceptions.request_timeout_error import RequestTimeoutError
from braintree.exceptions.unexpected_error import UnexpectedError


def found(sdk, *criteria):
    return [transaction.id for transaction in sdk.transaction.search(*criteria).items]


def test_by_order_id(sdk, sell):
    wanted = sell(order_id="PAY-1").transaction.id
    sell(order_id="PAY-2")
    assert found(sdk, Search.order_id == "PAY-1") == [wanted]
    assert found(sdk, Search.order_id == "PAY-3") == []
    assert len(found(sdk, Search.order_id.starts_with("PAY-"))) == 2


def test_a_found_transaction_has_all_its_fields(sdk, sell):
    sell(order_id="PAY-1")
    assert sdk.transaction.search(Search.order_id == "PAY-1").first.credit_card_details.last_4 == "1111"


def test_by_creation_time_with_both_ends_included(sdk, sell, clock):
    early, start = sell(order_id="a").transaction.id, clock()
    clock.advance(hours=1)
    late, end = sell(order_id="b").transaction.id, clock()
    assert found(sdk, Search.created_at.between(start, end)) == [late, early]
    assert found(sdk, Search.created_at >= end) == [late]
    assert found(sdk, Search.created_at <= start) == [early]


def test_by_status_amount_and_account(sdk, sell):
    paid = sell("10.00").transaction.id
    no = sell("2000.00").transaction.id
    euro = sell("30.00", merchant_account_id="demo_eur").transaction.id
    assert found(sdk, Search.status == braintree.Transaction.Status.ProcessorDeclined) == [no]
    assert found(sdk, Search.amount.between("9.99", "10.00")) == [paid]
    assert found(sdk, Search.merchant_account_id == "demo_eur") == [euro]
    assert found(sdk, Search.currency == "EUR") == [euro]
    assert set(found(sdk, Search.ids.in_list([paid, no]))) == {paid, no}


def test_by_refund(sdk, sell, emulator):
    sale = sell().transaction.id
    emulator.settle(sale)
    refund = sdk.transaction.refund(sale).transaction.id
    assert found(sdk, Search.refund == True) == [refund]  # noqa: E712 - the SDK's builder
    assert found(sdk, Search.type == "sale") == [sale]


def test_many_results_come_in_pages(sdk, sell):
    sold = [sell(order_id=f"o{n}").transaction.id for n in range(120)]
    results = sdk.transaction.search(Search.order_id.starts_with("o"))
    assert results.maximum_size == 120
    assert [transaction.id for transaction in results.items] == sold[::-1]


def test_a_new_transaction_is_not_found_while_the_index_lags(sdk, sell, emulator, clock):
    emulator.search_lag = 30
    sold = sell(order_id="a").transaction.id
    assert found(sdk, Search.order_id == "a") == []
    assert sdk.transaction.find(sold).order_id == "a"
    clock.advance(seconds=30)
    assert found(sdk, Search.order_id == "a") == [sold]


def test_search_lag_and_search_down(sdk, sell, emulator):
    sold = sell(order_id="a").transaction.id
    emulator.faults.add("search_lag", times=2)
    emulator.faults.add("search_down")
    assert found(sdk, Search.order_id == "a") == []
    assert found(sdk, Search.order_id == "a") == []
    with pytest.raises(RequestTimeoutError):
        found(sdk, Search.order_id == "a")
    assert found(sdk, Search.order_id == "a") == [sold]


def test_an_unsupported_criterion_is_an_error(sdk, sell):
    sell()
    with pytest.raises(UnexpectedError):
        found(sdk, Search.paypal_payer_email == "ann@example.com")
