"""Whether money moved: what every answer to a pressed Pay says, wherever in the portal that answer is made.

Errors, refused requests and redirects to the login page ask here. The fact is the attempt that the form's token
names; once an attempt was sent it is remembered for the request, so that no database is needed to say so. Without an
attempt the token is voided before anyone reads "not charged": another request with the same form may be under way.
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
MONEY = "money"  # the category of flashed sentences that stay on the page
HEADER = "Payment-Answer"
MOST_VOIDED = 100  # forms of one sender, in half an hour
# Where Pay is pressed, and where it leads: by a person who is logged in, and by the holder of a Payment Link.
BY_LINK = "payment_link.create"
PAYMENTS = {"payments.create": "payments.show", BY_LINK: "payment_link.payment"}


def is_pay() -> bool:
    return request.endpoint in PAYMENTS


def remember(attempt: Attempt) -> None:
    # It was sent: whatever happens from here on, its own page is the answer.
    g.sent_payment = attempt.reference


def fact() -> tuple[str, str]:
    """(reference, sentence) for a pressed Pay: the payment whose page says the rest, or '', and what is known. Nothing
    is said, '', about another person's payment."""
    if reference := g.get("sent_payment"):
        return reference, CONFIRMING.format(reference)
    try:
        token = request.form.get("token", "")
    except HTTPException:  # too large: no view has read it either
        return "", NOT_CHARGED
    if not FORM_TOKEN.fullmatch(token):  # no payment can be made with it
        return "", NOT_CHARGED
    try:
        return of_token(token)
    except Exception:
        current_app.logger.exception("cannot read the payment with this token, or void it")
        return "", unknown()


def unknown() -> str:
    return UNKNOWN_BY_LINK if request.endpoint == BY_LINK else UNKNOWN


def of_token(token: str) -> tuple[str, str]:
    attempt = Attempt.by_token(token)
    if attempt is None and not VoidedToken.is_voided(token):
        if not Throttle.take_try({f"void:{sender()}": MOST_VOIDED}, now()):
            return "", unknown()
        attempt = VoidedToken.void(token, now())
    if attempt is None:
        return "", NOT_CHARGED
    reference, sentence = of_attempt(attempt)
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
    # The form they sent is all that a login that ended leaves. A person whose access was revoked still hears what
    # became of their own payment.
    if not current_user.is_authenticated:
        return True
    return Access.is_given(current_user.user_id, attempt.customer_id)


def of_attempt(attempt: Attempt) -> tuple[str, str]:
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


def page() -> str:
    """The path of the payment that this request's form has already made; '' when it made none."""
    reference = is_pay() and fact()[0]
    if not reference:
        return ""
    return url_for(PAYMENTS[request.endpoint or ""], reference=reference, **(request.view_args or {}))


def with_fact(text: str) -> str:
    """`text`, after what is known about the money if this request is a pressed Pay."""
    return f"{fact()[1]} {text}".strip() if is_pay() else text


def unreadable_page() -> str:
    reference = (request.view_args or {}).get("reference", "")
    is_payment = request.endpoint == "payments.show" and REFERENCE.fullmatch(reference)
    return UNREADABLE.format(reference) if is_payment else ""


def mark(response):
    """For the blueprints of PAYMENTS: show the browser that this answer is the portal's; a redirect away from payments
    takes the fact along."""
    if is_pay():
        response.headers[HEADER] = "1"
        target = target_of(response)
        is_about_money = request.endpoint == BY_LINK or target.startswith(url_for("payments.index"))
        if target and not is_about_money and (sentence := fact()[1]):
            flash(sentence, MONEY)
    return response
