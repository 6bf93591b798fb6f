"""Counts of people with access and of people that a feature switch affects."""

from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from app.models import undelivered
from app.models.access import Access
from app.models.audit import Audit
from app.models.customer import Customer, Role
from app.models.outbox import OutboxMail
from app.models.session import VIEWED, Session
from app.models.user import User

MAX_PEOPLE = 200
MAX_UNINVITED_LISTED = 10


@dataclass(frozen=True, slots=True)
class AccessCounts:
    """Counts of people and sessions: `ready` have access and a password, `invited` have access but no password,
    `payers` are ready and have a role that may pay, `sessions` are customers' logins that have not ended."""

    ready: int
    invited: int
    payers: int
    sessions: int


def access_counts(now: datetime, idle: int, absolute: int) -> AccessCounts:
    """`idle` and `absolute` are the session limits in seconds."""
    has_password = User.password_hash.is_null(False)
    return AccessCounts(
        ready=_people().where(has_password).count(),
        invited=_people().where(~has_password).count(),
        payers=_people().join_from(Access, Role).where(has_password, Role.can_pay).count(),
        sessions=Session.select().join(Access).where(Session.live_at(now, idle, absolute), Access.given).count(),
    )


def _people():
    return Access.select(Access.user).join(User).where(Access.given).distinct()


def end_customer_sessions() -> int:
    """Log every customer out and return the number of sessions ended. Administrators stay logged in, even while they
    view as a customer."""
    customers = User.select(User.id).where(~User.is_administrator)
    return Session.delete().where(Session.user.in_(customers)).execute()


def customers() -> tuple[int, int]:
    return Access.select(Access.customer).where(Access.given).distinct().count(), Customer.select().count()


def count_uninvited() -> int:
    """Number of people with access who never logged in and were sent no invitation that the mail server accepted."""
    return _uninvited().count()


def uninvited_mails() -> list[OutboxMail]:
    """For each uninvited person, the latest invitation that was written but not sent; at most MAX_UNINVITED_LISTED."""
    emails = [user.email for user in User.select(User.email).where(User.id.in_(_uninvited())).limit(MAX_PEOPLE)]
    return list(undelivered.latest(emails).values())[:MAX_UNINVITED_LISTED]


def _uninvited():
    mails = OutboxMail.select(OutboxMail.id).where(
        OutboxMail.recipient == User.email,
        OutboxMail.state == OutboxMail.SENT,
        OutboxMail.kind.in_(undelivered.INVITING),
    )
    return _people().where(User.last_login_ms.is_null(), ~fn.EXISTS(mails))


def last_checked_ms() -> int:
    """When an administrator last viewed as a customer, or a customer with access last logged in; 0 for never."""
    viewed = Audit.select(fn.MAX(Audit.at_ms)).where(Audit.event == VIEWED).scalar()
    login = Access.select(fn.MAX(User.last_login_ms)).join(User).where(Access.given).scalar()
    return max(viewed or 0, login or 0)


def last_saved(columns: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """{column: (actor's name or email, at_ms)} of the last change of each of these Company columns."""
    subjects = [f"company:{column}" for column in columns]
    latest = Audit.select(fn.MAX(Audit.id)).where(Audit.subject.in_(subjects)).group_by(Audit.subject)
    lines = list(Audit.select().where(Audit.id.in_(latest)))
    names = {u.email: u.name for u in User.select().where(User.email.in_([line.actor for line in lines]))}
    return {line.subject.removeprefix("company:"): (names.get(line.actor) or line.actor, line.at_ms) for line in lines}


def people_with_access() -> list[Access]:
    return list(_accesses().where(Access.given).limit(MAX_PEOPLE))


def access_numbered(text: str) -> Access | None:
    """The granted access with this id; None for anything else. `text` comes from a URL."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return _accesses().where(Access.given, Access.id == int(text)).first()


def _accesses():
    return (
        Access.select(Access, User, Customer, Role)
        .join(User)
        .switch(Access)
        .join(Customer)
        .switch(Access)
        .join(Role)
        .order_by(Customer.sort_key, Customer.id, User.email)
    )
