"""Exporting the list of payments: one row for each invoice that a payment pays."""

from collections.abc import Iterator

from app.clock import from_ms, today
from app.models import Company
from app.money import to_decimal
from app.payments import history

HEADER = (
    "Payment",
    "Date",
    "Status",
    "Invoice number",
    "Currency",
    "Amount",
    "Payment amount",
    "Paid with",
    "Paid by",
    "Braintree transaction ID",
    "Refunded",
)
RECORDED = "Recorded by the company"


def rows(viewer, company: Company) -> Iterator[tuple]:
    """Newest first; payments made here come before recorded ones, which may have no date. `Payment amount` and
    `Refunded` are only on the first row of a payment, so that columns can be summed."""
    for row in history.every_online(viewer):
        yield from online_rows(row, company)
    for recorded in history.every_recorded(viewer):
        amount = to_decimal(recorded.amount_minor, recorded.currency)
        day = recorded.paid_on or ""
        yield "", day, RECORDED, recorded.number, recorded.currency, amount, amount, recorded.reference, "", "", ""


def online_rows(row: history.Row, company: Company) -> Iterator[tuple]:
    attempt = row.attempt
    day = today(from_ms(attempt.created_ms), company.time_zone)
    card = row.card if attempt.last_four else ""
    unapplied = attempt.amount_minor - sum(minor for _, minor in row.applied)
    parts = [*row.applied, ("", unapplied)] if unapplied else row.applied
    refunded = sum(one.amount_minor or 0 for one in row.refunds if one.currency == attempt.currency)
    for place, (number, minor) in enumerate(parts):
        yield (
            attempt.reference,
            day,
            row.badge.word,
            number,
            attempt.currency,
            to_decimal(minor, attempt.currency),
            "" if place else to_decimal(attempt.amount_minor, attempt.currency),
            card,
            attempt.user.name or attempt.user.email,
            attempt.transaction_id,
            "" if place or not refunded else to_decimal(refunded, attempt.currency),
        )
