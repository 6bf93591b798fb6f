"""Which monthly statements are done."""

from datetime import datetime

from peewee import BigIntegerField, CharField, ForeignKeyField, fn

from app.clock import to_ms
from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class StatementNotice(BaseModel):
    """The statement of `month` ('2026-11') was queued, or needed no email."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    month = CharField()
    at_ms = BigIntegerField()

    class Meta:
        table_name = "statement_notice"
        indexes = ((("month", "customer"), True),)

    @classmethod
    def record(cls, customer: Customer, month: str, now: datetime) -> bool:
        """Returns False if it was already recorded."""
        values = {"customer": customer.id, "month": month, "at_ms": to_ms(now)}
        if cls.get_or_none(cls.customer == customer, cls.month == month):
            return False
        cls.insert(values).execute()
        return True

    @classmethod
    def next_customers(cls, month: str, most: int) -> list[Customer]:
        """Customers with documents whose statement for that month isn't done."""
        # Not those above the last one that is done: another worker may have skipped one.
        done = cls.select(cls.id).where(cls.month == month, cls.customer == Customer.id)
        documents = Invoice.select(Invoice.id).where(Invoice.customer == Customer.id)
        query = Customer.select().where(~Customer.statements_off, fn.EXISTS(documents), ~fn.EXISTS(done))
        return list(query.order_by(Customer.id).limit(most))
