"""The demo gateway as a browser sees it: client configuration, tokenisation, card fields, 3-D Secure.

It answers by path alone, so it can stand under a folder of the portal, on a port of its own, or in
place of Braintree's hosts in a test that intercepts requests. Card numbers are read, turned into a
nonce by the vault, and forgotten: nothing here stores or logs them.
"""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from braintree_emulator import browser_shapes as shapes
from braintree_emulator import test_cards
from braintree_emulator.browser_shapes import addresses, origin, part, text
from braintree_emulator.faults import STATUSES
from braintree_emulator.three_d_secure import ThreeDSecure
from braintree_emulator.vault import CardRefused

ASSETS = Path(__file__).parent / "assets"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FIELD_PAGE = "hosted-fields-frame.html"
KINDS = {"config", "tokenize", "lookup", "authenticate"}
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, braintree-version, content-type",
}
INTERNAL = {"errors": [{"message": "unknown operation", "extensions": {"errorClass": "INTERNAL"}}]}


class CardRequest(Request):
    """What anyone may send: in the demo these requests don't pass the portal's own limits."""

    max_content_length = 64 * 1024
    max_form_parts = 10

    def body(self) -> dict:
        try:
            value = self.get_json(force=True, silent=True)
        except RecursionError:
            value = None
        return value if isinstance(value, dict) else {}


class Browser:
    """WSGI. `allow` are origins of other gateways that our card fields may send cards to."""

    def __init__(self, gateway, allow: tuple[str, ...] = ()):
        self.gateway = gateway
        self.vault = gateway.vault
        self.where = addresses(gateway.browser_url)
        self.allow = allow
        self.three_d_secure = ThreeDSecure(gateway.vault, self.where["bank"])
        api = f"/merchants/{re.escape(gateway.merchant_id)}/client_api/v1"
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
                return self.struck(view.__name__, lambda: view(request, **values))  # noqa: B023
        raise NotFound

    def struck(self, call: str, respond: Callable[[], Response]) -> Response:
        """`respond()`, or what a fault put on this kind of call (faults.py) makes of it."""
        fault = self.gateway.faults.take(call) if call in KINDS else None
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
        apis = {origin(self.where["api"]), origin(self.where["graphql"]), *self.allow} - {""}
        sources = " ".join(["'self'", *sorted(apis)])
        return self.page((ASSETS / FIELD_PAGE).read_text(), f"connect-src {sources}")

    def test_cards(self, request) -> Response:
        return self.page(test_cards.page(request.script_root))

    def bank_page(self, request, id: str) -> Response:
        return self.page(self.three_d_secure.page(id), "form-action 'self'")

    def bank_answer(self, request, id: str) -> Response:
        answer = request.form.get("answer", "")
        return self.page(self.three_d_secure.answer(id, answer), "form-action 'none'")

    def page(self, html: str, *more: str) -> Response:
        embedder = "'self'" if not origin(self.gateway.browser_url) else "*"
        policy = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'",
                  f"frame-ancestors {embedder}", *more]
        headers = {"Content-Security-Policy": "; ".join(policy), "Cache-Control": "no-store",
                   "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        return Response(html, headers=headers, content_type="text/html; charset=utf-8")

    # The client API

    def config(self, request) -> Response:
        if self.vault.authorization(request.args.get("authorizationFingerprint", "")) is None:
            return not_authorized()
        return data(self.settings())

    def settings(self) -> dict:
        jwt = self.three_d_secure.token({"sub": self.gateway.merchant_id})
        return shapes.settings(self.gateway.merchant_id, self.where, jwt, self.gateway.challenges)

    def tokenize(self, request) -> Response:
        body = request.body()
        if self.vault.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        try:
            record = self.keep(part(body, "creditCard"))
        except CardRefused as refused:
            return data(shapes.refusal(refused.errors), 422)
        return data({"creditCards": [shapes.payment_method(record)]}, 202)

    def keep(self, card: dict) -> dict:
        address = part(card, "billingAddress")
        return self.vault.tokenize(
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
        if self.vault.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        found = self.three_d_secure.lookup(nonce, text(body, "amount"))
        if found is None:
            return data({"error": {"message": "Unknown or expired payment method nonce"}}, 404)
        record, challenge = found
        return data({**shapes.authentication(record), "lookup": challenge}, 201)

    def authenticate(self, request, nonce: str) -> Response:
        body = request.body()
        if self.vault.authorization(text(body, "authorizationFingerprint")) is None:
            return not_authorized()
        record = self.three_d_secure.authenticate(nonce, text(body, "jwt"))
        if record is None:
            return data({"error": {"message": "The authentication response is not valid"}}, 422)
        return data(shapes.authentication(record))

    # GraphQL

    def graphql(self, request) -> Response:
        fingerprint = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.vault.authorization(fingerprint) is None:
            refusal = {"message": "not authorized", "extensions": {"errorClass": "AUTHENTICATION"}}
            return data({"errors": [refusal]})
        body = request.body()
        if body.get("operationName") == "TokenizeCreditCard":
            card = part(part(part(body, "variables"), "input"), "creditCard")
            return self.struck("tokenize", lambda: self.graphql_tokenize(card))
        if body.get("operationName") == "ClientConfiguration":
            answer = {"data": {"clientConfiguration": shapes.graphql_settings(self.settings())}}
            return self.struck("config", lambda: data(answer))
        return data(INTERNAL)

    def graphql_tokenize(self, card: dict) -> Response:
        try:
            record = self.keep(card)
        except CardRefused as refused:
            return data(shapes.graphql_refusal(refused.errors))
        return data({"data": {"tokenizeCreditCard": shapes.graphql_card(record)}})


def data(value: dict, status: int = 200) -> Response:
    headers = {**CORS, "Cache-Control": "no-store"}
    return Response(json.dumps(value), status, headers, content_type="application/json")


def not_authorized() -> Response:
    return data({"error": {"message": "Invalid authorization fingerprint"}}, 401)
