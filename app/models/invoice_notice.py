"""Which emails were sent about an invoice."""

from datetime import date, datetime, timedelta

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, fn

from app.clock import to_ms
from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class InvoiceNotice(BaseModel):
    """An email about an invoice was queued, or a reminder was due and needed no email. `step` of a reminder is its
    distance from the due date in days, negative before it."""

    NEW, REMINDER = "new_invoice", "reminder"

    invoice = ForeignKeyField(Invoice, index=False, on_delete="CASCADE")
    kind = CharField()
    step = IntegerField(default=0)
    at_ms = BigIntegerField()

    class Meta:
        table_name = "invoice_notice"
        indexes = ((("invoice", "kind", "step"), True),)

    @classmethod
    def record(cls, invoice: Invoice, kind: str, step: int, now: datetime) -> bool:
        """Returns False if it was already recorded."""
        values = {"invoice": invoice.id, "kind": kind, "step": step, "at_ms": to_ms(now)}
        if cls.get_or_none(cls.invoice == invoice, cls.kind == kind, cls.step == step):
            return False
        cls.insert(values).execute()
        return True

    @classmethod
    def due_new(cls, after_id: int, most: int) -> list[int]:
        """Ids of open invoices above `after_id` that were not announced by email."""
        return list(cls._without(cls.NEW, 0).where(Invoice.id > after_id).limit(most).scalars())

    @classmethod
    def due_reminders(cls, steps: list[int], since: date, today: date, most: int) -> list[tuple[int, int]]:
        """(invoice id, step) of each open invoice with a reminder due: the newest step due today, if its day is
        `since` or later and it was not sent."""
        due: list[tuple[int, int]] = []
        later: int | None = None
        for step in sorted(steps, reverse=True):
            first, last = since - timedelta(days=step), today - timedelta(days=step)
            if later is not None:
                first = max(first, today - timedelta(days=later - 1))
            query = cls._without(cls.REMINDER, step).where(Invoice.due_on >= first, Invoice.due_on <= last)
            query = query.where(~Customer.reminders_off).limit(most - len(due))
            due += [(invoice_id, step) for invoice_id in query.scalars()]
            later = step
        return due

    @classmethod
    def _without(cls, kind: str, step: int):
        sent = cls.select(cls.id).where(cls.invoice == Invoice.id, cls.kind == kind, cls.step == step)
        is_owed = (Invoice.kind == Invoice.INVOICE) & (Invoice.open_minor > 0) & (Invoice.processing_minor == 0)
        query = Invoice.select(Invoice.id).join(Customer).where(is_owed, ~Invoice.is_paid, ~Invoice.is_void)
        return query.where(~fn.EXISTS(sent)).order_by(Invoice.id)
