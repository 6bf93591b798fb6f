"""The data of statements: a customer's documents and payments with their dates, and what was open on a day."""

from datetime import date
from typing import NamedTuple

from peewee import Case, fn

from app.models import Allocation, Attempt, Invoice, PaymentElsewhere
from app.models.base import tuples

MAX_LINES = 2_000
ON_DUE_DAY, ON_ISSUE_DAY, ON_RECORDING_DAY, DATED_LATER = "due", "issued", "recorded", "ahead"
SIGN = Case(None, [(Invoice.kind == Invoice.CREDIT_MEMO, -1)], 1)
# How a document changes the balance, in SQL and in Python. A void document changes it only by what was paid.
BALANCE_CHANGE = SIGN * (Invoice.total_minor - Case(None, [(Invoice.is_void, Invoice.credited_minor)], 0))


def balance_change(document: Invoice) -> int:
    minor = document.total_minor - (document.credited_minor if document.is_void else 0)
    return -minor if document.kind == Invoice.CREDIT_MEMO else minor


class Period(NamedTuple):
    """From `since` to `until`, both inclusive. `since_ms` and `end_ms` are the midnights before and after it, in the
    company's time zone."""

    since: date
    until: date
    since_ms: int
    end_ms: int


class StatementEntry(NamedTuple):
    """`amount_minor` is negative if it lowers the balance. `public_id` belongs to the document; for an online payment
    it is the reference. `at_ms` is None if only the day is known. `basis` says why `day` is not the payment's date:
    ON_DUE_DAY, ON_ISSUE_DAY or ON_RECORDING_DAY replace an unknown date, and DATED_LATER a date in the future."""

    kind: str
    day: date | None
    at_ms: int | None
    number: str
    public_id: str
    reference: str
    currency: str
    amount_minor: int
    basis: str = ""


class OpenItem(NamedTuple):
    kind: str
    number: str
    public_id: str
    currency: str
    issued_on: date
    due_on: date
    total_minor: int
    open_minor: int


class TooLong(Exception):
    """More than MAX_LINES lines."""


def balances_before(customer_id: int, period: Period) -> dict[str, int]:
    """{currency: balance before the period}, for every currency with documents."""
    documents = (
        Invoice.select(Invoice.currency, fn.SUM(Case(None, [(Invoice.issued_on < period.since, BALANCE_CHANGE)], 0)))
        .where(Invoice.customer == customer_id)
        .group_by(Invoice.currency)
    )
    found = {currency: minor or 0 for currency, minor in tuples(documents)}
    for payments in (
        online(customer_id, Attempt.decided_ms < period.since_ms),
        paid_elsewhere(customer_id, PaymentElsewhere.listed_on < period.since),
    ):
        for currency, minor in tuples(payments):
            found[currency] = found.get(currency, 0) - minor
    invoices, missing = paid_without_record(customer_id, Invoice.issued_on < period.since)
    for currency, minor in tuples(invoices.select(Invoice.currency, fn.SUM(missing)).group_by(Invoice.currency)):
        found[currency] -= minor
    return found


def online(customer_id: int, condition):
    return (
        Allocation.select(Attempt.currency, fn.SUM(Allocation.amount_minor))
        .join(Attempt)
        .where(Attempt.customer == customer_id, Attempt.believed(), condition)
        .group_by(Attempt.currency)
    )


def paid_elsewhere(customer_id: int, condition):
    return (
        PaymentElsewhere.select(Invoice.currency, fn.SUM(PaymentElsewhere.amount_minor))
        .join(Invoice)
        .where(PaymentElsewhere.customer == customer_id, Invoice.kind == Invoice.INVOICE, condition)
        .group_by(Invoice.currency)
    )


def paid_without_record(customer_id: int, condition):
    """(query of invoices, expression for the minor units paid elsewhere that no payment row explains). They count as
    paid on the date of the invoice."""
    rows = PaymentElsewhere.select(fn.COALESCE(fn.SUM(PaymentElsewhere.amount_minor), 0)).where(
        PaymentElsewhere.invoice == Invoice.id
    )
    missing = Invoice.paid_elsewhere_minor - rows
    mine = (Invoice.customer == customer_id) & (Invoice.kind == Invoice.INVOICE)
    return Invoice.select().where(mine, condition, Invoice.paid_elsewhere_minor > 0, missing > 0), missing


def undated_credits(customer_id: int, until: date) -> dict[str, int]:
    """{currency: credits of invoices that exceed what was used of credit memos}. They have no date. Credits of invoices
    that were issued after `until` are excluded, unless a credit memo covers them."""
    minus_used = Invoice.open_minor - Invoice.total_minor  # in peewee, -column is DESC
    credit = Case(None, [(Invoice.kind == Invoice.CREDIT_MEMO, minus_used)], Invoice.credited_minor)
    then = Case(None, [(Invoice.issued_on <= until, credit)], 0)
    query = (
        Invoice.select(Invoice.currency, fn.SUM(credit), fn.SUM(then))
        .where(Invoice.customer == customer_id, ~Invoice.is_void)
        .group_by(Invoice.currency)
    )
    found = {currency: min(now, max(0, before)) for currency, now, before in tuples(query)}
    return {currency: minor for currency, minor in found.items() if minor}


def activity(customer_id: int, period: Period) -> list[StatementEntry]:
    """The documents and payments of the period, unsorted. Raises TooLong."""
    documents = Invoice.select().where(
        Invoice.customer == customer_id, Invoice.issued_on.between(period.since, period.until)
    )
    found = [
        StatementEntry(d.kind, d.issued_on, None, d.number, d.public_id, "", d.currency, balance_change(d))
        for d in bounded(documents)
        if not d.is_void or balance_change(d)
    ]
    attempts = Attempt.select().where(
        Attempt.customer == customer_id,
        Attempt.believed(),
        Attempt.decided_ms >= period.since_ms,
        Attempt.decided_ms < period.end_ms,
    )
    found += [
        StatementEntry("payment", None, a.decided_ms, a.reference, a.reference, "", a.currency, -a.amount_minor)
        for a in bounded(attempts)
    ]
    payments = (
        PaymentElsewhere.select(PaymentElsewhere, Invoice)
        .join(Invoice)
        .where(
            PaymentElsewhere.customer == customer_id,
            Invoice.kind == Invoice.INVOICE,
            PaymentElsewhere.listed_on.between(period.since, period.until),
        )
    )
    for payment in bounded(payments):
        document = payment.invoice
        entry = entry_elsewhere(document, payment.listed_on, payment.reference, payment.amount_minor)
        found.append(entry._replace(basis=basis_of(payment, document)))
    invoices, missing = paid_without_record(customer_id, Invoice.issued_on.between(period.since, period.until))
    for document in bounded(invoices.select(Invoice, missing.alias("missing"))):
        found.append(entry_elsewhere(document, document.issued_on, "", document.missing))
    if len(found) > MAX_LINES:
        raise TooLong
    return found


def entry_elsewhere(document: Invoice, day: date, reference: str, minor: int) -> StatementEntry:
    return StatementEntry(
        "recorded", day, None, document.number, document.public_id, reference, document.currency, -minor, ON_ISSUE_DAY
    )


def basis_of(payment: PaymentElsewhere, document: Invoice) -> str:
    if payment.paid_on:
        return "" if payment.paid_on == payment.listed_on else DATED_LATER
    days = {document.issued_on: ON_ISSUE_DAY, document.due_on: ON_DUE_DAY}
    return days.get(payment.listed_on, ON_RECORDING_DAY)


def open_items(customer_id: int, period: Period) -> list[OpenItem]:
    """Documents that were open at the end of the period, oldest due date first, with the credits that are left now.
    Raises TooLong."""
    paid_online = (
        Allocation.select(fn.COALESCE(fn.SUM(Allocation.amount_minor), 0))
        .join(Attempt)
        .where(Allocation.invoice == Invoice.id, Attempt.believed(), Attempt.decided_ms < period.end_ms)
    )
    later = PaymentElsewhere.select(fn.COALESCE(fn.SUM(PaymentElsewhere.amount_minor), 0)).where(
        PaymentElsewhere.invoice == Invoice.id, PaymentElsewhere.listed_on > period.until
    )
    is_credit = Invoice.kind == Invoice.CREDIT_MEMO
    invoiced = Invoice.total_minor - Invoice.credited_minor - paid_online - (Invoice.paid_elsewhere_minor - later)
    left = Case(None, [(is_credit, 0 - Invoice.open_minor)], invoiced)
    query = (
        Invoice.select(Invoice, left.alias("left"))
        .where(Invoice.customer == customer_id, Invoice.issued_on <= period.until, ~Invoice.is_void)
        .where((is_credit & (Invoice.open_minor > 0)) | (~is_credit & (invoiced > 0)))
        .order_by(Invoice.due_on, Invoice.id)
    )
    return [
        OpenItem(d.kind, d.number, d.public_id, d.currency, d.issued_on, d.due_on, d.total_minor, d.left)
        for d in bounded(query)
    ]


def bounded(query) -> list:
    found = list(query.limit(MAX_LINES + 1))
    if len(found) > MAX_LINES:
        raise TooLong
    return found


def issued_in(customer_id: int, since: date, until: date, limit: int) -> list[str]:
    """The public ids of the documents issued in a period, oldest first."""
    query = (
        Invoice.select(Invoice.public_id)
        .where(Invoice.customer == customer_id, Invoice.issued_on.between(since, until))
        .order_by(Invoice.issued_on, Invoice.id)
        .limit(limit)
    )
    return list(query.scalars())


def numbers(customer_id: int, public_ids: list[str]) -> dict[str, str]:
    """{public id: number} of the documents that belong to this customer."""
    query = Invoice.select(Invoice.public_id, Invoice.number).where(
        Invoice.customer == customer_id, Invoice.public_id.in_(public_ids)
    )
    return dict(tuples(query))
