"""Addresses that opted out of reminders or monthly statements."""

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.clock import to_ms
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, one_transaction
from app.models.customer import Customer


class MailStop(BaseModel):
    """This address gets no such emails about this customer's invoices."""

    STOPPED = RESUMED = ""  # events of the audit trail

    customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
    email = CharField()
    at_ms = BigIntegerField()

    @classmethod
    def emails(cls, customer_id: int) -> list[str]:
        return list(cls.select(cls.email).where(cls.customer == customer_id).order_by(cls.email).scalars())

    @classmethod
    @one_transaction
    def stop(cls, customer: Customer, email: str, actor: Actor) -> bool:
        """Returns False if the address had already opted out. One transaction."""
        if email in cls.emails(customer.id):
            return False
        cls.create(customer=customer, email=email, at_ms=to_ms(actor.now))
        Audit.write_by(actor, cls.STOPPED, f"user:{email}", customer=customer.number)
        return True

    @classmethod
    @one_transaction
    def resume(cls, customer: Customer, email: str, actor: Actor) -> bool:
        if not cls.delete().where(cls.customer == customer, cls.email == email).execute():
            return False
        Audit.write_by(actor, cls.RESUMED, f"user:{email}", customer=customer.number)
        return True


class ReminderStop(MailStop):
    STOPPED, RESUMED = "reminders_stopped", "reminders_resumed"

    class Meta:
        table_name = "reminder_stop"
        indexes = ((("customer", "email"), True),)


class StatementStop(MailStop):
    STOPPED, RESUMED = "statements_stopped", "statements_resumed"

    class Meta:
        table_name = "statement_stop"
        indexes = ((("customer", "email"), True),)
