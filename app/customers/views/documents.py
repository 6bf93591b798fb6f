"""The subtabs Invoices and Payments of a customer's record, and one invoice as the customer sees it."""

from dataclasses import replace

from flask import abort, current_app, render_template, request, url_for

from app.customers import activity, queries
from app.customers.blueprint import bp
from app.customers.views.record import head, the_customer
from app.invoices.document import InvoiceDocument
from app.invoices.filters import Filters
from app.invoices.labels import CHIPS
from app.invoices.list_page import ListPage
from app.invoices.queries import invoice_document, invoice_list, invoice_totals
from app.models import Attempt, Invoice
from app.models.customer import CustomerScope
from app.payments import connection_test, eligibility, history
from app.payments.declines import reason_of
from app.payments.eligibility import Blocker
from app.web.formatting import company, current_today, locale
from app.web.htmx import render
from app.web.security import staff_only


@bp.get("/<public_id>/invoices")
@staff_only
def invoices(public_id):
    """The arguments of the customers' own list, but for ticks."""
    customer = the_customer(public_id)
    asked = Filters.read(request.args, arriving=False)
    asked = replace(asked, base=url_for("customers.invoices", public_id=public_id), picked=())
    scope = CustomerScope(customer.id)
    page, today = invoice_list.page(scope, asked.listing), current_today()
    totals = invoice_totals.totals(scope, today, asked.listing if asked.narrowed else None, page)
    listing = ListPage(
        asked, page, totals.counts, totals.found, today, locale(), Blocker.VIEWING_AS, company().currencies
    )
    return render(
        "customers/invoices.html",
        "invoices/update.html",
        422 if asked.errors else 200,
        **head(customer, "invoices"),
        listing=listing,
        form=asked,
    )


@bp.get("/<public_id>/invoices/<invoice_id>")
@staff_only
def invoice(public_id, invoice_id):
    customer = the_customer(public_id)
    document = invoice_document.find(CustomerScope(customer.id), invoice_id) or abort(404)
    invoice = Invoice.with_id(customer.id, invoice_id)
    paper = InvoiceDocument(document, current_today(), locale())
    return render_template(
        "customers/invoice.html",
        **head(customer, "invoices"),
        paper=paper,
        chip_kinds=CHIPS,
        why_not=None,
        explanations=explanations(customer, invoice),
        undecided=Attempt.undecided_of(invoice.id),
        events=activity.events(paper, invoice.id),
    )


@bp.get("/<public_id>/payments")
@staff_only
def payments(public_id):
    """?before= or ?after= a payment's reference, ?recorded= a place in the list of those made elsewhere"""
    customer, args = the_customer(public_id), request.args
    scope = CustomerScope(customer.id)
    page = history.read(scope, args.get("before"), args.get("after"), args.get("recorded", "")) or abort(404)
    return render_template(
        "customers/payments.html",
        **head(customer, "payments"),
        history=page,
        alerts=history.alerts(page),
        reason_of=reason_of,
    )


def explanations(customer, document: Invoice | None = None) -> list[eligibility.Explanation]:
    """For everybody who has or had access: why they can't pay, or that they can."""
    configured = current_app.config["PORTAL"].gateway_configured
    failure = connection_test.last().failure
    return [eligibility.explain(one, company(), configured, document, failure) for one in queries.people(customer)]
