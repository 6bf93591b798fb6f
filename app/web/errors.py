"""Error handlers. They answer with a page, or with a fragment for a partial update."""

from html import escape

from flask import current_app, g, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from peewee import PeeweeException
from werkzeug.exceptions import HTTPException, SecurityError, ServiceUnavailable

from app.extensions import db
from app.web import logs, payment_answer
from app.web.htmx import go_to, in_problems, is_htmx, problem
from app.web.static_files import asset

TEXTS = {
    400: ("That did not work", "Reload the page and try again."),
    403: ("You do not have access to this page", "Ask the person who manages your account, or contact us."),
    404: ("We cannot find that page", "It may have moved, or it may belong to another account."),
    405: ("That did not work", "Go back and use the button on the page."),
    413: ("That is too large", "Choose a smaller file, or send less text at once."),
    429: ("Too many attempts", "Wait a few minutes, then try again."),
    503: ("The portal is busy", "Wait a moment, then try again."),
}
BUSY_SECONDS = 10
ERROR_PAGE_WAIT_SECONDS = 5
EXPIRED = "This page has expired"
INVOICE_NOT_FOUND = ("We cannot find that invoice", "It may belong to another account.")
# The same for a guessed, an expired and a revoked link.
LINK_NOT_FOUND = (
    "This link does not work",
    "It may be incomplete, expired or no longer valid. Open the newest email about the invoice, or contact us for a "
    "new link.",
)
CUSTOMERS_ONLY = ("This page is for customers", "To see what a customer sees, open Customers > View as customer.")
CHECK_SAVED = "Wait a moment, then check whether your change was saved before you try again."
UNEXPECTED_READ = "Something went wrong on our side. Try again, or contact us with this code:"
UNEXPECTED_CHANGE = (
    "Something went wrong on our side. Check whether your change was saved before you try again, or contact us with "
    "this code:"
)


def init_app(app) -> None:
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(SecurityError, foreign_host)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected_error)


def csrf_error(error):
    # The form is older than the login it was made for, or it did not come from this portal.
    g.refused = error.description
    if payment_answer.is_payment_request():
        return show(400, EXPIRED, "Go back, reload the page and start the payment again.")
    return show(400, EXPIRED, "Go back, reload the page and try again. Nothing was changed.")


def foreign_host(error):
    # Plain text: url_for needs a trusted host.
    g.refused = "another Host header"
    return current_app.response_class("This portal has another address.\n", 400, mimetype="text/plain")


def http_error(error):
    if error.response is not None or error.code is None or error.code < 400:
        return error
    title, text = title_and_text(error)
    response = show(error.code, title, text)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def title_and_text(error) -> tuple[str, str]:
    if error.code == 404 and request.endpoint in ("invoices.show", "invoices.selected", "payments.new"):
        return INVOICE_NOT_FOUND
    if error.code == 404 and request.blueprint == "payment_link":
        return LINK_NOT_FOUND
    if error.code == 403 and is_staff():
        return CUSTOMERS_ONLY
    return TEXTS.get(error.code, (error.name, "Go back and try again."))


def unexpected_error(error):
    if db.is_disconnected(error):
        return database_unavailable()
    if db.is_conflict(error) or db.is_busy(error):
        g.refused = "the database was busy"
        with db.lock_timeout(ERROR_PAGE_WAIT_SECONDS):  # they have waited already
            return http_error(ServiceUnavailable(retry_after=BUSY_SECONDS))
    code = request.id
    current_app.logger.exception("unexpected error %s on %s %s", code, request.method, logs.loggable_path())
    text = payment_answer.payment_page_error()
    if not text:
        text = f"{UNEXPECTED_CHANGE if is_change() else UNEXPECTED_READ} {code}"
    try:
        return show(500, "Something went wrong", text)
    except Exception:
        current_app.logger.exception("no page for error %s", code)
        return bare_page("Something went wrong", payment_answer.with_outcome(text))


def database_unavailable():
    """The usual error page if the database accepts connections again, otherwise one that needs no database."""
    g.refused = "the database was away"
    title, text = TEXTS[503]
    text = payment_answer.payment_page_error() or (CHECK_SAVED if is_change() else text)
    try:
        answer = show if reconnects() else bare_page_with_outcome
        response = current_app.make_response(answer(503, title, text))
    except PeeweeException:  # unavailable again
        response = bare_page_with_outcome(503, title, text)
    if response.status_code == 503:
        response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response


def reconnects() -> bool:
    try:
        db.close()
        db.connect()
        return True
    except PeeweeException:
        return False


def is_change() -> bool:
    return request.method not in ("GET", "HEAD") and not payment_answer.is_payment_request()


def show(status: int, title: str, text: str):
    """An error page. For a payment request it says whether money moved, or redirects to the page of its payment."""
    if page := payment_answer.payment_page_url():
        return go_to(page)
    text = payment_answer.with_outcome(text)
    if is_htmx():
        return problem(status, title=title, text=text)
    page = render_template("errors/error.html", title=title, text=text, base=layout_for(status))
    return current_app.make_response((page, status))


def bare_page_with_outcome(status: int, title: str, text: str):
    return bare_page(title, payment_answer.with_outcome(text), status)


def bare_page(title: str, text: str, status: int = 500):
    # Needs neither templates nor the database, since one of them may have failed.
    words = f"<h1>{title}</h1><p>{escape(text)}</p>"
    if is_htmx():
        return in_problems(current_app.response_class(f'<div class="summary" role="alert">{words}</div>', status))
    head = f'<title>{title}</title><meta name="viewport" content="width=device-width">'
    style = f'<link rel="stylesheet" href="{asset("css/app.css")}">'
    body = f'<body><main class="auth-form stack">{words}</main></body>'
    return current_app.response_class(f'<!doctype html><html lang="en"><head>{head}{style}</head>{body}</html>', status)


def layout_for(status: int) -> str:
    if status >= 500 or not current_user.is_authenticated:
        return "auth_base.html"
    return "staff_base.html" if is_staff() else "customer_base.html"


def is_staff() -> bool:
    return current_user.is_authenticated and current_user.is_administrator and current_user.customer_id is None
