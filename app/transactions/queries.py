"""The list of payments received, newest first: online, recorded by an administrator, and known from the books."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from peewee import Tuple

from app.clock import from_ms, midnight_ms, today
from app.models import Attempt, Customer, Invoice, PaymentElsewhere, ReceivedPayment

PAGE = 25
ONLINE, RECORDED, BOOKS = "online", "recorded", "books"
DAY_ORDER = {BOOKS: 0, RECORDED: 1, ONLINE: 2}


@dataclass(frozen=True, slots=True)
class Criteria:
    """A filter. `text` is part of the customer's name or number. `method` is ONLINE, BOOKS, a method of ReceivedPayment
    or ''."""

    text: str = ""
    method: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_narrow(self) -> bool:
        """True if the filter excludes payments."""
        return self != Criteria()


class Cursor(NamedTuple):
    """The position of a page's last payment."""

    day: date
    rank: int
    at_ms: int
    id: int


class Payment(NamedTuple):
    """`public_id` belongs to the ReceivedPayment or the invoice; for an online payment it is the reference. `paid_on`
    is None if the books have no date; then the payment is sorted by PaymentElsewhere.listed_on."""

    place: Cursor
    paid_on: date | None
    method: str
    public_id: str
    reference: str
    customer_name: str
    customer_id: str
    currency: str
    amount_minor: int

    @property
    def is_recorded(self) -> bool:
        """True if an administrator recorded the payment, and so can change it."""
        return self.place.rank == DAY_ORDER[RECORDED]


def page(criteria: Criteria, time_zone: str, after: Cursor | None) -> tuple[list[Payment], Cursor | None]:
    """(payments, the cursor of the next page or None)"""
    found = []
    if criteria.method in ("", ONLINE):
        found += online(criteria, time_zone, after)
    if criteria.method not in (ONLINE, BOOKS):
        found += recorded(criteria, after)
    if criteria.method in ("", BOOKS):
        found += from_books(criteria, after)
    found.sort(key=lambda payment: payment.place, reverse=True)
    return found[:PAGE], found[PAGE - 1].place if len(found) > PAGE else None


def filter_by_customer(query, text: str):
    if not text:
        return query
    mine = Customer.name.contains(text) | Customer.number.contains(text)
    return query.where(mine)


def online(criteria: Criteria, time_zone: str, after: Cursor | None) -> list[Payment]:
    columns = (Attempt.decided_ms, Attempt.id, Attempt.reference, Customer.name, Customer.public_id)
    query = (
        Attempt.select(*columns, Attempt.currency, Attempt.amount_minor)
        .join(Customer)
        .where(Attempt.believed())
        .order_by(Attempt.decided_ms.desc(), Attempt.id.desc())
    )
    if criteria.since:
        query = query.where(Attempt.decided_ms >= midnight_ms(criteria.since, time_zone))
    if criteria.until:
        query = query.where(Attempt.decided_ms < midnight_ms(criteria.until + timedelta(1), time_zone))
    if after and after.rank == DAY_ORDER[ONLINE]:
        query = query.where(Tuple(Attempt.decided_ms, Attempt.id) < (after.at_ms, after.id))
    elif after:
        query = query.where(Attempt.decided_ms < midnight_ms(after.day, time_zone))
    found = []
    for at_ms, row_id, reference, *rest in filter_by_customer(query, criteria.text).limit(PAGE + 1).tuples():
        day = today(from_ms(at_ms), time_zone)
        found.append(Payment(Cursor(day, DAY_ORDER[ONLINE], at_ms, row_id), day, ONLINE, reference, reference, *rest))
    return found


def recorded(criteria: Criteria, after: Cursor | None) -> list[Payment]:
    columns = (ReceivedPayment.received_on, ReceivedPayment.id, ReceivedPayment.method, ReceivedPayment.public_id)
    query = (
        ReceivedPayment.select(
            *columns,
            ReceivedPayment.reference,
            Customer.name,
            Customer.public_id,
            ReceivedPayment.currency,
            ReceivedPayment.amount_minor,
        )
        .join(Customer)
        .order_by(ReceivedPayment.received_on.desc(), ReceivedPayment.id.desc())
    )
    if criteria.method:
        query = query.where(ReceivedPayment.method == criteria.method)
    query = filter_page(query, ReceivedPayment.received_on, ReceivedPayment.id, DAY_ORDER[RECORDED], criteria, after)
    return [
        Payment(Cursor(day, DAY_ORDER[RECORDED], 0, row_id), day, *rest)
        for day, row_id, *rest in filter_by_customer(query, criteria.text).limit(PAGE + 1).tuples()
    ]


def from_books(criteria: Criteria, after: Cursor | None) -> list[Payment]:
    query = (
        PaymentElsewhere.select(
            PaymentElsewhere.listed_on,
            PaymentElsewhere.id,
            PaymentElsewhere.paid_on,
            Invoice.public_id,
            PaymentElsewhere.reference,
            Customer.name,
            Customer.public_id,
            Invoice.currency,
            PaymentElsewhere.amount_minor,
        )
        .join(Invoice)
        .join(Customer)
        .where(PaymentElsewhere.received_payment.is_null())
        .order_by(PaymentElsewhere.listed_on.desc(), PaymentElsewhere.id.desc())
    )
    query = filter_page(query, PaymentElsewhere.listed_on, PaymentElsewhere.id, DAY_ORDER[BOOKS], criteria, after)
    return [
        Payment(Cursor(day, DAY_ORDER[BOOKS], 0, row_id), paid_on, BOOKS, *rest)
        for day, row_id, paid_on, *rest in filter_by_customer(query, criteria.text).limit(PAGE + 1).tuples()
    ]


def filter_page(query, day, row_id, rank: int, criteria: Criteria, after: Cursor | None):
    if criteria.since:
        query = query.where(day >= criteria.since)
    if criteria.until:
        query = query.where(day <= criteria.until)
    if after is None:
        return query
    if after.rank == rank:
        return query.where(Tuple(day, row_id) < (after.day, after.id))
    return query.where(day <= after.day if after.rank > rank else day < after.day)
