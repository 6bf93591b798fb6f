"""Importing invoices and credit memos from our template, Xero's export, or another system's export."""

from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

from app.clock import today
from app.imports import amount_columns, systems
from app.imports.columns import match
from app.imports.csv_reader import NO_PROGRESS, Progress
from app.imports.customer_finder import CustomerFinder
from app.imports.customer_upsert import CustomerUpsert
from app.imports.document_files import PDF_HEADINGS
from app.imports.document_systems import DOCUMENTS
from app.imports.invoice_columns import (
    INVOICE_COLUMNS,
    INVOICE_HINTS,
    LINE_NAMES,
    XERO_COLUMNS,
    XERO_HINTS,
)
from app.imports.invoice_options import InvoiceOptions
from app.imports.invoice_plan import InvoicePlan
from app.imports.invoice_rows import InvoiceReader
from app.imports.invoice_upsert import InvoiceUpsert
from app.imports.mapping import heading_counter, key
from app.imports.parsing import Values
from app.imports.pdf_files import PdfPlan
from app.imports.plan import ImportPlan
from app.imports.report import Problems, Question
from app.imports.sources import open_source
from app.imports.staged_invoices import BOOKS, IDS
from app.imports.table import Table
from app.imports.translations import with_our_statuses
from app.imports.xero_contacts import XeroContacts, xero_address
from app.invoices.export import PAID_HERE
from app.models import Company

ALWAYS = {"currency", "issued_on", "due_on", "total_minor", "paid_elsewhere_minor", "credited_minor"}


def plan(path: Path, company: Company, options: InvoiceOptions, *, progress: Progress = NO_PROGRESS) -> ImportPlan:
    """Read the documents of the file at `path` into the staging database, or plan which documents its PDFs are attached
    to. Call it within `staging_database`. The file must still exist when the plan is applied.

    Raises FileProblem if the file can't be read.
    """
    mapping = options.mapping
    known = mapping.headings + systems.headings(DOCUMENTS)
    counter = heading_counter(INVOICE_COLUMNS, XERO_COLUMNS, also=known)
    with open_source(path, counter, with_documents=True, corrected=options.corrected) as source:
        problems = Problems(options.most_problems, source.origin.place)
        if tuple(source.header) == PDF_HEADINGS:
            return PdfPlan(path, source, problems)
        is_xero = "contactname" in map(key, source.header) and not mapping.headings
        system = None if is_xero else systems.recognized(source.header, DOCUMENTS)
        if is_xero:
            table = match(source, XERO_COLUMNS, XERO_HINTS)
        else:
            if system:
                mapping = system.mapping(source.header).with_changes(mapping)
            else:
                mapping = replace(mapping, translate=with_our_statuses)
            hints = INVOICE_HINTS if "amount" in map(key, source.header) else {"customer": INVOICE_HINTS["customer"]}
            table = match(source, amount_columns.with_currency_headings(source, INVOICE_COLUMNS), hints, mapping)
        named = amount_columns.heading_currencies(table, options.currency)
        currency = options.currency or next(iter(named.values()), "") or company_currency(table, company)
        if not currency and not table.has("currency"):
            problems.add(
                source.heading.row,
                "",
                "There is no column Currency.",
                Question("currency"),
                "Add it, or say the currency of the file: --currency USD.",
            )
        values = Values(problems, options.date_format, options.shift, options.decimal)
        customer_upsert = CustomerUpsert(())
        customers = XeroContacts(table, values, customer_upsert) if is_xero else CustomerFinder(table, values, system)
        values.detect_formats(table)
        has_lines, has_ids = table.has(*LINE_NAMES), table.has(*IDS)
        is_own = key(PAID_HERE) in map(key, source.header)
        remembered = company.payments_made_here
        upsert = InvoiceUpsert(columns_of(table), has_lines, has_ids, options.made_here, remembered, is_own)
        bill_to = xero_address if is_xero else attrgetter("bill_to")
        day = today(options.now or datetime.now(UTC), company.time_zone)
        reader = InvoiceReader(table, values, upsert, customers, bill_to, currency, named, day)
        reader.read(progress)
        customer_upsert.finish()
        progress.checking(upsert.count)
        return InvoicePlan(reader, customers, system, company, options, path)


def company_currency(table: Table, company: Company) -> str:
    currencies = company.currencies.split()
    return currencies[0] if not table.has("currency") and len(currencies) == 1 else ""


def columns_of(table: Table) -> tuple[str, ...]:
    present = ALWAYS | {name for name in ("terms", "po_number", "memo", "bill_to") if table.has(name)}
    if table.has("po1", "po_city"):
        present.add("bill_to")
    if table.has("tax"):
        present.add("tax_minor")
    return tuple(name for name in BOOKS if name in present)
