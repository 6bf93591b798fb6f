"""Payments that the company received outside the portal: imported, or recorded by an administrator."""

from datetime import date
from typing import NamedTuple

from peewee import JOIN, BigIntegerField, CharField, DateField, ForeignKeyField, Tuple, fn

from app.models.base import BaseModel, tuples
from app.models.customer import Customer
from app.models.invoice import Invoice
from app.models.received_payment import ReceivedPayment


class Recorded(NamedTuple):
    """A payment for a list. `id` is 0 if only its amount is known. `received` is the public id of the
    ReceivedPayment that it is part of."""

    id: int
    public_id: str
    number: str
    currency: str
    amount_minor: int
    paid_on: date | None
    reference: str
    recorded_ms: int | None
    listed_on: date
    received: str | None = None


class PaymentElsewhere(BaseModel):
    """A part of an invoice's paid_elsewhere: the rows of an invoice add up to it.

    `paid_on` and `reference` are from the file, if it had them. `recorded_ms` is the time of the import, None for
    imports before this table existed. `listed_on` is the day that statements and lists show: the date of the payment,
    or LISTED_ON in imports/invoice_upsert.py if there is no date or it is in the future. Imports don't change rows that
    are part of a ReceivedPayment.
    """

    invoice = ForeignKeyField(Invoice, backref="payments_elsewhere", on_delete="CASCADE")
    customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
    amount_minor = BigIntegerField()
    paid_on = DateField(null=True)
    reference = CharField(default="")
    recorded_ms = BigIntegerField(null=True)
    listed_on = DateField()
    received_payment_id: int | None
    received_payment = ForeignKeyField(ReceivedPayment, null=True, backref="parts", on_delete="RESTRICT")

    class Meta:
        table_name = "payment_elsewhere"
        indexes = ((("customer", "listed_on", "id"), False),)

    @classmethod
    def of_invoice(cls, invoice_id: int) -> list["PaymentElsewhere"]:
        return list(cls.select().where(cls.invoice == invoice_id).order_by(cls.listed_on, cls.id))

    @classmethod
    def reduce_to(cls, invoice_id: int, total_minor: int) -> None:
        """Reduce the invoice's imported rows, the latest first, until all its rows add up to `total_minor`. Rows of
        payments that administrators recorded stay, even if they exceed it."""
        rows = cls.of_invoice(invoice_id)
        surplus = sum(row.amount_minor for row in rows) - total_minor
        imported = [row for row in rows if row.received_payment_id is None]
        for row in sorted(imported, key=lambda row: row.id, reverse=True):
            if surplus >= row.amount_minor > 0:
                row.delete_instance()
            elif surplus > 0:
                cls.update(amount_minor=row.amount_minor - surplus).where(cls.id == row.id).execute()
            surplus -= row.amount_minor

    @classmethod
    def recorded_minor(cls, invoice_id: int) -> int:
        """Sum of the payments that administrators recorded for this invoice."""
        rows = cls.select(fn.SUM(cls.amount_minor)).where(
            cls.invoice == invoice_id, cls.received_payment.is_null(False)
        )
        return rows.scalar() or 0

    @classmethod
    def in_books(cls, invoices: list[Invoice]) -> dict[int, set[int]]:
        """{invoice id: amounts that the books say were paid of it, each one and their sum}. Invoices without any are
        left out."""
        query = cls.select(cls.invoice, cls.amount_minor, cls.received_payment)
        rows = list(tuples(query.where(cls.invoice.in_([one.id for one in invoices]))))
        found: dict[int, list[int]] = {}
        for invoice_id, minor, received_payment in rows:
            if received_payment is None:
                found.setdefault(invoice_id, []).append(minor)
        # An invoice from before this table has no rows.
        with_rows = {row[0] for row in rows}
        early = {one.id: {one.paid_elsewhere_minor} for one in invoices if one.id not in with_rows}
        return {id: minor for id, minor in early.items() if minor != {0}} | {
            id: {*amounts, sum(amounts)} for id, amounts in found.items()
        }

    @classmethod
    def listed(cls, customer_id: int, before: tuple[date, int] | None, limit: int) -> list[Recorded]:
        """Payments of a customer, newest first, at most `limit`, starting after `before` (listed_on, id)."""
        query = (
            cls.select(
                cls.id,
                Invoice.public_id,
                Invoice.number,
                Invoice.currency,
                cls.amount_minor,
                cls.paid_on,
                cls.reference,
                cls.recorded_ms,
                cls.listed_on,
                ReceivedPayment.public_id,
            )
            .join(Invoice)
            .switch(cls)
            .join(ReceivedPayment, JOIN.LEFT_OUTER)
            .where(cls.customer == customer_id)
            .order_by(cls.listed_on.desc(), cls.id.desc())
        )
        if before:
            query = query.where(Tuple(cls.listed_on, cls.id) < before)
        payments = [Recorded._make(row) for row in tuples(query.limit(limit))]
        return payments if payments or before else cls._from_invoices(customer_id, limit)

    @staticmethod
    def _from_invoices(customer_id: int, limit: int) -> list[Recorded]:
        # A customer without rows here may have invoices from before this table.
        paid = Invoice.select(
            Invoice.public_id,
            Invoice.number,
            Invoice.currency,
            Invoice.paid_elsewhere_minor,
            Invoice.issued_on,
        ).where(Invoice.customer == customer_id, Invoice.kind == Invoice.INVOICE, Invoice.paid_elsewhere_minor > 0)
        newest = paid.order_by(Invoice.issued_on.desc(), Invoice.id.desc()).limit(limit)
        return [
            Recorded(0, public_id, number, currency, amount_minor, None, "", None, issued_on)
            for public_id, number, currency, amount_minor, issued_on in tuples(newest)
        ]
