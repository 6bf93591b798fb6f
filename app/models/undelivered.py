"""Queries for mail that was not delivered, and for mail that can't be sent now."""

from peewee import SQL, fn

from app.models.base import db
from app.models.customer import Customer
from app.models.outbox import OutboxMail

INVITING = ("invitation", "reset_link")
BY_COLLEAGUE = "colleague_invitation"
INVITATIONS = (*INVITING, BY_COLLEAGUE)  # one takes the place of the other when it is sent again
# The mail failed, no later one to the same address was sent, and no other one of its kind is waiting to be sent.
FAILED = (
    "o.state IN ('saved', 'refused', 'gave_up', 'bounced') AND NOT EXISTS"
    " (SELECT 1 FROM outbox later WHERE later.recipient = o.recipient AND later.id > o.id"
    " AND (later.state = 'sent' OR (later.state IN ('queued', 'retrying')"
    f" AND (later.kind = o.kind OR (later.kind IN {INVITATIONS} AND o.kind IN {INVITATIONS})))))"
)
# A pending invitation is not an access, so it counts only if the mail is about the same customer.
PEOPLE = (
    f"FROM outbox o JOIN user_account u ON u.email = o.recipient"
    f" JOIN access a ON a.user_id = u.id AND (a.given OR (a.invited_ms IS NOT NULL"
    f" AND o.kind = '{BY_COLLEAGUE}' AND o.customer_id = a.customer_id)) WHERE {FAILED}"
)
CUSTOMERS = f"SELECT a.customer_id {PEOPLE}"


def failed(emails: list[str]) -> dict[str, OutboxMail]:
    """{address: its latest mail that failed}, unless a later mail to that address was sent or is on its way."""
    query = OutboxMail.alias("o").select().where(SQL("o.recipient").in_(emails), SQL(FAILED))
    return {mail.recipient: mail for mail in query.order_by(SQL("o.id"))}


def invitations(customer: Customer) -> dict[int, OutboxMail]:
    """{user id: latest invitation to `customer`, if it failed}. SAVED ones don't count: without a mail server, all
    fail."""
    newest = (
        OutboxMail.select(fn.MAX(OutboxMail.id))
        .where(OutboxMail.customer == customer, OutboxMail.kind.in_((INVITING[0], BY_COLLEAGUE)))
        .group_by(OutboxMail.user)
    )
    query = OutboxMail.select().where(OutboxMail.id.in_(newest), OutboxMail.state.in_(OutboxMail.FAILED))
    return {mail.user_id: mail for mail in query if mail.user_id is not None}


def latest(emails: list[str], kinds: tuple[str, ...] = INVITING) -> dict[str, OutboxMail]:
    newest = (
        OutboxMail.select(fn.MAX(OutboxMail.id))
        .where(OutboxMail.recipient.in_(emails), OutboxMail.kind.in_(kinds))
        .group_by(OutboxMail.recipient)
    )
    return {mail.recipient: mail for mail in OutboxMail.select().where(OutboxMail.id.in_(newest))}


def queued_at(emails: list[str], moments: set[int]) -> dict[tuple[str, int], OutboxMail]:
    query = OutboxMail.select().where(
        OutboxMail.recipient.in_(emails),
        OutboxMail.created_ms.in_(list(moments)),
        OutboxMail.kind.in_((*INVITING, BY_COLLEAGUE)),
    )
    return {(mail.recipient, mail.created_ms): mail for mail in query}


def by_customer(ids: list[int]) -> dict[int, dict[str, str]]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    query = f"SELECT a.customer_id, o.recipient, o.error {PEOPLE} AND a.customer_id IN ({marks}) ORDER BY o.id"
    reasons: dict[int, dict[str, str]] = {}
    for customer_id, email, reason in db.execute_sql(query, ids):
        reasons.setdefault(customer_id, {})[email] = reason
    return reasons


def count_customers() -> int:
    return db.execute_sql(
        f"SELECT count(*) FROM (SELECT DISTINCT customer_id FROM ({CUSTOMERS}) AS every_one) AS customers"
    ).fetchone()[0]
