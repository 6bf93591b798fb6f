"""Payments that the company received elsewhere and that an import brought in."""

from datetime import date
from typing import NamedTuple

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, Tuple

from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class Recorded(NamedTuple):
    """A payment as it is listed; `id` is 0 if all that is known of it is the amount."""

    id: int
    public_id: str
    number: str
    currency: str
    amount_minor: int
    paid_on: date | None
    reference: str
    recorded_ms: int | None
    listed_on: date


class PaymentElsewhere(BaseModel):
    """A part of an invoice's paid_elsewhere: its rows add up to that.

    `paid_on` and `reference` are as far as the file gave them. `recorded_ms` is the moment of the import, None for what
    was imported before such rows were kept. Lists are in the order of `listed_on`: the day of the payment, or else that
    of the import, or else the invoice's.
    """

    invoice = ForeignKeyField(Invoice, backref="payments_elsewhere", on_delete="CASCADE")
    customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
    amount_minor = BigIntegerField()
    paid_on = DateField(null=True)
    reference = CharField(default="")
    recorded_ms = BigIntegerField(null=True)
    listed_on = DateField()

    class Meta:
        table_name = "payment_elsewhere"
        indexes = ((("customer", "listed_on", "id"), False),)

    @classmethod
    def of_invoice(cls, invoice_id: int) -> list["PaymentElsewhere"]:
        """Oldest first."""
        return list(cls.select().where(cls.invoice == invoice_id).order_by(cls.listed_on, cls.id))

    @classmethod
    def reduce_to(cls, invoice_id: int, total_minor: int) -> None:
        """Take from the latest rows of the invoice what they have beyond `total_minor`."""
        rows = cls.of_invoice(invoice_id)
        surplus = sum(row.amount_minor for row in rows) - total_minor
        for row in sorted(rows, key=lambda row: row.id, reverse=True):
            if surplus >= row.amount_minor > 0:
                row.delete_instance()
            elif surplus > 0:
                cls.update(amount_minor=row.amount_minor - surplus).where(cls.id == row.id).execute()
            surplus -= row.amount_minor

    @classmethod
    def listed(cls, customer_id: int, before: tuple[date, int] | None, limit: int) -> list[Recorded]:
        """Those of a customer, newest first, below the (listed_on, id) `before`."""
        query = cls.select(
            cls.id, Invoice.public_id, Invoice.number, Invoice.currency, cls.amount_minor, cls.paid_on, cls.reference,
            cls.recorded_ms, cls.listed_on,
        ).join(Invoice).where(cls.customer == customer_id).order_by(cls.listed_on.desc(), cls.id.desc())
        if before:
            query = query.where(Tuple(cls.listed_on, cls.id) < before)
        found = [Recorded._make(row) for row in query.limit(limit).tuples()]
        return found if found or before else cls._from_invoices(customer_id, limit)

    @staticmethod
    def _from_invoices(customer_id: int, limit: int) -> list[Recorded]:
        """The latest of invoices that were not brought in by an import."""
        paid = Invoice.select(
            Invoice.public_id, Invoice.number, Invoice.currency, Invoice.paid_elsewhere_minor, Invoice.issued_on,
        ).where(Invoice.customer == customer_id, Invoice.kind == Invoice.INVOICE, Invoice.paid_elsewhere_minor > 0)
        newest = paid.order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(limit)
        return [Recorded(0, *row, None, "", None, issued_on) for *row, issued_on in newest.tuples()]
