"""Transactions > Sales > Create Invoices and Transactions > Customers > Issue Credit Memos."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from app import terms
from app.invoices.editing import why_not_editable
from app.models import Customer, Invoice
from app.models.base import parse_id
from app.transactions import documents, proposals
from app.transactions.document_form import DocumentForm, Proposed
from app.transactions.documents import NotEditable, NumberTaken, Stale
from app.transactions.lines import LABELS
from app.transactions.messages import TITLES
from app.transactions.views.customer_search import choose_customer
from app.web.actor import current_actor
from app.web.formatting import company, current_today
from app.web.htmx import render
from app.web.limits import takes
from app.web.menu import CREATE_INVOICES, CREDIT_MEMOS
from app.web.security import staff_only

bp = Blueprint("entry", __name__, url_prefix="/transactions")
PAGES = {Invoice.INVOICE: CREATE_INVOICES, Invoice.CREDIT_MEMO: CREDIT_MEMOS}
STALE = "It has changed since you opened the page. Nothing was voided."


@bp.route("/sales/create-invoices", methods=["GET", "POST"], defaults={"kind": Invoice.INVOICE})
@bp.route("/customers/issue-credit-memos", methods=["GET", "POST"], defaults={"kind": Invoice.CREDIT_MEMO})
@staff_only
@takes(512)
def new(kind):
    """?customer= a public id; without it ?q= searches for one"""
    customer = Customer.by_public_id(request.values.get("customer", ""))
    if customer is None:
        purpose = f"Who is the {TITLES[kind].lower()} for?"
        return choose_customer(purpose, PAGES[kind].url, **frame(kind, None))
    form = DocumentForm(kind, proposed=proposed(customer, kind) if request.method == "GET" else None)
    if not is_to_be_saved(form) or form.asks_about_number(customer):
        return show(form, customer)
    try:
        document = documents.enter(customer, kind, form.details, current_actor())
    except NumberTaken:
        return number_taken(form, customer)
    flash(f"{TITLES[kind]} {document.number} is saved.")
    return redirect(url_of(document, customer), 303)


@bp.route("/documents/<public_id>", methods=["GET", "POST"])
@staff_only
@takes(512)
def edit(public_id):
    document = the_document(public_id)
    form = DocumentForm(document.kind, document=document)
    if why := why_not_editable(document):
        return refuse(document, why)
    if not is_to_be_saved(form) or form.asks_about_number(document.customer, document.number):
        return show(form, document.customer, document)
    try:
        changed = documents.change(document, form.details, form.sent_version, current_actor())
    except NumberTaken:
        return number_taken(form, document.customer, document)
    except NotEditable as refused:
        return refuse(document, str(refused))
    except Stale:
        return show(form, document.customer, the_document(public_id), form.changes_since(document))
    flash(f"{form.number.data} is saved." if changed else "Nothing was changed.")
    return redirect(url_of(document, document.customer), 303)


@bp.route("/documents/<public_id>/void", methods=["GET", "POST"])
@staff_only
def void(public_id):
    document = the_document(public_id)
    if why := why_not_editable(document):
        return refuse(document, why)
    if request.method == "GET":
        return render_template("transactions/void.html", **frame(document.kind, document.customer), document=document)
    try:
        documents.void(document, request.form.get("version", ""), current_actor())
    except NotEditable as refused:
        return refuse(document, str(refused))
    except Stale:
        return refuse(document, STALE)
    flash(f"{TITLES[document.kind]} {document.number} is void.")
    return redirect(url_of(document, document.customer), 303)


def the_document(public_id: str) -> Invoice:
    return Invoice.by_public_id(public_id) or abort(404)


def url_of(document: Invoice, customer: Customer) -> str:
    return url_for("customers.invoice", public_id=customer.public_id, invoice_id=document.public_id)


def refuse(document: Invoice, why: str):
    flash(why)
    return redirect(url_of(document, document.customer), 303)


def proposed(customer: Customer, kind: str) -> Proposed:
    last = Invoice.last_of(customer, kind)
    currencies = company().currencies.split()
    currency = Invoice.usual_currency_open_for(customer.id) or (
        last.currency if last else currencies[0] if currencies else proposals.usual_currency(company().locale)
    )
    its_terms = last.terms if last and terms.due_date(last.terms, last.issued_on) else ""
    return Proposed(proposals.next_number(kind), currency, current_today(), its_terms)


def is_to_be_saved(form: DocumentForm) -> bool:
    """True if the form was sent with Save and is valid. Its other buttons add and remove lines."""
    if request.method == "GET":
        return False
    what, _, number = request.form.get("do", "").partition("-")
    if what == "add":
        form.add_line()
    elif what == "remove":
        form.remove_line(parse_id(number) or 0)
    elif what == "total":
        form.validate_on_submit()
    else:
        return form.validate_on_submit()
    return False


def number_taken(form: DocumentForm, customer: Customer, document: Invoice | None = None):
    title = TITLES[form.kind].lower()
    free = proposals.number_after(form.kind, form.number.data) or proposals.next_number(form.kind)
    taken = f"{customer.name} has another {title} {form.number.data} already"
    form.number.errors = [f"{taken}. The next free number is {free}" if free else taken]
    return show(form, customer, document)


def show(form: DocumentForm, customer: Customer, document: Invoice | None = None, stale=None):
    """`stale` has the changes that were saved since the form was made, if it was refused as stale."""
    form.prepare_to_render()
    if document is not None:
        form.carry_version(document, is_stale=stale is not None)
    return render(
        "transactions/document.html",
        "transactions/_document.html",
        409 if stale is not None else 422 if form.problems else 200,
        **frame(form.kind, customer),
        form=form,
        document=document,
        stale=stale,
        usual_terms=terms.USUAL,
        line_labels=LABELS,
    )


def frame(kind: str, customer: Customer | None) -> dict:
    return {"nav": "transactions", "here": PAGES[kind], "kind": kind, "title": TITLES[kind], "customer": customer}
