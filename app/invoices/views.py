"""The list, the selection on it, and the page of one document."""

from flask import Blueprint, abort, current_app, render_template, request
from flask_login import current_user

from app.invoices import export
from app.invoices.amounts_due import SelectedInvoices, currencies
from app.invoices.document import InvoiceDocument
from app.invoices.filters import Filters, payment_reference, selected_ids
from app.invoices.labels import CHIPS
from app.invoices.list_page import ListPage
from app.invoices.queries import invoice_document, invoice_list, invoice_totals
from app.models import Attempt
from app.payments.eligibility import Blocker, first_blocker
from app.web.downloads import csv_download
from app.web.formatting import company, current_today, locale, page_url
from app.web.htmx import go_to, is_htmx, render, wants_fragment

bp = Blueprint("invoices", __name__, url_prefix="/invoices")


@bp.get("")
def index():
    """?view=open|paid|all, ?q= ?dated= ?since= ?until=, ?sort=, ?after= or ?before=, ?invoice= for ticks."""
    partial = wants_fragment()
    if (paid := payment_reference(request.args.get("q", "")[:20])) and Attempt.by_reference(current_user, paid):
        return go_to(page_url("payments.show", reference=paid))
    filters = Filters.read(request.args, is_first_visit=not partial)
    if filters.errors and is_htmx():
        return go_to(request.full_path)
    viewer, today, firm = current_user._get_current_object(), current_today(), company()
    page = invoice_list.page(viewer, filters.query, filters.selected)
    totals = invoice_totals.totals(viewer, today, filters.query if filters.is_filtered else None, page)
    listing = ListPage(filters, page, totals.counts, totals.found, today, locale(), why_not(), firm.currencies)
    return render(
        "invoices/index.html",
        "invoices/update.html",
        422 if filters.errors else 200,
        nav="invoices",
        listing=listing,
        form=filters,
        why_not=listing.why_not,
        owed=currencies(totals.balances, locale()),
    )


@bp.get("/export.csv")
def export_list():
    asked, viewer = Filters.read(request.args), current_user._get_current_object()
    if asked.errors:
        return go_to(f"{asked.base}?{request.query_string.decode()}")
    return csv_download("invoices", export.HEADER, export.rows(viewer, asked.query, current_today()))


@bp.get("/selected")
def selected():
    rows = invoice_list.selected(current_user, selected_ids(request.args))
    return render(
        "invoices/selected.html",
        "invoices/selection.html",
        nav="invoices",
        selection=SelectedInvoices(rows, current_today(), locale(), accepted=company().currencies),
        why_not=why_not(),
    )


@bp.get("/<public_id>")
def show(public_id):
    document = invoice_document.find(current_user, public_id)
    if document is None:
        abort(404)
    shown = InvoiceDocument(document, current_today(), locale())
    return render_template(
        "invoices/show.html", nav="invoices", document=shown, chip_kinds=CHIPS, why_not=why_not(document.head.currency)
    )


def why_not(currency: str = "") -> Blocker | None:
    configured = current_app.config["PORTAL"].gateway_configured
    why = first_blocker(company(), configured, current_user._get_current_object())
    return why or (Blocker.CURRENCY if currency and not company().accepts(currency) else None)
