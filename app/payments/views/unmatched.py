"""Setup > Accounting > Unmatched Charges: charges at Braintree without a payment here. An administrator books them
or sets them aside, and may resume online payment before that."""

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for

from app.models import Customer, Deployment, UnmatchedCharge
from app.payments import unmatched
from app.payments.after_restore import release
from app.payments.decisions import CannotDecide
from app.payments.forms import BookForm, ReasonForm
from app.web.actor import current_actor
from app.web.menu import UNMATCHED
from app.web.security import staff_only

bp = Blueprint("unmatched", __name__, url_prefix=UNMATCHED.url)
MAX_DECIDED = 50
STALE = "This charge has been decided already. Nothing was changed."
NO_CUSTOMER = "No customer has this account number. Find it under Customers"


def init_app(app) -> None:
    app.register_blueprint(bp)


@bp.get("")
@staff_only
def index():
    return show_list(ReasonForm())


@bp.post("/resume")
@staff_only
def resume():
    form = ReasonForm()
    if not form.validate_on_submit():
        return show_list(form)
    was_held = Deployment.is_held()
    release(current_actor(), form.reason.data)
    flash("Online payment is open again." if was_held else "Online payment was open already.")
    return redirect(url_for("unmatched.index"), 303)


@bp.get("/<transaction_id>")
@staff_only
def charge(transaction_id):
    # ?account= the account number of the customer to book it for
    row = the_charge(transaction_id)
    form = BookForm()
    form.account.data = request.args.get("account", "").strip()
    found = unmatched.ask_gateway(row, current_app.extensions["gateway"])
    customer = found.customer
    if customer is None and form.account.data:
        customer = Customer.get_or_none(Customer.number == form.account.data)
        form.account.errors = [] if customer else [NO_CUSTOMER]
    return show(row, found, form, ReasonForm(), customer)


@bp.post("/<transaction_id>")
@staff_only
def book(transaction_id):
    # The first press shows the plan, the second books the plan with that version.
    row, form = the_charge(transaction_id), BookForm()
    gateway = current_app.extensions["gateway"]
    customer = Customer.by_public_id(form.customer.data or "") or abort(404)
    chosen, found = request.form.getlist("invoice"), unmatched.ask_gateway(row, gateway)
    try:
        if form.sent_version:
            done = unmatched.book(row, customer, chosen, form.sent_version, gateway, current_actor())
            return to_list(f"{done.reference} is booked for {customer.name}." if done else STALE)
        charged = unmatched.check(row, found, customer)
        plan = unmatched.plan(charged, found.named, customer, chosen)
    except CannotDecide as refused:
        form.account.errors = [f"{refused}."]
        return show(row, found, form, ReasonForm(), customer, chosen=chosen)
    form.carry_version(plan, is_stale=True)
    return show(row, found, form, ReasonForm(), customer, plan=plan)


@bp.post("/<transaction_id>/set-aside")
@staff_only
def set_aside(transaction_id):
    row, form = the_charge(transaction_id), ReasonForm()
    if not form.validate_on_submit():
        return show(
            row, unmatched.ask_gateway(row, current_app.extensions["gateway"]), BookForm(formdata=None), form, None
        )
    done = unmatched.set_aside(row, form.reason.data, current_actor())
    return to_list(f"{transaction_id} is set aside. It is not booked." if done else STALE)


def the_charge(transaction_id: str) -> UnmatchedCharge:
    return UnmatchedCharge.by_transaction_id(transaction_id) or abort(404)


def to_list(said: str):
    flash(said)
    return redirect(url_for("unmatched.index"), 303)


def show_list(form: ReasonForm):
    deployment = Deployment.current()
    page = render_template(
        "unmatched/index.html",
        nav="setup",
        here=UNMATCHED,
        form=form,
        waiting=list(UnmatchedCharge.waiting()),
        decided=list(UnmatchedCharge.decided(MAX_DECIDED)),
        is_held=Deployment.is_held(),
        is_compared=deployment.compared_ms is not None,
    )
    return make_response(page, 422 if form.errors else 200)


def show(row, found, form: BookForm, reason: ReasonForm, customer: Customer | None, *, chosen=None, plan=None):
    if row.state != UnmatchedCharge.WAITING:
        return to_list(STALE)
    invoices = unmatched.payable(row, customer) if customer else []
    selected = {one.public_id for one, _ in invoices if one.id in found.named} if chosen is None else set(chosen)
    page = render_template(
        "unmatched/charge.html",
        nav="setup",
        here=UNMATCHED,
        row=row,
        found=found,
        form=form,
        reason=reason,
        customer=customer,
        invoices=invoices,
        selected=selected,
        plan=plan,
    )
    return make_response(page, 422 if form.errors or reason.errors else 200)
