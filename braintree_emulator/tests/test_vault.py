"""Customers, payment methods and merchant accounts."""

import pytest
from braintree.exceptions.not_found_error import NotFoundError

from braintree_emulator.tests.conftest import codes


@pytest.fixture
def ann(sdk):
    return sdk.customer.create({"id": "ann", "first_name": "Ann", "email": "ann@example.com"}).customer


def test_a_customer_is_created_found_updated_and_deleted(sdk, ann):
    assert sdk.customer.find("ann").email == "ann@example.com"
    assert sdk.customer.update("ann", {"company": "Ann & Co"}).customer.company == "Ann & Co"
    assert sdk.customer.find("ann").first_name == "Ann"
    assert sdk.customer.delete("ann").is_success
    with pytest.raises(NotFoundError):
        sdk.customer.find("ann")


def test_invalid_customers_are_refused(sdk, ann):
    assert codes(sdk.customer.create({"id": "ann"})) == ["91609"]
    assert codes(sdk.customer.create({"id": "no spaces"})) == ["91610"]
    assert codes(sdk.customer.create({"email": "nowhere"})) == ["81604"]


def test_a_nonce_is_stored_as_a_card_and_a_card_gives_a_nonce(sdk, ann, nonce, sell):
    card = sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": nonce()}).payment_method
    assert (card.last_4, card.default, card.customer_id) == ("1111", True, "ann")
    assert sdk.payment_method.find(card.token).expiration_date == "12/2030"
    again = sdk.payment_method_nonce.create(card.token).payment_method_nonce.nonce
    sold = sell(nonce=again).transaction
    assert (sold.credit_card_details.token, sold.customer_details.id) == (card.token, "ann")
    assert codes(sell("11.00", nonce=again)) == ["91564"]


def test_a_stored_card_is_charged_by_token_or_customer(sdk, ann, nonce, sell):
    token = sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": nonce()}).payment_method.token
    assert sell(nonce=None, payment_method_token=token).is_success
    assert sell("11.00", nonce=None, customer_id="ann").transaction.credit_card_details.token == token


def test_storing_a_card_consumes_its_nonce(sdk, ann, nonce, sell):
    card = nonce()
    sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": card})
    assert codes(sell(nonce=card)) == ["91564"]
    assert codes(sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": card})) == ["91731"]


def test_deleting_the_default_card_makes_another_the_default(sdk, ann, nonce):
    first, second = (
        sdk.payment_method.create({"customer_id": "ann", "payment_method_nonce": nonce()}).payment_method.token
        for _ in range(2)
    )
    sdk.payment_method.update(second, {"options": {"make_default": True}})
    assert [card.default for card in sdk.customer.find("ann").credit_cards] == [False, True]
    sdk.payment_method.delete(second)
    assert [card.token for card in sdk.customer.find("ann").credit_cards] == [first]
    assert sdk.payment_method.find(first).default is True
    with pytest.raises(NotFoundError):
        sdk.payment_method.find(second)


def test_invalid_payment_methods_are_refused(sdk, ann):
    create = sdk.payment_method.create
    assert codes(create({"payment_method_nonce": "fake-valid-nonce"})) == ["91704"]
    assert codes(create({"customer_id": "bob", "payment_method_nonce": "fake-valid-nonce"})) == ["91705"]
    assert codes(create({"customer_id": "ann", "payment_method_nonce": "unknown"})) == ["91732"]
    assert codes(create({"customer_id": "ann"})) == ["93107"]


def test_a_verification_can_be_declined(sdk, ann, nonce):
    result = sdk.payment_method.create(
        {
            "customer_id": "ann",
            "payment_method_nonce": nonce("4000111111111115"),
            "options": {"verify_card": True},
        }
    )
    assert (result.is_success, result.message) == (False, "Do Not Honor")
    assert result.credit_card_verification.status == "processor_declined"
    assert sdk.customer.find("ann").credit_cards == []


def test_a_sale_can_store_its_card(sdk, ann, sell, nonce):
    options = {"store_in_vault_on_success": True}
    sold = sell(nonce=nonce(), customer_id="ann", options=options).transaction
    assert sdk.customer.find("ann").credit_cards[0].token == sold.credit_card_details.token
    no = sell("2000.00", nonce=nonce(), customer_id="ann", options=options).transaction
    assert no.credit_card_details.token is None


def test_accounts_are_listed_one_per_currency(sdk):
    accounts = list(sdk.merchant_account.all().merchant_accounts.items)
    assert [account.currency_iso_code for account in accounts if account.default] == ["USD"]
    currencies = [account.currency_iso_code for account in accounts]
    assert len(set(currencies)) == len(currencies) >= 5
    assert sdk.merchant_account.find("demo_eur").status == "active"
    with pytest.raises(NotFoundError):
        sdk.merchant_account.find("unknown")
