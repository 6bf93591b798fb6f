"""A customer's statement: the activity of a period, or the open documents at its end, by currency."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from app.clock import from_ms, midnight_ms, today
from app.documents import queries
from app.documents.queries import OpenItem, Period, StatementEntry
from app.invoices.ageing import BUCKETS
from app.models import Company, Invoice

ACTIVITY, OPEN = "activity", "open"


@dataclass(frozen=True)
class StatementLine:
    entry: StatementEntry
    day: date
    balance_minor: int


@dataclass(frozen=True)
class Section:
    """A statement in one currency. opening + undated credits + lines = closing = ageing buckets - credit. The undated
    credits belong to invoices that were issued in the period; those of earlier invoices are in the opening balance."""

    currency: str
    opening_minor: int
    undated_minor: int
    lines: list[StatementLine]
    closing_minor: int
    items: list[OpenItem]
    ageing: list[tuple[str, int]]
    credit_minor: int


@dataclass(frozen=True)
class Statement:
    kind: str
    period: Period
    sections: list[Section] = field(default_factory=list)


def period_of(since: date, until: date, time_zone: str) -> Period:
    return Period(since, until, midnight_ms(since, time_zone), midnight_ms(until + timedelta(1), time_zone))


def read(customer_id: int, kind: str, period: Period, company: Company) -> Statement:
    """Raises queries.TooLong."""
    opening = queries.balances_before(customer_id, period)
    before = queries.undated_credits(customer_id, period.since - timedelta(1))
    undated = queries.undated_credits(customer_id, period.until)
    entries = queries.activity(customer_id, period)
    items = queries.open_items(customer_id, period)
    sections = [
        section(
            currency,
            opening[currency] - before.get(currency, 0),
            undated.get(currency, 0) - before.get(currency, 0),
            lines_of((entry for entry in entries if entry.currency == currency), company),
            [item for item in items if item.currency == currency],
            period.until,
        )
        for currency in sorted(opening)
    ]
    return Statement(kind, period, [one for one in sections if one.lines or one.opening_minor or one.items])


def lines_of(entries: Iterable[StatementEntry], company: Company) -> list[tuple[date, StatementEntry]]:
    """Sorted by day. Within a day, documents come before payments."""
    dated = [(entry.day or today(from_ms(entry.at_ms), company.time_zone), entry) for entry in entries]
    return sorted(dated, key=lambda pair: (pair[0], pair[1].amount_minor < 0, pair[1].at_ms or 0, pair[1].number))


def section(
    currency: str,
    opening_minor: int,
    credits_minor: int,
    dated: list[tuple[date, StatementEntry]],
    items: list[OpenItem],
    until: date,
) -> Section:
    start = opening_minor - credits_minor
    balances = accumulate((entry.amount_minor for _day, entry in dated), initial=start)
    next(balances)
    lines = [StatementLine(entry, day, balance) for (day, entry), balance in zip(dated, balances, strict=True)]
    closing = lines[-1].balance_minor if lines else start
    invoices = [item for item in items if item.kind == Invoice.INVOICE]
    ageing = [
        (bucket.label, sum(item.open_minor for item in invoices if bucket.has((until - item.due_on).days)))
        for bucket in BUCKETS
    ]
    credit = sum(minor for _label, minor in ageing) - closing
    return Section(currency, opening_minor, -credits_minor, lines, closing, items, ageing, credit)
