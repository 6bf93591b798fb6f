"""The client API, for browsers: configuration, tokenization, Hosted Fields frames, 3-D Secure pages.

It routes by path alone, so it can be mounted under a path of the shop, on a port of its own, or in place of Braintree's
hosts in a test that intercepts requests. Card numbers are exchanged for a nonce and never stored or logged.
"""

import json
import re
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from braintree_emulator import cards
from braintree_emulator import client_api_responses as responses
from braintree_emulator.client_api_responses import addresses, origin, part, text
from braintree_emulator.fault_injection import STATUSES
from braintree_emulator.three_d_secure import ThreeDSecure

ASSETS = Path(__file__).parent / "assets"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FIELD_PAGE = "hosted-fields-frame.html"
CALLS = {"config", "tokenize", "lookup", "authenticate"}
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, braintree-version, content-type",
}
INTERNAL = {"errors": [{"message": "unknown operation", "extensions": {"errorClass": "INTERNAL"}}]}


class CardRequest(Request):
    """A bounded request: anyone may send one, and mounted in a shop it bypasses the shop's own limits."""

    max_content_length = 64 * 1024
    max_form_parts = 10

    def body(self) -> dict:
        try:
            value = self.get_json(force=True, silent=True)
        except RecursionError:
            value = None
        return value if isinstance(value, dict) else {}


class ClientApi:
    """A WSGI app. `allowed_origins` are other gateways that the card fields may send cards to."""

    def __init__(self, emulator, allowed_origins: tuple[str, ...] = ()):
        self.emulator = emulator
        self.nonces = emulator.nonces
        self.where = addresses(emulator.browser_url)
        self.allowed_origins = allowed_origins
        self.three_d_secure = ThreeDSecure(emulator.nonces, self.where["bank"])
        api = f"/merchants/{re.escape(emulator.merchant_id)}/client_api/v1"
        method = f"{api}/payment_methods/(?P<nonce>[A-Za-z0-9_-]{{1,80}})/three_d_secure"
        self.routes = [
            ("GET", "/(?P<name>client|data-collector)\\.js", self.asset),
            ("GET", "/edge/v1/(?P<name>songbird)\\.js", self.asset),
            ("GET", "/web/[0-9.]+/html/hosted-fields-frame(\\.min)?\\.html", self.field_page),
            ("GET", "/web/[0-9.]+/html/(?P<name>[a-z-]+)\\.(?P<kind>js|css)", self.asset),
            ("GET", "/test-cards", self.test_cards),
            ("GET", "/bank/(?P<name>bank)\\.(?P<kind>js|css)", self.asset),
            ("GET", "/bank/challenge/(?P<id>[a-z0-9]{1,40})", self.bank_page),
            ("POST", "/bank/challenge/(?P<id>[a-z0-9]{1,40})", self.bank_answer),
            ("GET", f"{api}/configuration", self.config),
            ("POST", f"{api}/payment_methods/credit_cards", self.tokenize),
            ("POST", f"{method}/lookup", self.lookup),
            ("POST", f"{method}/authenticate_from_jwt", self.authenticate),
            ("POST", "/graphql", self.graphql),
        ]

    def __call__(self, environ, start_response):
        try:
            response = self.answer(CardRequest(environ))
        except HTTPException as error:
            response = error
        return response(environ, start_response)

    def answer(self, request: CardRequest) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers=CORS)
        if (request.content_length or 0) > request.max_content_length:
            raise RequestEntityTooLarge
        for method, pattern, view in self.routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method.replace("HEAD", "GET"):
                values = {k: v for k, v in match.groupdict().items() if v}
                return self.with_faults(view.__name__, lambda: view(request, **values))  # noqa: B023
        raise NotFound

    def with_faults(self, call: str, respond: Callable[[], Response]) -> Response:
        """`respond()` under the fault that is injected into this call, if any (see fault_injection)."""
        fault = self.emulator.faults.take(call) if call in CALLS else None
        if fault is None:
            return respond()
        if fault["name"] == "slow":
            time.sleep(float(fault["options"].get("seconds", 90)))
            return respond()
        if fault["name"] == "lost_response" or fault["options"].get("happened"):
            respond()
        return Response(status=STATUSES.get(fault["name"], 502), headers=CORS)

    # Pages and scripts

    def asset(self, request, name: str, kind: str = "js") -> Response:
        path = ASSETS / f"{name}.{kind}"
        if not path.is_file():
            raise NotFound
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return Response(path.read_bytes(), 200, headers, content_type=TYPES[path.suffix])

    def field_page(self, request) -> Response:
        apis = {origin(self.where["api"]), origin(self.where["graphql"]), *self.allowed_origins} - {""}
        sources = " ".join(["'self'", *sorted(apis)])
        return self.page((ASSETS / FIELD_PAGE).read_text(), f"connect-src {sources}")

    def test_cards(self, request) -> Response:
        sections = "".join(map(card_section, cards.GROUPS.items()))
        html = (ASSETS / "test-cards.html").read_text()
        return self.page(html.replace("[[root]]", escape(request.script_root)).replace("[[sections]]", sections))

    def bank_page(self, request, id: str) -> Response:
        return self.page(self.three_d_secure.page(id), "form-action 'self'")

    def bank_answer(self, request, id: str) -> Response:
        answer = request.form.get("answer", "")
        return self.page(self.three_d_secure.answer(id, answer), "form-action 'none'")

    def page(self, html: str, *more: str) -> Response:
        embedder = "'self'" if not origin(self.emulator.browser_url) else "*"
        policy = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            f"frame-ancestors {embedder}",
            *more,
        ]
        headers = {
            "Content-Security-Policy": "; ".join(policy),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return Response(html, headers=headers, content_type="text/html; charset=utf-8")

    # The client API

    def config(self, request) -> Response:
        if self.nonces.authorization(request.args.get("authorizationFingerprint", "")) is None:
            return not_authorized()
        return data(self.settings())

    def settings(self) -> dict:
        jwt = self.three_d_secure.token({"sub": self.emulator.merchant_id})
        return responses.settings(self.emulator.merchant_id, self.where, jwt, self.emulator.challenges)

    def tokenize(self, request) -> Response:
        body = request.body()
        if self.nonces.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        try:
            record = self.make_nonce(part(body, "creditCard"))
        except cards.CardRefused as refused:
            return data(responses.refusal(refused.errors), 422)
        return data({"creditCards": [responses.payment_method(record)]}, 202)

    def make_nonce(self, card: dict) -> dict:
        address = part(card, "billingAddress")
        return self.nonces.tokenize(
            text(card, "number"),
            text(card, "expirationMonth"),
            text(card, "expirationYear"),
            text(card, "cvv"),
            cardholder_name=text(card, "cardholderName"),
            postal_code=text(address, "postalCode"),
            street_address=text(address, "streetAddress"),
            expiration_date=text(card, "expirationDate"),
        )

    def lookup(self, request, nonce: str) -> Response:
        body = request.body()
        if self.nonces.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        found = self.three_d_secure.lookup(nonce, text(body, "amount"))
        if found is None:
            return data({"error": {"message": "Unknown or expired payment method nonce"}}, 404)
        record, challenge = found
        return data({**responses.authentication(record), "lookup": challenge}, 201)

    def authenticate(self, request, nonce: str) -> Response:
        body = request.body()
        if self.nonces.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        record = self.three_d_secure.authenticate(nonce, text(body, "jwt"))
        if record is None:
            return data({"error": {"message": "The authentication response is not valid"}}, 422)
        return data(responses.authentication(record))

    # GraphQL

    def graphql(self, request) -> Response:
        fingerprint = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.nonces.authorization(fingerprint) is None:
            refusal = {"message": "not authorized", "extensions": {"errorClass": "AUTHENTICATION"}}
            return data({"errors": [refusal]})
        body = request.body()
        if body.get("operationName") == "TokenizeCreditCard":
            card = part(part(part(body, "variables"), "input"), "creditCard")
            return self.with_faults("tokenize", lambda: self.graphql_tokenize(card))
        if body.get("operationName") == "ClientConfiguration":
            answer = {"data": {"clientConfiguration": responses.graphql_settings(self.settings())}}
            return self.with_faults("config", lambda: data(answer))
        return data(INTERNAL)

    def graphql_tokenize(self, card: dict) -> Response:
        try:
            record = self.make_nonce(card)
        except cards.CardRefused as refused:
            return data(responses.graphql_refusal(refused.errors))
        return data({"data": {"tokenizeCreditCard": responses.graphql_card(record)}})


def data(value: dict, status: int = 200) -> Response:
    headers = {**CORS, "Cache-Control": "no-store"}
    return Response(json.dumps(value), status, headers, content_type="application/json")


def not_authorized() -> Response:
    return data({"error": {"message": "Invalid authorization fingerprint"}}, 401)


def card_section(group: tuple[str, list[str]]) -> str:
    """The list of test cards that do the same."""
    title, numbers = group
    rows = "".join(f"<li><b>{spaced(each)}</b> <span>{escape(cards.brand_of(each).name)}</span>" for each in numbers)
    return f'<section><h2>{escape(title)}</h2><ul class="cards">{rows}</ul></section>'


def spaced(number: str) -> str:
    """As printed on the card: 4111 1111 1111 1111, 3782 822463 10005."""
    if cards.brand_of(number).name == "American Express":
        return f"{number[:4]} {number[4:10]} {number[10:]}"
    return " ".join(re.findall(".{1,4}", number))
