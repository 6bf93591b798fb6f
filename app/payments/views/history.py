"""/payments and /payments/<reference>: the list of payments, what became of each, and its receipt by email."""

from flask import abort, current_app, request, url_for

from app.mail import resend, state_labels
from app.models import Allocation, Attempt, Invoice, LedgerEntry, Throttle
from app.payments import declines, export, history, receipts, statuses
from app.payments.views.pay import bp
from app.web.actor import current_actor
from app.web.downloads import csv_download
from app.web.formatting import company, current_today, now
from app.web.htmx import go_to, render, wants_fragment
from app.web.sessions import current_viewer

RECEIPT_TRIES = 3  # in half an hour


@bp.get("")
def index():
    # By keyset: ?before= and ?after= name a payment, ?recorded= a place in the list of recorded ones.
    args = request.args
    found = history.read(current_viewer(), args.get("before"), args.get("after"), args.get("recorded", ""))
    if found is None:
        abort(404)
    return render("payments/index.html", "payments/_list.html", history=found, nav="payments")


@bp.get("/export.csv")
def export_list():
    return csv_download("payments", export.HEADER, export.rows(current_viewer(), company()))


@bp.get("/<reference>")
def show(reference):
    attempt = Attempt.by_reference(current_viewer(), reference)
    if attempt is None:
        abort(404)
    if wants_fragment() and statuses.is_decided(attempt):  # the page asks again while the outcome is unknown
        return go_to(url_for(".show", reference=attempt.reference))
    outcome = outcome_of(attempt)
    still_open = [line.invoice.public_id for line in outcome["lines"] if line.invoice.open_minor]
    return render(
        "payments/show.html",
        "payments/_status.html",
        **outcome,
        by_link=False,
        overdue=Invoice.overdue(current_viewer(), attempt.currency, current_today()),
        next_due=Invoice.next_due(current_viewer(), attempt.currency, current_today()),
        receipt_mail=receipts.latest(attempt),
        receipt_url=url_for("documents.receipt", reference=attempt.reference),
        retry_url=url_for("payments.new", invoice=still_open) if current_viewer().can_pay else "",
        back_url=url_for("invoices.index"),
        nav="payments",
    )


def outcome_of(attempt: Attempt) -> dict:
    """Context for payments/_status.html, for customers and for holders of Payment Links."""
    waiting = LedgerEntry.unapplied([attempt])
    return {
        "attempt": attempt,
        "badge": statuses.badge_of(attempt, bool(waiting)),
        "card": declines.card_of(attempt),
        "waiting": waiting,
        "lines": list(Allocation.of([attempt])),
        "decline": declines.explain_decline(attempt, bool(waiting), asks_postal_code=company().asks_postal_code),
        "refunds": statuses.refunds([attempt.reference]).get(attempt.reference, ()),
        "receipt_words": state_labels.receipt_status(receipts.latest(attempt), current_app.config["PORTAL"].has_mail),
        "late": history.is_late(attempt),
        "decided": statuses.is_decided(attempt),
    }


@bp.post("/<reference>/receipt")
def send_receipt(reference):
    attempt = Attempt.by_reference(current_viewer(), reference) or abort(404)
    mail = receipts.latest(attempt)
    if mail and mail.is_undelivered and Throttle.take_try({f"receipt:{attempt.reference}": RECEIPT_TRIES}, now()):
        resend.resend(mail, current_actor())
    return go_to(url_for("payments.show", reference=attempt.reference))
