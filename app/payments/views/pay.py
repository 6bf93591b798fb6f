"""/payments: choosing what to pay, paying it, and what became of it."""

from flask import Blueprint, abort, current_app, request, url_for

from app.mail import state_labels
from app.models import Allocation, Attempt, Invoice, LedgerEntry
from app.payments import declines, history, messages, receipts, reversals, statuses
from app.payments.checkout import CannotPay
from app.payments.outcomes import answer, submit
from app.payments.page import blocked, cannot_pay, not_allowed, pay_page, quoted, viewer
from app.payments.payment_request import PayForm, Selection
from app.web.formatting import company, current_today, page_url
from app.web.htmx import go_to, render, wants_fragment

bp = Blueprint("payments", __name__, url_prefix="/payments")


@bp.get("")
def index():
    """Every payment of this customer, newest first, by keyset: ?before= and ?after= name a payment; ?recorded= a place
    in the list of those that the company recorded."""
    args = request.args
    found = history.read(viewer(), args.get("before"), args.get("after"), args.get("recorded", ""))
    if found is None:
        abort(404)
    return render("payments/index.html", "payments/_list.html", history=found, nav="payments")


@bp.get("/new")
def new():
    """The quote for ?invoice=… or ?all=USD and, with ?amount=, how a part of it would be split."""
    if why := blocked():
        return not_allowed(why)
    selection = Selection.from_args(request.args)
    try:
        quote, error = quoted(selection)
    except CannotPay as problem:
        return cannot_pay(problem.reason, selection)
    if wants_fragment() or not error:  # don't validate until the form is submitted
        return pay_page(quote, selection, readable=not error)
    return pay_page(quote, selection, 422, message=messages.bad_amount(error), amount_error=error)


@bp.post("/new")
def split():
    """Without JavaScript: show how the typed amount is split, at a URL that says so."""
    selection = PayForm.read(request.form).selection
    return go_to(page_url("payments.new", **selection.query, pay="part", amount=selection.amount))


@bp.post("")
def create():
    """Pay. Whatever is sent twice is one payment, and the second answer is the first one's."""
    form = PayForm.read(request.form)
    return answer(submit(form), form)


@bp.get("/<reference>")
def show(reference):
    attempt = Attempt.named(viewer(), reference)
    if attempt is None:
        abort(404)
    if wants_fragment() and statuses.is_decided(attempt):  # the page asks again while the outcome is unknown
        return go_to(url_for(".show", reference=attempt.reference))
    waiting, mail = LedgerEntry.waiting([attempt]), receipts.latest(attempt)
    return render(
        "payments/show.html",
        "payments/_status.html",
        attempt=attempt,
        look=statuses.look_of(attempt, bool(waiting)),
        card=declines.card_of(attempt),
        waiting=waiting,
        lines=list(Allocation.of([attempt])),
        decline=declines.explain(attempt, bool(waiting), asks_postal_code=company().asks_postal_code),
        overdue=Invoice.overdue(viewer(), attempt.currency, current_today()),
        next_due=Invoice.next_due(viewer(), attempt.currency, current_today()),
        refunds=reversals.refunds([attempt.reference]).get(attempt.reference, ()),
        receipt_words=state_labels.receipt_status(mail, current_app.config["PORTAL"].has_mail),
        receipt_mail=mail,
        late=history.is_late(attempt),
        decided=statuses.is_decided(attempt),
        nav="payments",
    )
