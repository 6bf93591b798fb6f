"""Access rules of routes, and the headers of every response.

By default only customers with access may open a view. @staff_only restricts it to administrators, @public opens it to
everyone. Which rows a view may read depends on the query that it starts from (`visible_to`).
"""

from urllib.parse import unquote, urlsplit

from flask import abort, current_app, g, request
from flask_login import current_user
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from app.config import Config
from app.extensions import login_manager
from app.web import logs
from app.web.htmx import VARY
from app.web.static_files import asset

BASE_POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


def public(view):
    view.access = "public"
    return view


def staff_only(view):
    view.access = "staff"
    return view


def any_login(view):
    # For logging out and the person's own account.
    view.access = "login"
    return view


def immutable(view):
    # The URL contains a hash of the content, so browsers may cache it forever.
    view.is_immutable = True
    return view


def hides_referrer(view):
    # The URL is a secret: its pages send no Referer, not even to the portal.
    view.hides_referrer = True
    return view


def without_database(view):
    # The view works while the database is unavailable, and before there is an administrator.
    view.without_database = True
    return view


def needs_database(endpoint: str | None) -> bool:
    return endpoint != "static" and not hasattr(current_app.view_functions.get(endpoint), "without_database")


def access_rule(endpoint: str | None) -> str:
    """'public', 'staff', 'login' or 'customer'."""
    view = current_app.view_functions.get(endpoint)
    return "public" if endpoint == "static" else getattr(view, "access", "customer")


class Csrf(CSRFProtect):
    """Over HTTPS a form must also come from a page of PORTAL_URL. Flask-WTF would compare with the Host header, which
    has no port behind some proxies."""

    def protect(self, apply_exemptions=False):
        super().protect(apply_exemptions)
        if not g.get("csrf_valid"):
            return  # nothing is changed, or the view is exempt
        config, sent_from = current_app.config["PORTAL"], f"{request.referrer or ''}/"
        if getattr(current_app.view_functions.get(request.endpoint), "hides_referrer", False) and not request.referrer:
            return
        if config.secure and not sent_from.startswith(f"{config.origin}/"):
            self._error_response("The form was sent from another address than PORTAL_URL.")


csrf = Csrf()


def guard():
    """Runs before every request: checks the route's access rule, then the registered access checks."""
    if request.endpoint is None:
        return None
    rule = access_rule(request.endpoint)
    if rule == "public":
        return current_app.extensions["visitor_check"]()
    person = current_user._get_current_object()  # each use of current_user would look it up again
    if not person.is_authenticated:
        return current_app.extensions["visitor_check"]() or login_manager.unauthorized()
    if rule == "staff" and not person.is_administrator:
        abort(404)
    if rule == "customer" and person.is_administrator and person.customer_id is None:
        abort(403)
    if rule == "customer" and person.viewing_as and request.method not in ("GET", "HEAD"):
        abort(403, "You are viewing as a customer: you can look, but not change anything.")
    answers = (check(person) for check in current_app.extensions["access_checks"])
    response = next((response for response in answers if response is not None), None)
    if response is None and rule == "customer" and person.customer_id is None:
        abort(403)  # an access check should have redirected to the choice of a customer
    return response


def register_access_checks(app, *checks, visitor) -> None:
    """Calls each `check(person)`, in this order, before every view that isn't public. The first response of a check
    replaces the view. `visitor()` does the same before a public view and before a redirect to the login page."""
    app.extensions["access_checks"] = checks
    app.extensions["visitor_check"] = visitor


def content_security_policy(**extra: list[str]) -> str:
    """The policy with additional sources: `script_src=["https://…"]`."""
    policy = {name: list(sources) for name, sources in BASE_POLICY.items()}
    for name, sources in extra.items():
        policy.setdefault(name.replace("_", "-"), []).extend(sources)
    return "; ".join(f"{name} {' '.join(dict.fromkeys(sources))}" for name, sources in policy.items())


STRICT_POLICY = content_security_policy()

# What the page with the card fields may load in addition. The portal serves Braintree's scripts and our own
# (static/vendor/README.md), so `script-src` has only two other hosts: Cardinal's for 3-D Secure and PayPal's for device
# data. Frames and forms may use any HTTPS host, because a bank's own page is shown in a frame and every bank has
# another host. Scripts may not.
SONGBIRD = {
    "sandbox": [
        "https://songbirdstag.cardinalcommerce.com",
        "https://cas.static.client.cardinaltrusted.com",
    ],
    "production": [
        "https://songbird.cardinalcommerce.com",
        "https://static.client.cardinaltrusted.com",
    ],
}
API = {
    "sandbox": [
        "https://api.sandbox.braintreegateway.com",
        "https://payments.sandbox.braintree-api.com",
        "https://client-analytics.sandbox.braintreegateway.com",
    ],
    "production": [
        "https://api.braintreegateway.com",
        "https://payments.braintree-api.com",
        "https://client-analytics.braintreegateway.com",
    ],
}
DEVICE_DATA = ["https://c.paypal.com"]
TELEMETRY = ["https://www.paypal.com"]
AUTHENTICATION = ["https://*.cardinalcommerce.com", "https://*.cardinaltrusted.com"]


def pay_page_policy(config: Config) -> str:
    if config.demo:
        gateways = local_gateways(config.gateway_url)
        return content_security_policy(connect_src=gateways, frame_src=["'self'", *gateways])
    environment = config.environment
    return content_security_policy(
        script_src=SONGBIRD[environment] + DEVICE_DATA,
        connect_src=API[environment] + TELEMETRY + DEVICE_DATA + AUTHENTICATION,
        img_src=["https://assets.braintreegateway.com", *DEVICE_DATA, "https://b.stats.paypal.com"],
        frame_src=["https:"],
        form_action=["https:"],
    )


def local_gateways(gateway_url: str | None) -> list[str]:
    if not gateway_url:
        return []
    port = urlsplit(gateway_url).port or 80
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]


HEADERS = (
    ("Content-Security-Policy", STRICT_POLICY),
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
VARY_HEADER = ("Vary", ", ".join((*VARY, "Cookie")))
IMMUTABLE, NO_STORE = "public, max-age=31536000, immutable", "no-store"
HSTS = "max-age=31536000"


def set_headers(response):
    # Strict by default. The pay page has set its own policy already.
    headers = response.headers
    if getattr(current_app.view_functions.get(request.endpoint), "hides_referrer", False):
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "noindex, nofollow"
    said = {name for name, _value in headers}
    for name, value in HEADERS:
        if name not in said:
            headers.add_header(name, value)
    config = current_app.config["PORTAL"]
    if config.secure:
        headers.setdefault("Strict-Transport-Security", HSTS + "; includeSubDomains" * config.hsts_subdomains)
    if caching := cache_control(response.status_code):
        headers["Cache-Control"] = caching
    if caching == NO_STORE:  # files are the same for everyone
        headers.setdefault(*VARY_HEADER)
    headers["X-Request-ID"] = request.id
    if response.status_code in logs.REFUSED:
        logs.log_refusal(response.status_code)
    return response


def cache_control(status: int) -> str | None:
    if request.endpoint != "static":
        is_immutable = getattr(current_app.view_functions.get(request.endpoint), "is_immutable", False)
        return IMMUTABLE if is_immutable and status == 200 else NO_STORE
    if status not in (200, 206, 304):
        return NO_STORE
    return IMMUTABLE if "v" in request.args and request.full_path == asset(request.view_args["filename"]) else None


def is_local_path(target: str | None) -> bool:
    # Printable ASCII that starts with one slash, and no backslash, which browsers read as a slash.
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return False
    return all(" " < character <= "~" for character in target)


def may_open(target: str, person) -> bool:
    try:
        endpoint, _values = current_app.url_map.bind("portal").match(unquote(urlsplit(target).path), "GET")
    except HTTPException:
        return False
    rule = access_rule(endpoint)
    if rule == "staff":
        return person.is_administrator
    return rule != "customer" or not person.is_administrator or getattr(person, "viewing_as", False)


def portal_host(portal_url: str) -> str:
    return urlsplit(portal_url).hostname or ""
