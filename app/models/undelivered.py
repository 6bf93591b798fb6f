"""Mail that did not reach its reader, and mail that can't leave at the moment."""

from typing import NamedTuple

from peewee import fn

from app.models.base import db
from app.models.outbox import WORKER_LATE_MS, OutboxMail

INVITING = ("invitation", "reset_link")
# What a person is not reached with: the mail failed, and no later one to the same address was sent.
FAILED = ("o.state IN ('refused', 'gave_up', 'bounced') AND NOT EXISTS"
          " (SELECT 1 FROM outbox later WHERE later.recipient = o.recipient AND later.id > o.id"
          " AND later.state = 'sent')")  # fmt: skip
CUSTOMERS = (f"SELECT a.customer_id FROM outbox o JOIN user_account u ON u.email = o.recipient"
             f" JOIN access a ON a.user_id = u.id AND a.given WHERE {FAILED}")  # fmt: skip


class Trouble(NamedTuple):
    """Why no mail leaves: `reason` is the mail server's, or empty when the worker isn't sending. `count` mails wait,
    the oldest since `since_ms`."""

    reason: str
    count: int
    since_ms: int


def failed(emails: list[str]) -> dict[str, OutboxMail]:
    """{address: its latest mail that failed}, of these addresses, unless a later one was sent."""
    later = OutboxMail.alias()
    sent_later = later.select(later.id).where(
        later.recipient == OutboxMail.recipient, later.id > OutboxMail.id, later.state == OutboxMail.SENT
    )
    query = OutboxMail.select().where(
        OutboxMail.recipient.in_(emails), OutboxMail.state.in_(OutboxMail.UNDELIVERED), ~fn.EXISTS(sent_later)
    )
    return {mail.recipient: mail for mail in query.order_by(OutboxMail.id)}


def latest(emails: list[str], kinds: tuple[str, ...] = INVITING) -> dict[str, OutboxMail]:
    """{address: its latest mail of these kinds}, of these addresses."""
    newest = (
        OutboxMail.select(fn.MAX(OutboxMail.id))
        .where(OutboxMail.recipient.in_(emails), OutboxMail.kind.in_(kinds))
        .group_by(OutboxMail.recipient)
    )
    return {mail.recipient: mail for mail in OutboxMail.select().where(OutboxMail.id.in_(newest))}


def queued_at(emails: list[str], moments: set[int]) -> dict[tuple[str, int], OutboxMail]:
    """{(address, created_ms): mail} of these addresses at these moments."""
    query = OutboxMail.select().where(
        OutboxMail.recipient.in_(emails), OutboxMail.created_ms.in_(list(moments)), OutboxMail.kind.in_(INVITING)
    )
    return {(mail.recipient, mail.created_ms): mail for mail in query}


def count_customers() -> int:
    """How many customers have a person with access whose mail failed."""
    return db.execute_sql(f"SELECT count(*) FROM (SELECT DISTINCT customer_id FROM ({CUSTOMERS}))").fetchone()[0]


def trouble(now_ms: int) -> Trouble | None:
    """What keeps mail from leaving at this moment."""
    table = OutboxMail
    held = (table.state == table.RETRYING) & (table.waits > 0)
    late = (table.next_try_ms < now_ms - WORKER_LATE_MS) & table.state.in_(table.WAITING)
    for condition, reason in ((late, ""), (held, None)):
        count, since_ms, last = (
            table.select(fn.COUNT(table.id), fn.MIN(table.created_ms), fn.MAX(table.id)).where(condition).tuples().get()
        )
        if count:
            return Trouble(table.get_by_id(last).error if reason is None else reason, count, since_ms)
    return None
