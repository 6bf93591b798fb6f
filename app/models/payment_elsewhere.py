"""Payments that the company received elsewhere and that an import brought in."""

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField

from app.models.base import BaseModel
from app.models.customer import Customer
from app.models.invoice import Invoice


class PaymentElsewhere(BaseModel):
    """A part of Invoice.paid_elsewhere: the rows of an invoice add up to it.

    `paid_on` and `reference` are as far as the file gave them; `recorded_ms` is the moment of the import, None for
    what was imported before such rows were kept.
    """

    invoice = ForeignKeyField(Invoice, backref="payments_elsewhere", on_delete="CASCADE")
    customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
    amount_minor = BigIntegerField()
    paid_on = DateField(null=True)
    reference = CharField(default="")
    recorded_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "payment_elsewhere"
        indexes = ((("customer", "id"), False),)
