"""The pages of the list of payments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from peewee import chunked

from app.clock import to_ms
from app.models import Allocation, Attempt, Audit, LedgerEntry, PaymentElsewhere
from app.models.base import all_by_id
from app.models.payment_elsewhere import Recorded
from app.payments import declines, statuses
from app.payments.statuses import Reversal
from app.web.formatting import now

PAGE = 25
EXPORT_BATCH = 500  # at a time
LATE_MS = 60_000
CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})~(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Row:
    """`applied` are (number of an invoice, minor units)."""

    attempt: Attempt
    badge: statuses.StatusBadge
    card: str
    applied: list[tuple[str, int]]
    refunds: list[Reversal]

    @property
    def numbers(self) -> list[str]:
        return [number for number, _ in self.applied]


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows, newest first. `newer` and `older` are the references for the adjacent pages, or None.

    `elsewhere` are up to PAGE payments that the company recorded, newest first; `elsewhere_older` is the cursor of the
    next ones, or ''.
    """

    rows: list[Row]
    newer: str | None
    older: str | None
    elsewhere: list[Recorded] = field(default_factory=list)
    elsewhere_older: str = ""


def read(viewer, before: str | None, after: str | None, recorded: str = "") -> Page | None:
    page = read_online(viewer, before, after)
    cursor = read_cursor(recorded)
    if page is None or (recorded and cursor is None):
        return None
    found = PaymentElsewhere.listed(viewer.customer_id, cursor, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE and found[PAGE - 1].id else None
    older = f"{last.listed_on.isoformat()}~{last.id}" if last else ""
    return replace(page, elsewhere=found[:PAGE], elsewhere_older=older)


def read_cursor(text: str) -> tuple[date, int] | None:
    found = CURSOR.fullmatch(text)
    try:
        return (date.fromisoformat(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def read_online(viewer, before: str | None, after: str | None) -> Page | None:
    reference = before or after
    start = Attempt.by_reference(viewer, reference) if reference else None
    if reference and start is None:
        return None
    upwards = start is not None and not before
    query = Attempt.older_than(viewer, start) if start is None or before else Attempt.newer_than(viewer, start)
    found = list(query.limit(PAGE + 1))
    attempts, more = found[:PAGE], len(found) > PAGE
    if upwards:
        attempts.reverse()
    is_newer, is_older = (more, True) if upwards else (start is not None, more)
    return Page(
        rows=rows_of(attempts),
        newer=attempts[0].reference if attempts and is_newer else None,
        older=attempts[-1].reference if attempts and is_older else None,
    )


def every_online(viewer) -> Iterator[Row]:
    """Newest first."""
    for attempts in chunked(all_by_id(Attempt.older_than(viewer).order_by(), Attempt.id), EXPORT_BATCH):
        yield from rows_of(attempts)


def every_recorded(viewer) -> Iterator[Recorded]:
    """Newest first."""
    cursor = None
    while found := PaymentElsewhere.listed(viewer.customer_id, cursor, EXPORT_BATCH):
        yield from found
        if not found[-1].id or len(found) < EXPORT_BATCH:
            return
        cursor = found[-1].listed_on, found[-1].id


def rows_of(attempts: list[Attempt]) -> list[Row]:
    if not attempts:
        return []
    applied: dict[int, list[tuple[str, int]]] = {}
    refunds = statuses.refunds([attempt.reference for attempt in attempts])
    charged = {line.attempt_id for line in LedgerEntry.unapplied(attempts)}
    for line in Allocation.of(attempts):
        applied.setdefault(line.attempt_id, []).append((line.invoice.number, line.amount_minor))
    return [
        Row(
            attempt,
            statuses.badge_of(attempt, attempt.id in charged),
            declines.card_of(attempt),
            applied.get(attempt.id, []),
            refunds.get(attempt.reference, []),
        )
        for attempt in attempts
    ]


@dataclass(frozen=True)
class Alert:
    words: str
    at_ms: int


def alerts(page: Page) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    for line in Audit.alerts_about([f"attempt:{row.attempt.reference}" for row in page.rows]):
        is_reversal = line.event in (statuses.REFUND, statuses.DISPUTE)
        alert = Alert(Reversal.read(line).words if is_reversal else line.title, line.at_ms)
        found.setdefault(line.subject.removeprefix("attempt:"), []).append(alert)
    return found


def is_late(attempt: Attempt) -> bool:
    return to_ms(now()) - attempt.created_ms > LATE_MS
