"""The subtabs Invoices, Payments and Statement of a customer's record, and one invoice as the customer sees it."""

from dataclasses import replace
from typing import NamedTuple

from flask import abort, current_app, flash, make_response, render_template, request, url_for

from app import money
from app.bidi import isolated
from app.customers import queries
from app.customers.views import bp
from app.customers.views.record import head, the_customer
from app.documents.own_files import MAX_BYTES, FileError, attach
from app.documents.statement_request import months_until
from app.documents.views import statements
from app.invoices import export
from app.invoices.document import InvoiceDocument
from app.invoices.editing import why_not_editable
from app.invoices.filters import Filters
from app.invoices.labels import CHIPS
from app.invoices.list_page import ListPage
from app.invoices.queries import invoice_document, invoice_list, invoice_totals
from app.models import Access, Allocation, Attempt, Customer, DocumentFile, Invoice
from app.models.customer import CustomerScope
from app.payments import connection_test, declines, eligibility, history, statuses
from app.payments import export as payment_export
from app.payments.eligibility import Blocker
from app.web.actor import current_actor
from app.web.downloads import csv_download
from app.web.formatting import company, current_today, locale, locale_of
from app.web.htmx import go_to, render
from app.web.limits import takes
from app.web.security import staff_only

MAX_DECLINES = 20


class Event(NamedTuple):
    icon: str
    words: str
    at_ms: int
    detail: str = ""


@bp.get("/<public_id>/invoices")
@staff_only
def invoices(public_id):
    customer = the_customer(public_id)
    asked = Filters.read(request.args, is_first_visit=False)
    asked = replace(asked, base=url_for("customers.invoices", public_id=public_id), selected=())
    scope = CustomerScope(customer.id)
    page, today = invoice_list.page(scope, asked.query), current_today()
    totals = invoice_totals.totals(scope, today, asked.query if asked.is_filtered else None, page)
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


@bp.get("/<public_id>/invoices/export.csv")
@staff_only
def export_invoices(public_id):
    customer, asked = the_customer(public_id), Filters.read(request.args)
    if asked.errors:
        return go_to(f"{url_for('customers.invoices', public_id=public_id)}?{request.query_string.decode()}")
    rows = export.rows(CustomerScope(customer.id), asked.query, current_today(), with_ids=True)
    return csv_download("invoices", export.STAFF_HEADER, rows)


@bp.get("/<public_id>/invoices/export.zip")
@staff_only
def export_pdfs(public_id):
    customer = the_customer(public_id)
    asked = replace(Filters.read(request.args), base=url_for("customers.invoices", public_id=public_id))
    return statements.pack_of_list(customer, asked, locale_of(customer, company()))


@bp.get("/<public_id>/payments/export.csv")
@staff_only
def export_payments(public_id):
    customer = the_customer(public_id)
    rows = payment_export.rows(CustomerScope(customer.id), company())
    return csv_download("payments", payment_export.HEADER, rows)


@bp.get("/<public_id>/invoices/<invoice_id>")
@staff_only
def invoice(public_id, invoice_id):
    return show_invoice(the_customer(public_id), invoice_id)


@bp.post("/<public_id>/invoices/<invoice_id>/file")
@staff_only
@takes(MAX_BYTES // 1024 + 64)
def save_file(public_id, invoice_id):
    """Attach the chosen PDF file, which replaces the generated one, or remove it."""
    customer = the_customer(public_id)
    document, file = Invoice.of_customer(customer.id, invoice_id) or abort(404), request.files.get("pdf")
    try:
        if "remove" not in request.form and document.is_void:
            flash("Not saved: this document is void.")
            return go_to(url_for("customers.invoice", public_id=public_id, invoice_id=invoice_id))
        if "remove" in request.form:
            DocumentFile.remove(document, current_actor())
        else:
            attach(document, file.filename or "" if file else "", file.read() if file else b"", current_actor())
    except FileError as error:
        return show_invoice(customer, invoice_id, str(error))
    flash("Removed. People download our PDF again." if "remove" in request.form else "Saved. People download this PDF.")
    return go_to(url_for("customers.invoice", public_id=public_id, invoice_id=invoice_id))


def show_invoice(customer: Customer, invoice_id: str, file_error: str = ""):
    document = invoice_document.find(CustomerScope(customer.id), invoice_id) or abort(404)
    shown, row_id = InvoiceDocument(document, current_today(), locale()), document.head.id
    invoice = Invoice.of_customer(customer.id, invoice_id)
    page = render_template(
        "customers/invoice.html",
        **head(customer, "invoices"),
        document=shown,
        invoice=invoice,
        not_editable=why_not_editable(invoice),
        chip_kinds=CHIPS,
        why_not=None,
        explanations=explanations(queries.people(customer), invoice),
        undecided=Allocation.undecided_attempts(row_id),
        events=events(shown, row_id),
        file=DocumentFile.described(row_id),
        file_error=file_error,
        most_bytes=MAX_BYTES,
    )
    return make_response(page, 422 if file_error else 200)


@bp.get("/<public_id>/payments")
@staff_only
def payments(public_id):
    """?before= or ?after= a payment's reference, ?recorded= a position in the list of payments made elsewhere"""
    customer, args = the_customer(public_id), request.args
    scope = CustomerScope(customer.id)
    page = history.read(scope, args.get("before"), args.get("after"), args.get("recorded", "")) or abort(404)
    return render_template(
        "customers/payments.html",
        **head(customer, "payments"),
        history=page,
        alerts=history.alerts(page),
        reason_of=declines.reason_of,
    )


@bp.get("/<public_id>/statement")
@staff_only
def statement(public_id):
    customer = the_customer(public_id)
    asked, page = statements.read_statement(customer, locale_of(customer, company()))
    urls = {
        "base": url_for("customers.statement", public_id=public_id),
        "pdf_url": url_for("customers.statement_pdf", public_id=public_id, **asked.query),
        "pack_url": url_for("customers.month_pack", public_id=public_id),
    }
    context = {"asked": asked, "page": page, "months": months_until(current_today()), "record": customer, **urls}
    page = render_template("customers/statement.html", **head(customer, "statement"), **context)
    return make_response(page, 422 if asked.errors else 200)


@bp.get("/<public_id>/statement.pdf")
@staff_only
def statement_pdf(public_id):
    customer = the_customer(public_id)
    return statements.pdf_of(customer, locale_of(customer, company()))


@bp.get("/<public_id>/statement.zip")
@staff_only
def month_pack(public_id):
    customer = the_customer(public_id)
    return statements.pack_of(customer, locale_of(customer, company()))


def explanations(people: list[Access], document: Invoice | None = None) -> list[eligibility.Explanation]:
    config = current_app.config["PORTAL"]
    failure = connection_test.last(config).failure
    return [eligibility.explain(one, company(), config.gateway_configured, document, failure) for one in people]


def events(document: InvoiceDocument, invoice_id: int) -> list[Event]:
    """Latest first, with at most MAX_DECLINES declines."""
    paid = [Event(icon, words, ms) for icon, words, _url, ms in document.events]
    declined = [declined_event(attempt) for attempt in Allocation.declined_attempts(invoice_id, MAX_DECLINES)]
    by_payment = statuses.reversals([payment.reference for payment in document.payments])
    returned = [
        Event(
            "rotate-ccw" if one.event == statuses.REFUND else "triangle-alert",
            one.words,
            one.at_ms,
            f"Payment {reference}. The invoice still counts as paid here.",
        )
        for reference, lines in by_payment.items()
        for one in lines
    ]
    return sorted([*paid, *declined, *returned], key=lambda event: -event.at_ms)


def declined_event(attempt: Attempt) -> Event:
    amount = money.format_money(attempt.amount_minor, attempt.currency, locale())
    who = isolated(attempt.user.name or attempt.user.email)
    return Event(
        "circle-alert",
        f"Payment of {amount} by {who} declined",
        attempt.decided_ms or attempt.created_ms,
        declines.reason_of(attempt),
    )
