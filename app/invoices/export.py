"""Exporting the list as CSV. Importing that file again changes nothing."""

from collections.abc import Iterator
from datetime import date

from peewee import chunked

from app.invoices.queries import invoice_list
from app.invoices.queries.invoice_list import ListQuery
from app.models import Customer, Invoice
from app.money import to_decimal

BATCH = 500
# The headings of the import's template. By the last one the import recognizes our file.
PAID_HERE = "Paid on this portal"
HEADER = (
    "Type",
    "Status",
    "Customer number",
    "Customer name",
    "Number",
    "Date",
    "Due date",
    "Currency",
    "PO number",
    "Terms",
    "Memo",
    "Bill to",
    "Total",
    "Tax",
    "Amount paid",
    "Credits",
    "Amount due",
    PAID_HERE,
)
STAFF_HEADER = (*HEADER, "Internal ID", "External ID")  # customers don't see the books' ids
TYPES = {Invoice.INVOICE: "Invoice", Invoice.CREDIT_MEMO: "Credit Memo"}


def rows(viewer, query: ListQuery, today: date, *, with_ids: bool = False) -> Iterator[tuple]:
    """Cells of STAFF_HEADER `with_ids`, otherwise of HEADER."""
    customer = Customer.get_by_id(viewer.customer_id)
    for batch in chunked(invoice_list.every(viewer, query), BATCH):
        documents = Invoice.mapped_by_public_id(viewer, [row.public_id for row in batch])
        for document in (documents[row.public_id] for row in batch if row.public_id in documents):
            ids = (document.internal_id, document.external_id) if with_ids else ()
            yield cells(document, customer, today) + ids


def cells(invoice: Invoice, customer: Customer, today: date) -> tuple:
    here = invoice.processing_minor + invoice.paid_online_minor
    minor = (
        invoice.total_minor,
        invoice.tax_minor,
        invoice.paid_elsewhere_minor + here,
        invoice.credited_minor,
        invoice.open_minor,
        here,
    )
    return (
        TYPES[invoice.kind],
        status(invoice, today),
        customer.number,
        customer.name,
        invoice.number,
        invoice.issued_on,
        invoice.due_on,
        invoice.currency,
        invoice.po_number,
        invoice.terms,
        invoice.memo,
        invoice.bill_to,
        *(to_decimal(each, invoice.currency) for each in minor),
    )


def status(invoice: Invoice, today: date) -> str:
    if invoice.is_void:
        return "Voided"
    if not invoice.open_minor:
        return "Paid" if invoice.kind == Invoice.INVOICE else "Fully Applied"
    return "Overdue" if invoice.kind == Invoice.INVOICE and invoice.due_on < today else "Open"
