"""Pages of all mail, newest first. Every page takes the same time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from peewee import fn

from app.clock import AHEAD_MS
from app.models.base import all_by_id, page_by_id, tuples
from app.models.customer import Customer
from app.models.outbox import WORKER_LATE_MS, OutboxMail

PAGE_SIZE = 50
BEFORE = 20
COLUMNS = (
    "id",
    "key",
    "recipient",
    "subject",
    "created_ms",
    "next_try_ms",
    "sent_ms",
    "ended_ms",
    "error",
    "kind",
    "state",
    "customer",
    "user",
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no mail is sent: `reason` is the mail server's, '' if no worker is running. `count` mails are waiting, the
    oldest since `since_ms`."""

    reason: str
    count: int
    since_ms: int


class Page(NamedTuple):
    """`mails` without their texts, with their customers; `counts` is {state: count} of all mail."""

    mails: list[OutboxMail]
    counts: dict[str, int]
    newer: bool
    older: bool


def page(text: str, state: str, before: int | None, after: int | None) -> Page:
    """`text` is part of an address, `state` a state or empty; `before` and `after` are the id of the mail next to
    the page."""
    mails, newer, older = page_by_id(matching(text, state), OutboxMail.id, PAGE_SIZE, before, after)
    return Page(mails, counts(), newer, older)


def every(text: str, state: str) -> Iterator[OutboxMail]:
    """Newest first."""
    return all_by_id(matching(text, state), OutboxMail.id)


def matching(text: str, state: str):
    columns = [getattr(OutboxMail, name) for name in COLUMNS]
    query = OutboxMail.select(*columns, Customer).left_outer_join(Customer)
    if state:
        query = query.where(OutboxMail.state == state)
    if text:
        # From the index of addresses alone: the rows themselves are wide.
        found = OutboxMail.alias()
        query = query.where(OutboxMail.id.in_(found.select(found.id).where(found.recipient.contains(text))))
    return query


def counts() -> dict[str, int]:
    query = OutboxMail.select(OutboxMail.state, fn.COUNT(OutboxMail.id)).group_by(OutboxMail.state)
    return dict(tuples(query))


def repeated_by(mail: OutboxMail) -> OutboxMail | None:
    return OutboxMail.get_or_none(OutboxMail.repeats == mail.id)


def trouble(now_ms: int) -> Trouble | None:
    table = OutboxMail
    held = (table.state == table.RETRYING) & (table.waits > 0)
    late = (table.next_try_ms < now_ms - WORKER_LATE_MS) & table.state.in_(table.WAITING)
    for condition, reason in ((late, ""), (held, None)):
        totals = table.select(fn.COUNT(table.id), fn.MIN(table.created_ms), fn.MAX(table.id)).where(condition)
        count, since_ms, last = totals.scalar(as_tuple=True)
        if count and (reason is None or not is_busy(condition, now_ms)):
            return Trouble(table.get_by_id(last).error if reason is None else reason, count, since_ms)
    return None


def is_busy(waiting, now_ms: int) -> bool:
    """True if a worker is working through a long queue: mail just before the waiting ones was sent within the last
    WORKER_LATE_MS. A later time was written while the clock was ahead, and proves nothing."""
    table = OutboxMail
    first = table.select(fn.MIN(table.id)).where(waiting)
    before = table.select(table.sent_ms, table.ended_ms).where(table.id < first).order_by(table.id.desc())
    moments = [max(sent_ms or 0, ended_ms or 0) for sent_ms, ended_ms in tuples(before.limit(BEFORE))]
    return any(now_ms - WORKER_LATE_MS < moment <= now_ms + AHEAD_MS for moment in moments)
