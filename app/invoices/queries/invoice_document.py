"""One document with its lines and payments: two statements for any number of rows, a third if it was also paid
elsewhere."""

from collections import namedtuple
from functools import cache
from types import SimpleNamespace
from typing import NamedTuple

from peewee import JOIN

from app.models.base import db
from app.models.customer import Customer
from app.models.invoice import Invoice, InvoiceLine
from app.models.ledger import Allocation
from app.models.payment_attempt import Attempt
from app.models.payment_elsewhere import PaymentElsewhere

DOCUMENT = {field.name: field for field in Invoice._meta.sorted_fields} | {
    "customer_name": Customer.name,
    "customer_address": Customer.address,
    "customer_tax_number": Customer.tax_number,
    "position": InvoiceLine.position,
    "description": InvoiceLine.description,
    "quantity": InvoiceLine.quantity,
    "unit_price": InvoiceLine.unit_price,
    "amount_minor": InvoiceLine.amount_minor,
}
PAYMENT = {"amount_minor": Allocation.amount_minor} | {
    field.name: field
    for field in (
        Attempt.reference,
        Attempt.state,
        Attempt.settlement,
        Attempt.sent_ms,
        Attempt.decided_ms,
        Attempt.settled_ms,
    )
}


class Document(NamedTuple):
    """`head` has the columns of Invoice, and customer_name, customer_address and customer_tax_number. `lines` have
    the columns of InvoiceLine, in order. `payments` have reference, amount_minor, settlement, state and *_ms, oldest
    first. `elsewhere` are PaymentElsewhere, oldest first."""

    head: tuple
    lines: list
    payments: list
    elsewhere: list = []


def find(viewer, public_id: str) -> Document | None:
    rows = fetch(*document_statement(), (viewer.customer_id, public_id))
    if not rows or viewer.invoice_id not in (None, rows[0].id):
        return None
    lines = [row for row in rows if row.position is not None]
    payments = fetch(*payments_statement(), (rows[0].id, Attempt.SENT, Attempt.APPROVED))
    elsewhere = PaymentElsewhere.of_invoice(rows[0].id) if rows[0].paid_elsewhere_minor else []
    return Document(rows[0], lines, payments, elsewhere)


def fetch(sql: str, row_type: type, readers: list, values: tuple) -> list:
    """`values` take the places that the statement was built with."""
    found = db.execute_sql(sql, values).fetchall()
    return [row_type._make(read(value) for read, value in zip(readers, row, strict=True)) for row in found]


def compile_query(query, columns: dict) -> tuple[str, type, list]:
    # Building a query costs more than running it, so its SQL, row type and column readers are cached.
    sql, _places = query.sql()
    return sql, namedtuple("Row", columns), [field.python_value for field in columns.values()]


@cache
def document_statement() -> tuple:
    """Its parameters are the customer and the public id, in this order."""
    placeholder = SimpleNamespace(customer_id=0, invoice_id=None)
    return compile_query(
        Invoice.visible_to(placeholder)
        .select(*DOCUMENT.values())
        .join(Customer)
        .switch(Invoice)
        .join(InvoiceLine, JOIN.LEFT_OUTER)
        .where(Invoice.public_id == "")
        .order_by(InvoiceLine.position, InvoiceLine.id),
        DOCUMENT,
    )


@cache
def payments_statement() -> tuple:
    """Charges for an invoice, approved or not known yet, oldest first."""
    return compile_query(
        Allocation.select(*PAYMENT.values())
        .join(Attempt)
        .where(Allocation.invoice == 0, Attempt.state.in_((Attempt.SENT, Attempt.APPROVED)))
        .order_by(Attempt.id),
        PAYMENT,
    )
