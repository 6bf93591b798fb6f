"""What the SDKs call: /merchants/<id>/… with Basic authentication, XML both ways."""

import base64
import hmac

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from braintree_emulator import xml
from braintree_emulator.calls import Calls
from braintree_emulator.customers import NotVerified
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.strikes import Strike
from braintree_emulator.wire_vault import not_verified
from braintree_emulator.xml import BadXml

LARGEST_BODY = 1024 * 1024
LISTS = {"line_items", "domains", "tax_identifiers"}
OBJECTS = set(
    """
    options billing shipping customer credit_card custom_fields descriptor three_d_secure
    risk_data international_phone billing_address three_d_secure_pass_thru external_vault industry
    paypal authentication_insight_options processing_overrides
    """.split()  # noqa: SIM905
)


def rule(method: str, path: str, endpoint: str, kind: str) -> Rule:
    """`kind` is the word by which faults are put on this call."""
    return Rule(f"/merchants/<merchant>{path}", methods=[method], endpoint=(endpoint, kind))


RULES = [
    rule("POST", "/client_token", "client_token", "client_token"),
    rule("POST", "/transactions", "sale", "sale"),
    rule("POST", "/transactions/advanced_search_ids", "search_ids", "search"),
    rule("POST", "/transactions/advanced_search", "search_page", "fetch"),
    rule("GET", "/transactions/<id>", "find", "find"),
    rule("PUT", "/transactions/<id>/void", "void", "void"),
    rule("POST", "/transactions/<id>/refund", "refund", "refund"),
    rule("POST", "/transactions/<id>/reverse", "reverse", "refund"),
    rule("PUT", "/transactions/<id>/submit_for_settlement", "submit", "settle"),
    rule("PUT", "/transactions/<id>/settle", "settle", "settle"),
    rule("PUT", "/transactions/<id>/settlement_confirm", "settlement_confirm", "settle"),
    rule("PUT", "/transactions/<id>/settlement_decline", "settlement_decline", "settle"),
    rule("PUT", "/transactions/<id>/settlement_pending", "settlement_pending", "settle"),
    rule("GET", "/transactions/<id>/line_items", "line_items", "find"),
    rule("GET", "/merchant_accounts/", "accounts", "account"),
    rule("GET", "/merchant_accounts/<id>", "account", "account"),
    rule("POST", "/customers", "create_customer", "customer"),
    rule("GET", "/customers/<id>", "find_customer", "customer"),
    rule("PUT", "/customers/<id>", "update_customer", "customer"),
    rule("DELETE", "/customers/<id>", "delete_customer", "customer"),
    rule("POST", "/payment_methods", "create_method", "payment_method"),
    rule("GET", "/payment_methods/any/<id>", "find_method", "payment_method"),
    rule("PUT", "/payment_methods/any/<id>", "update_method", "payment_method"),
    rule("DELETE", "/payment_methods/any/<id>", "delete_method", "payment_method"),
    rule("POST", "/payment_methods/<id>/nonces", "create_nonce", "nonce"),
    rule("GET", "/payment_method_nonces/<id>", "find_nonce", "nonce"),
]
ROUTES = Map(RULES, strict_slashes=False)


class Api:
    """A WSGI app. Faults strike in `strikes`; everything else is as Braintree answers."""

    def __init__(self, gateway):
        self.gateway = gateway

    def __call__(self, environ, start_response):
        self.gateway.run_due()
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        try:
            (endpoint, kind), values = ROUTES.bind_to_environ(environ).match()
            body = request.get_data()
        except HTTPException as error:
            return Response(status=error.code)(environ, start_response)
        strike = Strike(self.gateway, environ, kind)
        response = strike.around(lambda: self.respond(request, body, endpoint, dict(values), strike))
        return response(environ, start_response)

    def respond(self, request, body: bytes, endpoint: str, values: dict, strike) -> Response:
        if not self._knows(request.headers.get("Authorization", "")):
            return Response(status=401)
        if values.pop("merchant") != self.gateway.merchant_id:
            return Response(status=403)
        try:
            params = read(body, endpoint)
            status, root, value = self.dispatch(endpoint, params, values, strike)
        except BadXml:
            return Response(status=400)
        except NotFound:
            return Response(status=404)
        content = xml.document(root, value) if root else b""
        return Response(content, status, content_type="application/xml; charset=utf-8")

    def dispatch(self, endpoint: str, params: dict, values: dict, strike) -> tuple:
        try:
            return getattr(Calls(self.gateway, strike), endpoint)(params, **values)
        except Invalid as problem:
            return 422, "api_error_response", problem.body(params)
        except NotVerified as problem:
            return 422, "api_error_response", not_verified(problem.outcome, params)

    def _knows(self, authorization: str) -> bool:
        expected = f"{self.gateway.public_key}:{self.gateway.private_key}"
        expected = "Basic " + base64.b64encode(expected.encode()).decode()
        return hmac.compare_digest(authorization.encode("utf-8", "replace"), expected.encode())


def read(body: bytes, endpoint: str) -> dict:
    """The parameters under the root element. Raises BadXml."""
    params = next(iter(xml.parse(body).values()), None) or {}
    if not isinstance(params, dict):
        raise BadXml("the root has no elements")
    return params if endpoint.startswith("search") else tidy(params)


def tidy(params: dict) -> dict:
    """Numbers as text, and objects only where an object belongs. Raises BadXml."""
    tidied = {}
    for name, value in params.items():
        if isinstance(value, dict) and (name in OBJECTS or value == {}):
            tidied[name] = tidy(value)
        elif isinstance(value, list) and name in LISTS:
            tidied[name] = value
        elif isinstance(value, dict | list) or (name in OBJECTS and value is not None):
            raise BadXml(f"{name} is of another kind than expected")
        else:
            tidied[name] = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return tidied
