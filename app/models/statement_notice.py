"""Whose monthly statement was dealt with."""

from datetime import datetime

from peewee import BigIntegerField, CharField, ForeignKeyField, fn

from app.clock import to_ms
from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class StatementNotice(BaseModel):
    """The statement of `month` ('2026-11') was queued, or needed no email. Customers are done in the order of their
    ids."""

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    month = CharField()
    at_ms = BigIntegerField()

    class Meta:
        table_name = "statement_notice"
        indexes = ((("month", "customer"), True),)

    @classmethod
    def record(cls, customer: Customer, month: str, now: datetime) -> bool:
        """False if it was recorded before."""
        values = {"customer": customer.id, "month": month, "at_ms": to_ms(now)}
        if cls.get_or_none(cls.customer == customer, cls.month == month):
            return False
        cls.insert(values).execute()
        return True

    @classmethod
    def next_customers(cls, month: str, most: int) -> list[Customer]:
        """With documents, and not done for that month."""
        last = cls.select(fn.MAX(cls.customer)).where(cls.month == month).scalar() or 0
        documents = Invoice.select(Invoice.id).where(Invoice.customer == Customer.id)
        query = Customer.select().where(Customer.id > last, ~Customer.statements_off, fn.EXISTS(documents))
        return list(query.order_by(Customer.id).limit(most))
