"""/pay: the pages for the holder of a Payment Link, without a login: one invoice, and the payments made with the
link."""

from typing import NoReturn

from flask import Blueprint, abort, current_app, g, render_template, request, url_for

from app.documents.files import document_file, receipt_file
from app.documents.receipt import has_receipt
from app.documents.views import download
from app.invoices.document import InvoiceDocument
from app.invoices.labels import CHIPS
from app.invoices.queries import invoice_document
from app.models import Attempt, LinkHolder, PaymentLink, PaymentLinkView, Throttle
from app.payments import messages, statuses
from app.payments.eligibility import Blocker, first_blocker
from app.payments.views.history import outcome_of
from app.web import payment_answer
from app.web.formatting import company, current_today, locale, locale_of, now
from app.web.htmx import go_to, render, wants_fragment
from app.web.ip import network
from app.web.security import hides_referrer, public

bp = Blueprint("payment_link", __name__, url_prefix="/pay")
bp.after_request(payment_answer.add_outcome)
DEAD_LINKS = 60  # opened from one network, in half an hour


@bp.get("/<token>")
@public
@hides_referrer
def show(token):
    link = live_link(token)
    document = invoice_document.find(LinkHolder.of(link), link.invoice.public_id) or abort(404)
    why_not = blocker(link)
    return render_template(
        "notices/invoice.html",
        link=link,
        token=token,
        by_link=True,
        document=InvoiceDocument(document, current_today(), locale()),
        chip_kinds=CHIPS,
        why_not=why_not,
        reason=messages.blocked(why_not, link.invoice.currency) if why_not else None,
    )


@bp.get("/<token>/payments/<reference>")
@public
@hides_referrer
def payment(token, reference):
    # Also after the link expired or was revoked, because only the person who paid with it knows the reference.
    link = known_link(token)
    attempt = Attempt.by_reference(LinkHolder.of(link), reference) or abort(404)
    if wants_fragment() and statuses.is_decided(attempt):  # the page asks again while the outcome is unknown
        return go_to(request.path)
    return render(
        "notices/payment.html",
        "payments/_status.html",
        **outcome_of(attempt),
        by_link=True,
        overdue=None,
        next_due=None,
        receipt_url=url_for(".receipt", token=token, reference=attempt.reference),
        retry_url=url_for(".new", token=token) if is_open(link) else "",
        back_url=url_for(".show", token=token) if is_open(link) else "",
    )


@bp.get("/<token>/invoice.pdf")
@public
@hides_referrer
def invoice_file(token):
    link = live_link(token)
    document = invoice_document.find(LinkHolder.of(link), link.invoice.public_id) or abort(404)
    return download(document_file(document, company(), locale=locale(), now=now()))


@bp.get("/<token>/payments/<reference>.pdf")
@public
@hides_referrer
def receipt(token, reference):
    attempt = Attempt.by_reference(LinkHolder.of(known_link(token)), reference)
    if attempt is None or not has_receipt(attempt):
        abort(404)
    return download(receipt_file(attempt, company(), locale=locale(), now=now()))


def known_link(token: str) -> PaymentLink:
    """Aborts with the same answer for every link that doesn't exist."""
    link = PaymentLink.find(token)
    if link is None:
        refuse()
    g.locale = locale_of(link.invoice.customer, company())
    return link


def live_link(token: str) -> PaymentLink:
    link = known_link(token)
    if not is_open(link):
        refuse()
    if request.method == "GET":  # mail scanners ask with HEAD, too
        PaymentLinkView.note(link, request.remote_addr or "", now())
    return link


def is_open(link: PaymentLink) -> bool:
    return link.is_live(now()) and company().customer_access


def refuse() -> NoReturn:
    is_within = Throttle.take_try({f"dead_link:{network(request.remote_addr or '')}": DEAD_LINKS}, now())
    abort(404 if is_within else 429)


def blocker(link: PaymentLink) -> Blocker | None:
    configured = current_app.config["PORTAL"].gateway_configured
    return first_blocker(company(), configured, LinkHolder.of(link), link.invoice)
