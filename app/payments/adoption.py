"""Booking a charge of this portal that the books don't know, because they were restored from a backup.

Safe for several workers at once, and for one that is killed anywhere: everything is one transaction, whose order id is
unique. A charge whose lines don't say enough, or name an invoice that isn't here, waits for a person in
UnmatchedCharge; every comparison tries it again.
"""

from peewee import IntegrityError

from app.clock import Clock, to_ms
from app.models import (
    Audit,
    Customer,
    Deployment,
    EarlyImport,
    Invoice,
    LedgerEntry,
    UnmatchedCharge,
    User,
    booking,
    db,
)
from app.payments import charge_lines
from app.payments.gateway.protocol import Gateway, Transaction


def adopt_or_keep(charge: Transaction, gateway: Gateway, clock: Clock) -> bool:
    """Book a charge that has an order id of this portal's form, and no attempt here, as its own lines say; or keep it
    for a person, who is alerted once. Another portal's is only alerted. Whether this call wrote an alert."""
    statement, now_ms = statement_of(charge, gateway), to_ms(clock())
    is_foreign = statement is not None and statement.portal_id != Deployment.current().portal_id
    try:
        with db.atomic():
            if LedgerEntry.attempt_of(charge.id, charge.order_id):
                return False
            if is_foreign:
                return alert(charge, "payment.unmatched", now_ms)
            if statement is not None and charge.is_live and book(charge, statement, gateway.place, now_ms):
                return False
            UnmatchedCharge.keep(charge, now_ms)
            return alert(charge, "payment.unmatched", now_ms)
    except IntegrityError:
        if LedgerEntry.attempt_of(charge.id, charge.order_id) is None:
            raise
        return False  # another worker was faster


def statement_of(charge: Transaction, gateway: Gateway) -> charge_lines.Statement | None:
    """What its lines say; None when they don't add up to the charge, or can't be read."""
    statement = charge_lines.read(gateway.charge_lines(charge.id, charge.currency))
    is_whole = statement is not None and sum(minor for _, minor in statement.parts) == charge.amount_minor
    return statement if is_whole else None


def customer_of(statement: charge_lines.Statement | None) -> Customer | None:
    return statement and Customer.by_key(statement.customer, charge_lines.keys_of_customer)


def invoices_of(statement: charge_lines.Statement, customer: Customer, currency: str) -> dict[str, Invoice]:
    """{key: invoice} of those parts that are here."""
    found = Invoice.by_keys(customer, [key for key, _ in statement.parts], charge_lines.keys_of_invoice)
    return {key: invoice for key, invoice in found.items() if invoice.currency == currency}


def payer_of(statement: charge_lines.Statement | None, now_ms: int) -> User:
    known = statement is not None and statement.payer
    return User.named_or_new(statement.payer, now_ms) if known else User.unknown_payer(now_ms)


def book(charge: Transaction, statement: charge_lines.Statement, place: str, now_ms: int) -> bool:
    """Whether it was booked. Not when its customer or one of its invoices isn't here, when the books may count it as
    paid elsewhere, or when an administrator has set it aside."""
    customer = customer_of(statement)
    if customer is None or UnmatchedCharge.is_set_aside(charge.id):
        return False
    invoices = invoices_of(statement, customer, charge.currency)
    if len(invoices) != len(statement.parts):
        return False
    Invoice.lock(sorted(invoice.id for invoice in invoices.values()))
    Invoice.recount([invoice.id for invoice in invoices.values()])
    split = [(Invoice.get_by_id(invoices[key].id), minor) for key, minor in statement.parts]
    if any(EarlyImport.is_counted_as_paid(invoice, minor, charge.made_ms) for invoice, minor in split):
        return False
    parts = [(invoice, min(minor, EarlyImport.room(invoice, charge.made_ms))) for invoice, minor in split]
    attempt = booking.adopt(
        charge,
        parts,
        now_ms,
        reference=statement.reference,
        customer=customer,
        user=payer_of(statement, now_ms),
        gateway=place,
    )
    UnmatchedCharge.close(charge.id, UnmatchedCharge.BOOKED, now_ms, attempt=attempt)
    return True


def alert(charge: Transaction, event: str, now_ms: int) -> bool:
    """Alert people to money at the gateway that no payment here knows, once; whether this was that time."""
    return Audit.write_once(
        event,
        now_ms,
        f"transaction:{charge.id}",
        order_id=charge.order_id,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        is_credit=charge.is_credit,
    )
