"""Tells people whether money moved, in every response to a payment request, including errors, refused requests and
redirects to the login page.

The answer comes from the attempt with the form's token. An attempt that was sent is remembered for the rest of the
request, so that this works without the database. If there is no attempt, the token is voided before the response says
"not charged", because another request with the same form may be under way.
"""

import re

from flask import current_app, flash, g, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from app.models import Access, Attempt, LedgerEntry, PaymentLink, Throttle, VoidedToken
from app.models.payment_attempt import FORM_TOKEN
from app.web.formatting import now
from app.web.htmx import target_of
from app.web.ip import network

NOT_CHARGED = "You have not been charged."
UNKNOWN = "We do not know yet whether you were charged. Open Payments before you pay again."
UNKNOWN_BY_LINK = "We do not know yet whether you were charged. Open the invoice again before you pay again."
CONFIRMING = "Payment {} is being confirmed. Do not pay again."
PAID = "Payment {} was already made from that page. Do not pay again."
DECIDED = "Open payment {} before you pay again."
CANCELED = "Payment {} was canceled before any money moved. You have not been charged."
REVERSED = "Your bank approved payment {}, then reversed it."
UNREADABLE = (
    "We cannot show payment {0} at the moment. If you have just paid, payment {0} is being confirmed: do not pay "
    "again. Reload this page in a minute."
)
REFERENCE = re.compile("PAY-[0-9A-Z]{1,40}")
MONEY = "money"  # the category of flashed messages that stay on the page
HEADER = "Payment-Answer"
MAX_VOIDED_FORMS = 100  # of one user or network, in half an hour
# {endpoint of a payment request: endpoint of the payment's page}, for logged-in people and for Payment Links.
BY_LINK = "payment_link.create"
PAYMENTS = {"payments.create": "payments.show", BY_LINK: "payment_link.payment"}


def is_payment_request() -> bool:
    return request.endpoint in PAYMENTS


def note_sent(attempt: Attempt) -> None:
    # It was sent: whatever happens now, the response must lead to its page.
    g.sent_payment = attempt.reference


def known_outcome() -> tuple[str, str]:
    """(reference, sentence) of a payment request: the payment to look at, or '', and what is known about the money. The
    sentence is '' for another person's payment."""
    if reference := g.get("sent_payment"):
        return reference, CONFIRMING.format(reference)
    try:
        token = request.form.get("token", "")
    except HTTPException:  # the form is too large, so no view has read it either
        return "", NOT_CHARGED
    if not FORM_TOKEN.fullmatch(token):  # no payment can be made with it
        return "", NOT_CHARGED
    try:
        return outcome_of_token(token)
    except Exception:
        current_app.logger.exception("cannot read the payment with this token, or void it")
        return "", unknown()


def unknown() -> str:
    return UNKNOWN_BY_LINK if request.endpoint == BY_LINK else UNKNOWN


def outcome_of_token(token: str) -> tuple[str, str]:
    attempt = Attempt.by_token(token)
    if attempt is None and not VoidedToken.is_voided(token):
        if not Throttle.take_try({f"void:{sender()}": MAX_VOIDED_FORMS}, now()):
            return "", unknown()
        attempt = VoidedToken.void(token, now())
    if attempt is None:
        return "", NOT_CHARGED
    reference, sentence = outcome_of(attempt)
    if may_open(attempt):
        return reference, sentence
    is_own = current_user.is_authenticated and attempt.user_id == current_user.user_id
    return "", sentence if is_own else ""


def sender() -> str:
    return str(current_user.user_id) if current_user.is_authenticated else network(request.remote_addr or "")


def may_open(attempt: Attempt) -> bool:
    if request.endpoint == BY_LINK:
        link = PaymentLink.find((request.view_args or {}).get("token", ""))
        return link is not None and attempt.payment_link_id == link.id
    # After a logout, the token of the form is the only proof. A person whose access was revoked may not open the page,
    # but still reads what became of their own payment.
    if not current_user.is_authenticated:
        return True
    return Access.is_given(current_user.user_id, attempt.customer_id)


def outcome_of(attempt: Attempt) -> tuple[str, str]:
    reference = attempt.reference
    if attempt.state in (Attempt.CREATED, Attempt.SENT):
        return reference, CONFIRMING.format(reference)
    if attempt.is_believed:
        return reference, PAID.format(reference)
    if LedgerEntry.unapplied([attempt]):
        return reference, DECIDED.format(reference)
    if attempt.state == Attempt.APPROVED:
        return reference, (CANCELED if attempt.settlement == Attempt.VOIDED else REVERSED).format(reference)
    return "", NOT_CHARGED


def payment_page_url() -> str:
    """The path of the payment that this request's form has already made; '' if it made none."""
    reference = is_payment_request() and known_outcome()[0]
    if not reference:
        return ""
    return url_for(PAYMENTS[request.endpoint or ""], reference=reference, **(request.view_args or {}))


def with_outcome(text: str) -> str:
    """`text`. For a payment request, what is known about the money comes before it."""
    return f"{known_outcome()[1]} {text}".strip() if is_payment_request() else text


def payment_page_error() -> str:
    reference = (request.view_args or {}).get("reference", "")
    is_payment = request.endpoint == "payments.show" and REFERENCE.fullmatch(reference)
    return UNREADABLE.format(reference) if is_payment else ""


def add_outcome(response):
    """An after_request hook for the blueprints in PAYMENTS. The header tells pay.js that the response comes from the
    portal. A redirect to another page than payments flashes what is known about the money."""
    if is_payment_request():
        response.headers[HEADER] = "1"
        target = target_of(response)
        is_about_money = request.endpoint == BY_LINK or target.startswith(url_for("payments.index"))
        if target and not is_about_money and (sentence := known_outcome()[1]):
            flash(sentence, MONEY)
    return response
