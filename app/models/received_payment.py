"""Payments received by check, bank transfer or in cash, as an administrator recorded them."""

from datetime import date

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField

from app.models.base import BaseModel, checks, locked, public_id
from app.models.customer import Customer


class ReceivedPayment(BaseModel):
    """`amount_minor` is the sum of its parts: the PaymentElsewhere rows that point to it, each of which pays one
    invoice.

    `version` is the optimistic lock. `actor` recorded the payment.
    """

    CHECK, TRANSFER, CASH, OTHER = "check", "transfer", "cash", "other"

    public_id = CharField(unique=True, default=public_id)
    customer = ForeignKeyField(Customer, backref="received_payments", on_delete="RESTRICT")
    customer_id: int
    received_on = DateField()
    method = CharField()
    reference = CharField(default="")
    currency = CharField(max_length=3)
    amount_minor = BigIntegerField()
    actor = CharField()
    recorded_ms = BigIntegerField()
    version = IntegerField(default=1)

    class Meta:
        table_name = "received_payment"
        indexes = ((("received_on", "id"), False),)
        constraints = checks("amount_minor > 0", "method IN ('check', 'transfer', 'cash', 'other')")

    @classmethod
    def by_public_id(cls, public_id: str) -> "ReceivedPayment | None":
        return cls.get_or_none(cls.public_id == public_id)

    @classmethod
    def of_day(cls, customer: Customer, day: date, amount_minor: int, currency: str):
        same = (cls.customer == customer) & (cls.received_on == day)
        return cls.select().where(same, cls.amount_minor == amount_minor, cls.currency == currency)

    @classmethod
    def locked(cls, payment_id: int) -> "ReceivedPayment | None":
        """The current row, locked until the caller's transaction ends."""
        return locked(cls.select().where(cls.id == payment_id)).first()
