"""Authentication, client tokens and malformed requests."""

import base64

import pytest
from braintree import exceptions
from werkzeug.test import Client

from braintree_emulator.testing import sdk_for

KEYS = {"Authorization": "Basic " + base64.b64encode(b"demo_public_key:demo_private_key").decode()}
ROOT = "/merchants/demo_merchant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"private_key": "wrong"}, exceptions.AuthenticationError),
        ({"public_key": "wrong"}, exceptions.AuthenticationError),
        ({"merchant_id": "wrong"}, exceptions.AuthorizationError),
    ],
)
def test_wrong_keys_and_merchants_are_refused(emulator, changes, error):
    sdk = sdk_for(emulator, **changes)
    with pytest.raises(error):
        sdk.client_token.generate()


def test_calls_need_keys(emulator):
    response = Client(emulator.api).get(f"{ROOT}/transactions/abc")
    assert response.status_code == 401


def test_a_client_token_needs_an_existing_merchant_account(sdk, emulator):
    assert sdk.client_token.generate({"merchant_account_id": "demo_eur"})
    with pytest.raises(ValueError, match="Merchant Account specified by merchant_account_id does not exist"):
        sdk.client_token.generate({"merchant_account_id": "unknown"})


def test_a_client_token_has_its_urls_and_the_mark_of_an_emulator(sdk, emulator):
    import json

    token = json.loads(base64.b64decode(sdk.client_token.generate()))
    assert (token["version"], token["environment"], token["demo"]) == (2, "sandbox", True)
    assert token["configUrl"] == "/braintree/merchants/demo_merchant/client_api/v1/configuration"
    assert token["graphQL"]["features"] == ["tokenize_credit_cards"]
    assert token["threeDSecureEnabled"] is True


@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b"\x00",
        b"not xml",
        b"<a>" * 5000,
        b"<transaction><amount>&#0;</amount></transaction>",
        b"<transaction><amount>&#55296;</amount></transaction>",
        b'<!DOCTYPE x [<!ENTITY y "z">]><transaction><amount>&y;</amount></transaction>',
        b"<transaction>text</transaction>",
        b"<transaction type='array'><item/></transaction>",
        b"<transaction><amount><x>1</x></amount></transaction>",
        b"<transaction><options>text</options></transaction>",
        b"<transaction><order_id type='array'><item>1</item></order_id></transaction>",
        b"<transaction><version type='integer'>x</version></transaction>",
        "<transaction><amount>\u0663</amount></transaction>".encode("utf-16"),
    ],
)
@pytest.mark.parametrize("path", ["/transactions", "/client_token", "/customers", "/transactions/advanced_search_ids"])
def test_broken_requests_are_4xx(emulator, path, body):
    response = Client(emulator.api).post(ROOT + path, data=body, headers=KEYS)
    assert response.status_code in (400, 422) or (path, response.status_code) == ("/customers", 201)


def test_xml_entities_are_refused(emulator):
    body = (
        b'<!DOCTYPE x [<!ENTITY y "1.00">]><transaction><amount>&y;</amount><type>sale</type>'
        b"<payment-method-nonce>fake-valid-nonce</payment-method-nonce></transaction>"
    )
    assert Client(emulator.api).post(f"{ROOT}/transactions", data=body, headers=KEYS).status_code == 400
    assert emulator.transactions() == []


@pytest.mark.parametrize(
    "search",
    [
        b"<search><order_id>x</order_id></search>",
        b"<search><order_id><is><x>1</x></is></order_id></search>",
        b"<search><order_id><like>1</like></order_id></search>",
        b"<search><created_at><min>yesterday</min></created_at></search>",
        b"<search><amount><min>much</min></amount></search>",
        b"<search><invented><is>1</is></invented></search>",
    ],
)
def test_broken_searches_are_4xx(emulator, sell, search):
    sell()
    response = Client(emulator.api).post(f"{ROOT}/transactions/advanced_search_ids", data=search, headers=KEYS)
    assert response.status_code == 400


def test_paths_and_sizes_that_are_not_served(emulator):
    client = Client(emulator.api)
    assert client.get("/", headers=KEYS).status_code == 404
    assert client.delete(f"{ROOT}/transactions", headers=KEYS).status_code == 501
    assert client.post(f"{ROOT}/transactions", data=b"x" * 1024 * 1025, headers=KEYS).status_code == 413
