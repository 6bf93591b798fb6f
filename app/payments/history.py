"""The list of payments, page by page, and how long a payment has been waiting for its verdict."""

from dataclasses import dataclass

from app.clock import to_ms
from app.formats import now
from app.models import Allocation, Attempt, Audit, LedgerEntry
from app.payments import declines, states

PAGE = 25
LATE_MS = 60_000


@dataclass(frozen=True)
class Row:
    attempt: Attempt
    look: states.Look
    card: str
    numbers: list[str]


@dataclass(frozen=True)
class Page:
    """Up to PAGE rows, newest first. `newer` and `older` are references to go on from, or None."""

    rows: list[Row]
    newer: str | None
    older: str | None


def read(viewer, before: str | None, after: str | None) -> Page | None:
    """The page below the payment `before`, or above the payment `after`; None if there is no such payment."""
    reference = before or after
    start = Attempt.named(viewer, reference) if reference else None
    if reference and start is None:
        return None
    upwards = start is not None and not before
    query = Attempt.newer_than(viewer, start) if upwards else Attempt.older_than(viewer, start)
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


def rows_of(attempts: list[Attempt]) -> list[Row]:
    numbers: dict[int, list[str]] = {}
    charged = {line.attempt_id for line in LedgerEntry.waiting(attempts)}
    for line in Allocation.of(attempts):
        numbers.setdefault(line.attempt_id, []).append(line.invoice.number)
    return [
        Row(
            attempt, states.look_of(attempt, attempt.id in charged), declines.card_of(attempt),
            numbers.get(attempt.id, []),
        )
        for attempt in attempts
    ]


def alerts(page: Page) -> dict[str, list[Audit]]:
    """What an administrator was told about the page's payments, by reference."""
    found: dict[str, list[Audit]] = {}
    for line in Audit.alerts_about([f"attempt:{row.attempt.reference}" for row in page.rows]):
        found.setdefault(line.subject.removeprefix("attempt:"), []).append(line)
    return found


def is_late(attempt: Attempt) -> bool:
    """Whether it has been waiting for its verdict for longer than a minute."""
    return to_ms(now()) - attempt.created_ms > LATE_MS
