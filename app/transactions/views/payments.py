"""Transactions > Customers > Accept Customer Payments: the list of payments, and those received outside the portal."""

import re
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from peewee import IntegrityError

from app import dates
from app.models import Customer, Invoice, ReceivedPayment
from app.money import format_money
from app.printable import is_printable
from app.transactions import queries, received
from app.transactions.documents import Stale
from app.transactions.payment_form import PaymentForm
from app.transactions.queries import BOOKS, ONLINE, Criteria, Cursor
from app.transactions.received import METHODS, CannotRecord
from app.transactions.views.customer_search import LONGEST_SEARCH, choose_customer
from app.web.actor import current_actor
from app.web.formatting import company, current_today, locale
from app.web.htmx import render
from app.web.menu import PAYMENTS_RECEIVED
from app.web.security import staff_only

bp = Blueprint("received", __name__, url_prefix=PAYMENTS_RECEIVED.url)
CHOICES = {"": "All methods", ONLINE: "Online", **METHODS, BOOKS: "Known from the books"}
MAX_INVOICES = 300
TOKEN = re.compile("[0-9a-z]{16}")
NOTHING_OPEN = "The invoices that you saw are no longer open. Nothing was recorded."
GONE = "This payment was changed or removed after you opened the page. Nothing was saved."
FRAME = {"nav": "transactions", "here": PAYMENTS_RECEIVED}


@bp.get("")
@staff_only
def index():
    """?q= part of a customer's name or number, ?method=, ?since= and ?until= dates, ?cursor= a position in the list"""
    asked = ListFilter(request.args)
    after = read_cursor(request.args.get("cursor", ""))
    rows, following = queries.page(asked.criteria, company().time_zone, after)
    return render(
        "transactions/payments.html",
        "transactions/_payments.html",
        422 if asked.errors else 200,
        **FRAME,
        asked=asked,
        rows=rows,
        older=asked.url(cursor="~".join(map(str, following))) if following else "",
        is_first=after is None,
        methods=CHOICES,
    )


class ListFilter:
    """The filter in the URL: `typed` for the form, `errors` by field, `criteria` for the query."""

    def __init__(self, args):
        self.typed = {name: args.get(name, "").strip()[:LONGEST_SEARCH] for name in ("q", "method", "since", "until")}
        if self.typed["method"] not in CHOICES:
            self.typed["method"] = ""
        since, until, self.errors = dates.read_range(self.typed, locale())
        self.typed |= {"since": since.isoformat() if since else "", "until": until.isoformat() if until else ""}
        text = self.typed["q"] if is_printable(self.typed["q"]) else ""
        self.criteria = Criteria(text, self.typed["method"], since, until)

    def url(self, **more) -> str:
        values = {name: value for name, value in (self.typed | more).items() if value}
        return f"{PAYMENTS_RECEIVED.url}?{urlencode(values)}"


def read_cursor(text: str) -> Cursor | None:
    day, *numbers = text.split("~")
    if not text:
        return None
    on = dates.read_iso(day)
    if on is None or len(numbers) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 16 for one in numbers):
        abort(404)
    return Cursor(on, *map(int, numbers))


@bp.route("/new", methods=["GET", "POST"])
@staff_only
def new():
    """?customer= a public id, ?currency= of the invoices; without a customer ?q= searches for one"""
    customer = Customer.by_public_id(request.values.get("customer", ""))
    if customer is None:
        return choose_customer("Who paid?", url_for(".new"), **FRAME)
    currencies = Invoice.currencies_open_for(customer.id)
    asked = request.values.get("currency", "")
    if request.method == "POST":
        return record(customer, currencies, asked)
    currency = asked if asked in currencies else Invoice.usual_currency_open_for(customer.id)
    if currency not in currencies:  # it has only open credit memos
        currency = (currencies or [""])[0]
    return show(form_for(customer, currency), customer, currencies)


def record(customer: Customer, currencies: list[str], currency: str):
    token = request.form.get("token", "")
    if not TOKEN.fullmatch(token):
        abort(400)
    if known := ReceivedPayment.by_public_id(token):
        return redirect_to_payment(known)
    if currency not in currencies:
        flash(NOTHING_OPEN)
        return redirect(url_for(".new", customer=customer.public_id), 303)
    form = form_for(customer, currency)
    if not form.validate_on_submit():
        return show(form, customer, currencies)
    try:
        payment = received.record(
            customer, form.details, current_actor(), token, is_confirmed_different=form.is_confirmed_different.data
        )
    except CannotRecord as refused:
        form.refuse(refused)
        return show(form, customer, currencies)
    except IntegrityError:  # the same form was sent twice at once
        payment = the_payment(token)
    return redirect_to_payment(payment)


def redirect_to_payment(payment: ReceivedPayment):
    # Shows the saved row, also if the form was sent before with other values.
    total = format_money(payment.amount_minor, payment.currency, locale())
    flash(f"Saved. The payment of {total} from {payment.customer.name} is recorded.")
    return redirect(url_for("customers.payments", public_id=payment.customer.public_id), 303)


@bp.route("/<public_id>", methods=["GET", "POST"])
@staff_only
def edit(public_id):
    payment = the_payment(public_id)
    form = form_for(payment.customer, payment.currency, payment)
    if not form.validate_on_submit():
        return show(form, payment.customer, [], payment)
    try:
        sent, answer = form.sent_version, form.is_confirmed_different.data
        changed = received.change(payment, form.details, sent, current_actor(), is_confirmed_different=answer)
    except CannotRecord as refused:
        form.refuse(refused)
        return show(form, payment.customer, [], payment)
    except Stale:
        current = ReceivedPayment.by_public_id(public_id)
        return show(form, payment.customer, [], current, form.changes_since(current)) if current else gone()
    flash("Saved the payment." if changed else "Nothing was changed.")
    return redirect(url_for("customers.payments", public_id=payment.customer.public_id), 303)


@bp.route("/<public_id>/remove", methods=["GET", "POST"])
@staff_only
def remove(public_id):
    payment = the_payment(public_id)
    if request.method == "GET":
        return render_template("transactions/remove.html", **FRAME, payment=payment, customer=payment.customer)
    try:
        received.remove(payment, request.form.get("version", ""), current_actor())
    except Stale:
        return gone()
    flash("The payment was removed. What it paid is open again.")
    return redirect(PAYMENTS_RECEIVED.url, 303)


def the_payment(public_id: str) -> ReceivedPayment:
    return ReceivedPayment.by_public_id(public_id) or abort(404)


def gone():
    flash(GONE)
    return redirect(PAYMENTS_RECEIVED.url, 303)


def form_for(customer: Customer, currency: str, payment: ReceivedPayment | None = None) -> PaymentForm:
    paid = list(received.details_of(payment).parts) if payment else []
    invoices = Invoice.open_or_among(customer.id, currency, paid, MAX_INVOICES)
    return PaymentForm(currency, invoices, current_today(), payment)


def show(
    form: PaymentForm, customer: Customer, currencies: list[str], payment: ReceivedPayment | None = None, stale=None
):
    if payment is not None:
        form.carry_version(payment, is_stale=stale is not None)
    page = render_template(
        "transactions/payment.html",
        **FRAME,
        form=form,
        customer=customer,
        currencies=currencies,
        payment=payment,
        stale=stale,
        is_cut=len(form.parts) >= MAX_INVOICES,
        most=MAX_INVOICES,
    )
    return page, 409 if stale is not None else 422 if form.problems else 200
