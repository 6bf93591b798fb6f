"""A customer's record: the code that its subtabs share, and the subtab Email | Phone | Address."""

import re

from flask import abort, current_app, flash, make_response, render_template, request, url_for

from app.customers import access_grants, queries
from app.customers.access_grants import Refused, Stale
from app.customers.forms import DetailsForm, RecordForm
from app.customers.views import bp
from app.customers.views.index import here, via
from app.email_addresses import normal_email
from app.invoices.queries import invoice_totals
from app.models import Access, Customer, User
from app.models.customer import CustomerScope
from app.web.actor import current_actor
from app.web.formatting import company, current_today
from app.web.htmx import go_to
from app.web.security import staff_only


def the_customer(public_id: str) -> Customer:
    return Customer.by_public_id(public_id) or abort(404)


def own_access(customer: Customer) -> Access | None:
    email = normal_email(customer.email)
    return next((one for one in queries.people(customer) if one.given and one.user.email == email), None)


@bp.route("/<public_id>", methods=["GET", "POST"])
@staff_only
def record(public_id):
    customer = the_customer(public_id)
    form = DetailsForm(customer, own_access(customer))
    if not form.validate_on_submit():
        return show_details(customer, form)
    is_changed = form.changes(customer)
    try:
        refusals = save_details(customer, form) if is_changed else []
    except Stale:
        return show_details(customer, form, form.changes_since(customer))
    if refusals:
        form.refuse(refusals)
        return show_details(customer, form)
    subtab = "access" if request.form.get("then") == "access" else "record"
    if is_changed or subtab == "record":
        flash("Saved Email | Phone | Address." if is_changed else "Nothing was changed.")
    return go_to(url_for(f"customers.{subtab}", public_id=public_id, via=via() or None))


def save_details(customer: Customer, form: DetailsForm) -> list[Refused]:
    """Save everything the form changes, or nothing; then returns the reasons. Raises Stale."""
    email = form.email.data
    policy = access_grants.policy_for(company(), customer, email)
    if form.moves_login and (refusals := form.password_refusals(policy)):
        return refusals
    try:
        access_grants.save_details(
            customer,
            form.details(),
            current_actor(),
            company(),
            login=form.login,
            is_stale=form.is_stale,
            notify=form.notify.data,
            password_hash=hash_chosen(form, policy, email) if form.moves_login else None,
        )
    except Refused as refused:
        return [refused]
    return []


def hash_chosen(form: RecordForm, policy: access_grants.Policy, email: str) -> str | None:
    """The hash of the assigned password; None if none is assigned. Raises Refused. It is slow: don't call it in a
    transaction."""
    if not form.manual.data:
        return None
    hasher = current_app.extensions["hasher"]
    return access_grants.hashed(form.password.data, policy, User.by_email(email), hasher)


def show_details(customer: Customer, form: DetailsForm, stale=None):
    """`stale` has the changes that were saved since the form was made, if it was refused as stale."""
    status = 409 if stale is not None else 422 if form.errors else 200
    fresh = Customer.get_by_id(customer.id)
    form.carry_version(fresh, is_stale=stale is not None)
    page = render_template(
        "customers/record.html",
        **head(fresh, "details"),
        form=form,
        stale=stale,
        policy=access_grants.policy_for(company(), fresh, form.email.data or ""),
    )
    return make_response(page, status)


def head(customer: Customer, subtab: str) -> dict:
    totals = invoice_totals.totals(CustomerScope(customer.id), current_today())
    invoices, payments = queries.document_counts(customer)
    return {
        "customer": customer,
        "subtab": subtab,
        "nav": here().path[0].lower(),
        "here": here(),
        "via": via(),
        "initials": initials(customer.name),
        "state": queries.state_of(customer),
        "balances": [balance for balance in totals.balances if balance.open_minor],
        "invoices": invoices,
        "payments": payments,
    }


def initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name)[:2]).upper()
