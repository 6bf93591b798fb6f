"""The client API, without a browser."""

import json
import re

import pytest
from werkzeug.test import Client

from braintree_emulator import Emulator, cards

API = "/merchants/demo_merchant/client_api/v1"
CARD = {"number": "4111 1111 1111 1111", "expirationMonth": "12", "expirationYear": "2030", "cvv": "737"}
NASTY = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b'{"creditCard": 1}',
    b'{"creditCard": {"number": ["4"]}}',
    b'{"creditCard": {"number": "\\ud800"}}',
    b'{"creditCard": {"number": "4\\u0000"}}',
    b"\xff\xfe",
    b"[" * 60_000,
    b'{"a":' * 10_000,
]


@pytest.fixture
def emulator(clock):
    return Emulator(clock=clock)


@pytest.fixture
def browser(emulator):
    return Client(emulator.client_api)


@pytest.fixture
def fingerprint(emulator):
    return emulator.client_token()["authorizationFingerprint"]


@pytest.fixture
def tokenize(browser, fingerprint):
    def _tokenize(**card):
        body = {"creditCard": {**CARD, **card}, "authorizationFingerprint": fingerprint}
        return browser.post(f"{API}/payment_methods/credit_cards", json=body)

    return _tokenize


@pytest.fixture
def graphql(browser, fingerprint):
    def _graphql(operation, **variables):
        body = {"operationName": operation, "query": "…", "variables": variables}
        headers = {"Authorization": f"Bearer {fingerprint}"}
        return browser.post("/graphql", json=body, headers=headers).json

    return _graphql


def test_the_configuration_has_what_braintree_web_reads(browser, fingerprint):
    answer = browser.get(f"{API}/configuration", query_string={"authorizationFingerprint": fingerprint}).json
    assert answer["clientApiUrl"] == "/braintree/merchants/demo_merchant/client_api"
    assert answer["threeDSecureEnabled"] and answer["threeDSecure"]["cardinalAuthenticationJWT"]


def test_on_braintrees_hosts_each_part_has_its_own_url(clock):
    emulator = Emulator(clock=clock, browser_url="https://api.sandbox.braintreegateway.com")
    settings = emulator.client_api.settings()
    assert settings["assetsUrl"] == "https://assets.braintreegateway.com"
    assert settings["graphQL"]["url"] == "https://payments.sandbox.braintree-api.com/graphql"


def test_both_ways_to_tokenize_give_a_nonce(tokenize, graphql, emulator):
    rest = tokenize()
    assert rest.status_code == 202
    card = rest.json["creditCards"][0]
    assert (card["details"]["lastFour"], card["details"]["cardType"]) == ("1111", "Visa")
    assert emulator.nonces.find(card["nonce"])["last4"] == "1111"
    answer = graphql("TokenizeCreditCard", input={"creditCard": CARD})
    assert emulator.nonces.find(answer["data"]["tokenizeCreditCard"]["token"])["last4"] == "1111"


def test_an_invalid_card_number_is_refused_in_braintrees_format(tokenize, graphql):
    answer = tokenize(number="4111111111111112")
    [card] = answer.json["fieldErrors"]
    assert (answer.status_code, card["field"], card["fieldErrors"][0]["code"]) == (422, "creditCard", "81715")
    [error] = graphql("TokenizeCreditCard", input={"creditCard": {**CARD, "number": "4111111111111112"}})["errors"]
    assert (error["extensions"]["errorClass"], error["extensions"]["legacyCode"]) == ("VALIDATION", "81715")
    assert error["extensions"]["inputPath"] == ["input", "creditCard", "number"]


def test_card_number_and_cvv_are_not_stored(tokenize, emulator):
    tokenize()
    kept = json.dumps([emulator.store.all(kind) for kind in ("nonce", "challenge", "card", "transaction")])
    assert "411111111111" not in kept and not re.search(r"(?<!\w)737(?!\w)", kept)  # random ids may have it inside


@pytest.mark.parametrize(
    "path",
    [
        "configuration",
        "payment_methods/credit_cards",
        "payment_methods/abc/three_d_secure/lookup",
        "payment_methods/abc/three_d_secure/authenticate_from_jwt",
    ],
)
def test_calls_need_a_client_token(browser, path):
    send = browser.get if path == "configuration" else browser.post
    assert send(f"{API}/{path}", json={"authorizationFingerprint": "a.b"}).status_code == 401


@pytest.mark.parametrize("body", NASTY)
def test_a_malformed_body_is_a_4xx(browser, fingerprint, body):
    headers = {"Authorization": f"Bearer {fingerprint}", "Content-Type": "application/json"}
    assert browser.post(f"{API}/payment_methods/credit_cards", data=body).status_code in (401, 422)
    assert browser.post("/graphql", data=body, headers=headers).status_code == 200


@pytest.mark.parametrize("number", ["\ud800", "4\0", "٤١١١", "4" * 10_000, "-1", None, 4111111111111111, {}])
def test_a_malformed_number_is_refused(tokenize, number):
    assert tokenize(number=number).status_code in (202, 422)


def test_a_body_that_is_too_large_is_refused(browser):
    assert browser.post("/graphql", data=b" " * 70_000).status_code == 413


def lookup(browser, fingerprint, nonce):
    body = {"amount": "10.00", "authorizationFingerprint": fingerprint}
    return browser.post(f"{API}/payment_methods/{nonce}/three_d_secure/lookup", json=body)


def authenticate(browser, fingerprint, nonce, jwt):
    body = {"jwt": jwt, "authorizationFingerprint": fingerprint}
    return browser.post(f"{API}/payment_methods/{nonce}/three_d_secure/authenticate_from_jwt", json=body)


@pytest.mark.parametrize(
    ("number", "status", "shifted"),
    [
        ("4000000000001000", "authenticate_successful", True),
        ("4000000000001018", "authenticate_frictionless_failed", False),
        ("4000000000001042", "authenticate_rejected", False),
        ("4000000000001083", "lookup_bypassed", False),
    ],
)
def test_a_lookup_without_a_challenge(tokenize, browser, fingerprint, number, status, shifted):
    nonce = tokenize(number=number).json["creditCards"][0]["nonce"]
    answer = lookup(browser, fingerprint, nonce).json
    assert answer["lookup"]["acsUrl"] is None and answer["paymentMethod"]["nonce"] != nonce
    assert (answer["threeDSecureInfo"]["status"], answer["threeDSecureInfo"]["liabilityShifted"]) == (status, shifted)


def test_a_nonce_is_looked_up_once(tokenize, browser, fingerprint):
    nonce = tokenize().json["creditCards"][0]["nonce"]
    assert lookup(browser, fingerprint, nonce).status_code == 201
    assert lookup(browser, fingerprint, nonce).status_code == 404


@pytest.fixture
def challenge(tokenize, browser, fingerprint):
    nonce = tokenize(number="4000000000001091").json["creditCards"][0]["nonce"]
    return lookup(browser, fingerprint, nonce).json


def answer_of(browser, challenge, answer):
    path = challenge["lookup"]["acsUrl"].removeprefix("/braintree")
    page = browser.post(path, data={"answer": answer}).get_data(as_text=True)
    message = page.partition('data-message="')[2].partition('"')[0]
    return json.loads(message.replace("&quot;", '"'))


def test_a_confirmed_challenge_authenticates_the_nonce(browser, fingerprint, challenge, emulator):
    nonce = challenge["paymentMethod"]["nonce"]
    jwt = answer_of(browser, challenge, "confirm")["jwt"]
    answer = authenticate(browser, fingerprint, nonce, jwt).json
    assert answer["threeDSecureInfo"]["status"] == "authenticate_successful"
    assert emulator.nonces.find(nonce)["three_d_secure_info"]["liability_shifted"]


def test_the_first_answer_to_a_challenge_counts(browser, challenge):
    assert answer_of(browser, challenge, "cancel")["cancelled"]
    assert answer_of(browser, challenge, "confirm")["cancelled"]


def test_a_forged_challenge_result_is_refused(browser, fingerprint, challenge):
    jwt = answer_of(browser, challenge, "cancel")["jwt"]
    nonce = challenge["paymentMethod"]["nonce"]
    for forged in (jwt[:-3] + "abc", "", "x.y.z", "\ud800", jwt.upper()):
        assert authenticate(browser, fingerprint, nonce, forged).status_code == 422


def test_a_challenge_result_is_valid_for_its_nonce_only(browser, fingerprint, challenge, tokenize):
    other = tokenize().json["creditCards"][0]["nonce"]
    jwt = answer_of(browser, challenge, "confirm")["jwt"]
    assert authenticate(browser, fingerprint, other, jwt).status_code == 422


def test_the_challenge_page_escapes_the_amount(tokenize, browser, fingerprint):
    nonce = tokenize(number="4000000000001091").json["creditCards"][0]["nonce"]
    body = {"amount": "<script>1</script>", "authorizationFingerprint": fingerprint}
    answer = browser.post(f"{API}/payment_methods/{nonce}/three_d_secure/lookup", json=body).json
    page = browser.get(answer["lookup"]["acsUrl"].removeprefix("/braintree")).get_data(as_text=True)
    assert "<script>1" not in page and "&lt;script&gt;1" in page


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/web/3.144.0/html/../../x.js",
        "/web/3.144.0/html/nothing.js",
        "/bank/challenge/unknown",
        "/client.css",
        "/merchants/other/client_api/v1/configuration",
    ],
)
def test_unknown_paths_are_not_found(browser, path):
    assert browser.get(path).status_code == 404


def test_every_page_has_a_strict_content_security_policy(browser):
    for path in ("/web/3.144.0/html/hosted-fields-frame.min.html", "/test-cards"):
        policy = browser.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy


def test_the_test_card_page_lists_every_card_once_by_behavior(browser):
    page = browser.get("/test-cards").get_data(as_text=True)
    numbers = [number.replace(" ", "") for number in re.findall(r"<b>([0-9 ]+)</b>", page)]
    assert sorted(numbers) == sorted(cards.TEST_NUMBERS)
    assert page.index("The bank asks, and you confirm or cancel") < page.index("4000 0000 0000 1091")


def test_a_fault_can_be_injected_into_tokenization(tokenize, emulator):
    emulator.faults.add("error_503", on="tokenize")
    assert tokenize().status_code == 503
    assert tokenize().status_code == 202


@pytest.mark.parametrize("amount", ["\ud800", "9" * 60_000])
def test_the_challenge_page_survives_any_amount(tokenize, browser, fingerprint, amount):
    nonce = tokenize(number="4000000000001091").json["creditCards"][0]["nonce"]
    body = {"authorizationFingerprint": fingerprint, "amount": amount}
    found = browser.post(f"{API}/payment_methods/{nonce}/three_d_secure/lookup", json=body).json
    page = browser.get(found["lookup"]["acsUrl"].removeprefix("/braintree"))
    assert page.status_code == 200 and "9" * 21 not in page.text


@pytest.mark.parametrize("body", NASTY)
def test_a_malformed_graphql_body_is_an_error(browser, fingerprint, body):
    headers = {"Authorization": f"Bearer {fingerprint}"}
    assert browser.post("/graphql", data=body, headers=headers).json["errors"]


def test_long_text_is_cut_or_refused(tokenize, emulator):
    for field in ("number", "cvv", "expirationMonth"):
        assert tokenize(**{field: "1" * 50_000}).status_code == 422
    record = tokenize(cardholderName="x" * 50_000).json["creditCards"][0]
    assert len(emulator.nonces.find(record["nonce"])["card"]["cardholder_name"]) == 175
