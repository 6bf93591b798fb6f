"""Queries for mail that was not delivered, and for mail that can't be sent now."""

from dataclasses import dataclass

from peewee import SQL, fn

from app.clock import AHEAD_MS
from app.models.base import db, tuples
from app.models.customer import Customer
from app.models.outbox import WORKER_LATE_MS, OutboxMail

BEFORE = 20
INVITING = ("invitation", "reset_link")
BY_COLLEAGUE = "colleague_invitation"
INVITATIONS = (*INVITING, BY_COLLEAGUE)  # one takes the place of the other when it is sent again
# The mail failed, no later one to the same address was sent, and none of its kind
# is on its way.
FAILED = (
    "o.state IN ('saved', 'refused', 'gave_up', 'bounced') AND NOT EXISTS"
    " (SELECT 1 FROM outbox later WHERE later.recipient = o.recipient AND later.id > o.id"
    " AND (later.state = 'sent' OR (later.state IN ('queued', 'retrying')"
    f" AND (later.kind = o.kind OR (later.kind IN {INVITATIONS} AND o.kind IN {INVITATIONS})))))"
)
# A pending invitation is not an access: it counts only if the mail is about the same customer.
PEOPLE = (
    f"FROM outbox o JOIN user_account u ON u.email = o.recipient"
    f" JOIN access a ON a.user_id = u.id AND (a.given OR (a.invited_ms IS NOT NULL"
    f" AND o.kind = '{BY_COLLEAGUE}' AND o.customer_id = a.customer_id)) WHERE {FAILED}"
)
CUSTOMERS = f"SELECT a.customer_id {PEOPLE}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no mail is sent: `reason` is the mail server's, '' if no worker is running. `count` mails wait, the oldest
    since `since_ms`."""

    reason: str
    count: int
    since_ms: int


def failed(emails: list[str]) -> dict[str, OutboxMail]:
    """{address: its latest mail that failed}, of these addresses, unless a later one was sent or is on its way."""
    query = OutboxMail.alias("o").select().where(SQL("o.recipient").in_(emails), SQL(FAILED))
    return {mail.recipient: mail for mail in query.order_by(SQL("o.id"))}


def invitations(customer: Customer) -> dict[int, OutboxMail]:
    """{user id: latest invitation to `customer`}, if it failed. SAVED ones are left out: without a mail server, all of
    them fail."""
    newest = (
        OutboxMail.select(fn.MAX(OutboxMail.id))
        .where(OutboxMail.customer == customer, OutboxMail.kind.in_((INVITING[0], BY_COLLEAGUE)))
        .group_by(OutboxMail.user)
    )
    query = OutboxMail.select().where(OutboxMail.id.in_(newest), OutboxMail.state.in_(OutboxMail.FAILED))
    return {mail.user_id: mail for mail in query if mail.user_id is not None}


def latest(emails: list[str], kinds: tuple[str, ...] = INVITING) -> dict[str, OutboxMail]:
    """{address: its latest mail of these kinds} of these addresses."""
    newest = (
        OutboxMail.select(fn.MAX(OutboxMail.id))
        .where(OutboxMail.recipient.in_(emails), OutboxMail.kind.in_(kinds))
        .group_by(OutboxMail.recipient)
    )
    return {mail.recipient: mail for mail in OutboxMail.select().where(OutboxMail.id.in_(newest))}


def queued_at(emails: list[str], moments: set[int]) -> dict[tuple[str, int], OutboxMail]:
    """{(address, created_ms): invitation or reset link} of these addresses and times."""
    query = OutboxMail.select().where(
        OutboxMail.recipient.in_(emails),
        OutboxMail.created_ms.in_(list(moments)),
        OutboxMail.kind.in_((*INVITING, BY_COLLEAGUE)),
    )
    return {(mail.recipient, mail.created_ms): mail for mail in query}


def by_customer(ids: list[int]) -> dict[int, dict[str, str]]:
    """{customer id: {address: reason}} of the people of these customers whose mail failed."""
    marks = ", ".join("?" * len(ids))
    query = f"SELECT a.customer_id, o.recipient, o.error {PEOPLE} AND a.customer_id IN ({marks}) ORDER BY o.id"
    reasons: dict[int, dict[str, str]] = {}
    for customer_id, email, reason in db.execute_sql(query, ids):
        reasons.setdefault(customer_id, {})[email] = reason
    return reasons


def count_customers() -> int:
    """Number of customers with a person whose mail failed."""
    return db.execute_sql(f"SELECT count(*) FROM (SELECT DISTINCT customer_id FROM ({CUSTOMERS}))").fetchone()[0]


def trouble(now_ms: int) -> Trouble | None:
    """Why mail can't be sent now; None if it can."""
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
    """Whether a worker is working through a long queue: mail just before the waiting ones was sent within the last
    WORKER_LATE_MS. A later time was written while the clock was ahead, and proves nothing."""
    table = OutboxMail
    first = table.select(fn.MIN(table.id)).where(waiting)
    before = table.select(table.sent_ms, table.ended_ms).where(table.id < first).order_by(table.id.desc())
    moments = [max(sent_ms or 0, ended_ms or 0) for sent_ms, ended_ms in tuples(before.limit(BEFORE))]
    return any(now_ms - WORKER_LATE_MS < moment <= now_ms + AHEAD_MS for moment in moments)
