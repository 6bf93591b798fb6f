"""What the server SDKs talk to: /merchants/<id>/… with Basic authentication, XML both ways."""

import base64
import hmac

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchPath
from werkzeug.wrappers import Request, Response

from braintree_emulator import xml
from braintree_emulator.endpoints import ROUTES, Endpoints
from braintree_emulator.errors import Invalid, NotFound
from braintree_emulator.fault_injection import InjectedFault
from braintree_emulator.serializers import not_verified
from braintree_emulator.vault import NotVerified
from braintree_emulator.xml import BadXml

MAX_BODY = 1024 * 1024
LISTS = {"line_items", "domains", "tax_identifiers"}
OBJECTS = set(
    """
    options billing shipping customer credit_card custom_fields descriptor three_d_secure
    risk_data international_phone billing_address three_d_secure_pass_thru external_vault industry
    paypal authentication_insight_options processing_overrides
    """.split()  # noqa: SIM905
)


class Api:
    """A WSGI app. Without an injected fault it answers as Braintree does."""

    def __init__(self, emulator):
        self.emulator = emulator

    def __call__(self, environ, start_response):
        self.emulator.run_due()
        request = Request(environ)
        request.max_content_length = MAX_BODY
        try:
            (endpoint, call), values = ROUTES.bind_to_environ(environ).match()
            body = request.get_data()
        except HTTPException as error:
            return unrouted(request, error)(environ, start_response)
        fault = InjectedFault(self.emulator, environ, call)
        response = fault.wrap(lambda: self.respond(request, body, endpoint, dict(values), fault))
        return response(environ, start_response)

    def respond(self, request, body: bytes, endpoint: str, values: dict, fault: InjectedFault) -> Response:
        if not self._is_authentic(request.headers.get("Authorization", "")):
            return Response(status=401)
        if values.pop("merchant") != self.emulator.merchant_id:
            return Response(status=403)
        try:
            params = parse_params(body, endpoint)
            status, root, content = self.call(Endpoints(self.emulator, fault), endpoint, params, values)
            content = fault.altered_response(content)
        except BadXml:
            return Response(status=400)
        except NotFound:
            return Response(status=404)
        document = xml.document(root, content) if root else b""
        return Response(document, status, content_type="application/xml; charset=utf-8")

    def call(self, endpoints: Endpoints, endpoint: str, params: dict, values: dict) -> tuple:
        try:
            return getattr(endpoints, endpoint)(params, **values)
        except Invalid as problem:
            return 422, "api_error_response", problem.body(params)
        except NotVerified as problem:
            return 422, "api_error_response", not_verified(problem.outcome, params)

    def _is_authentic(self, authorization: str) -> bool:
        keys = f"{self.emulator.public_key}:{self.emulator.private_key}"
        expected = "Basic " + base64.b64encode(keys.encode()).decode()
        return hmac.compare_digest(authorization.encode("utf-8", "replace"), expected.encode())


def unrouted(request: Request, error: HTTPException) -> Response:
    """501 for a call of Braintree's that is not emulated: a 404 would look like a missing record."""
    if request.path.startswith("/merchants/") and isinstance(error, NoSuchPath | MethodNotAllowed):
        return Response(f"braintree_emulator has no {request.method} {request.path}: see its README.md\n", 501)
    return Response(status=error.code)


def parse_params(body: bytes, endpoint: str) -> dict:
    """The parameters under the root element. Raises BadXml."""
    params = next(iter(xml.parse(body).values()), None) or {}
    if not isinstance(params, dict):
        raise BadXml("the root has no elements")
    return params if endpoint.startswith("search") else normalize(params)


def normalize(params: dict) -> dict:
    """Numbers as text, and objects and lists only where they belong. Raises BadXml."""
    normalized = {}
    for name, value in params.items():
        if isinstance(value, dict) and (name in OBJECTS or value == {}):
            normalized[name] = normalize(value)
        elif isinstance(value, list) and name in LISTS:
            normalized[name] = value
        elif isinstance(value, dict | list) or (name in OBJECTS and value is not None):
            raise BadXml(f"{name} has an unexpected type")
        else:
            normalized[name] = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return normalized
