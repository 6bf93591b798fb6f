"""What the forms propose: the next free number, the terms in use and the currency."""

import re

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from app.models import Allocation, Attempt, Customer, Invoice, ReceivedPayment
from app.models.base import locked

NEWEST = 200  # documents among which the highest number is looked for
MOST_TAKEN = 100
SERIAL = re.compile(r"(.*?)([0-9]{1,12})", re.ASCII | re.DOTALL)
FIRST = {Invoice.INVOICE: ("INV-", "1001"), Invoice.CREDIT_MEMO: ("CM-", "1001")}


def next_number(kind: str) -> str:
    """The first number after those of the newest documents that no customer has; '' if many of them are taken."""
    newest = Invoice.select(Invoice.number).where(Invoice.kind == kind).order_by(Invoice.id.desc()).limit(NEWEST)
    found = [match for number in newest.scalars() if (match := SERIAL.fullmatch(number))]
    if not found:
        prefix, digits = FIRST[kind]
        serial = int(digits)
    else:
        prefix = found[0][1]
        digits = max((match[2] for match in found if match[1] == prefix), key=int)
        serial = int(digits) + 1
    for candidate in range(serial, serial + MOST_TAKEN):
        number = f"{prefix}{candidate:0{len(digits)}}"
        if not Invoice.select().where(Invoice.kind == kind, Invoice.number == number).exists():
            return number
    return ""


def last_document(customer: Customer, kind: str) -> Invoice | None:
    of_customer = Invoice.select().where(Invoice.customer == customer, Invoice.kind == kind)
    return of_customer.order_by(Invoice.id.desc()).first()


def usual_currency(locale: str) -> str:
    """The currency of the country of a locale: EUR for de_DE."""
    try:
        territory = Locale.parse(locale).territory
    except (UnknownLocaleError, ValueError):
        territory = None
    return (get_territory_currencies(territory) or ["USD"])[0] if territory else "USD"


# Payments received


def locked_payment(payment_id: int) -> ReceivedPayment | None:
    return locked(ReceivedPayment.select().where(ReceivedPayment.id == payment_id)).first()


def invoices_with_ids(customer_id: int, currency: str, ids: list[int]):
    return Invoice.select().where(
        Invoice.customer == customer_id,
        Invoice.kind == Invoice.INVOICE,
        Invoice.currency == currency,
        Invoice.id.in_(ids),
    )


def being_paid(ids: list[int]) -> set[int]:
    """Those of these invoices that a customer is paying online at this moment, with an unknown outcome."""
    undecided = Attempt.state.in_((Attempt.CREATED, Attempt.SENT))
    return set(
        Allocation.select(Allocation.invoice).join(Attempt).where(Allocation.invoice.in_(ids), undecided).scalars()
    )


def payable(customer_id: int, currency: str, paid_ids: list[int], most: int) -> list[Invoice]:
    """The customer's open invoices in `currency`, oldest due first, and those that a payment pays already: all of
    these, and at most `most`."""
    wanted = (Invoice.open_minor > 0) | Invoice.id.in_(paid_ids)
    mine = (Invoice.customer == customer_id) & (Invoice.kind == Invoice.INVOICE) & (Invoice.currency == currency)
    paid_first = (
        Invoice.select().where(mine, wanted).order_by(Invoice.id.in_(paid_ids).desc(), Invoice.due_on, Invoice.id)
    )
    return sorted(paid_first.limit(max(most, len(paid_ids))), key=lambda invoice: (invoice.due_on, invoice.id))


def open_currencies(customer_id: int) -> list[str]:
    mine = (Invoice.customer == customer_id) & (Invoice.kind == Invoice.INVOICE) & (Invoice.open_minor > 0)
    return list(Invoice.select(Invoice.currency).where(mine).distinct().order_by(Invoice.currency).scalars())
