"""Booking a charge of this portal that the books don't know, because they were restored from a backup.

Safe for several workers at once, and for one that is killed anywhere: everything is one transaction, whose order id is
unique.
"""

from peewee import IntegrityError

from app.billing import charge_lines
from app.billing.gateway import Gateway, Transaction
from app.clock import Clock, to_ms
from app.models import Attempt, Customer, Deployment, Invoice, User, db


def adopt(charge: Transaction, gateway: Gateway, clock: Clock) -> bool:
    """Book a live charge that no attempt here knows, as its own lines say; whether it is in the books now. Not when
    the lines are missing, or another portal's, or name a customer or an invoice that isn't here."""
    statement = charge_lines.read(gateway.charge_lines(charge.id, charge.currency))
    if statement is None or sum(minor for _, minor in statement.parts) != charge.amount_minor:
        return False
    try:
        with db.atomic():
            return book(charge, statement, gateway.place, to_ms(clock()))
    except IntegrityError:  # another worker was faster
        return Attempt.for_transaction(charge.id, charge.order_id) is not None


def book(charge: Transaction, statement: charge_lines.Statement, place: str, now_ms: int) -> bool:
    if Attempt.for_transaction(charge.id, charge.order_id):
        return True
    customer = Customer.by_key(statement.customer, charge_lines.keys_of_customer)
    if statement.portal_id != Deployment.current().portal_id or customer is None or not statement.payer:
        return False
    invoices = Invoice.by_keys(customer, [key for key, _ in statement.parts], charge_lines.keys_of_invoice)
    if len(invoices) != len(statement.parts) or any(one.currency != charge.currency for one in invoices.values()):
        return False
    Invoice.lock(sorted(invoice.id for invoice in invoices.values()))
    Invoice.recount([invoice.id for invoice in invoices.values()])
    split = [(Invoice.get_by_id(invoices[key].id), minor) for key, minor in statement.parts]
    Attempt.adopt(
        charge, [(invoice, min(minor, invoice.open_minor)) for invoice, minor in split], now_ms,
        reference=statement.reference, customer=customer, user=User.named_or_new(statement.payer, now_ms),
        gateway=place,
    )
    return True
