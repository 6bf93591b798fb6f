"""History of a person's access: granted, link sent, opened, used or expired, logged in, with actor and time."""

from typing import NamedTuple

from app.models import undelivered
from app.models.audit import Audit
from app.models.link import Link
from app.models.outbox import OutboxMail
from app.models.user import User

EVENTS = (
    "access_given",
    "access_taken",
    "access_invited",
    "invitation_accepted",
    "invitation_declined",
    "invitation_withdrawn",
    "access_left",
    "role_changed",
    "link_sent",
    "notification_sent",
    "link_opened",
    "link_used",
    "login",
    "login_locked",
    "login_unlocked",
    "password_changed",
)
EXPIRED = "link_expired"
MAILED = ("link_sent", "notification_sent", "access_invited")


class AccessEvent(NamedTuple):
    """A line in the history of the person with `email`. `event` is one of EVENTS, or EXPIRED. `facts` is the detail
    of the audit line. `mail` is the email of an event in MAILED."""

    at_ms: int
    event: str
    actor: str
    facts: dict
    email: str
    mail: OutboxMail | None = None


def events_for(emails: set[str], now_ms: int, limit: int) -> list[AccessEvent]:
    """Events of the people with these addresses, newest first, at most `limit`."""
    about = Audit.subject.in_([f"user:{email}" for email in emails]) & Audit.event.in_(EVENTS)
    lines = Audit.select().where(about).order_by(Audit.id.desc()).limit(limit)
    events = [
        AccessEvent(line.at_ms, line.event, line.actor, line.facts, line.subject.removeprefix("user:"))
        for line in lines
    ]
    ended = {(event.email, event.at_ms) for event in events}
    oldest = events[-1].at_ms if len(events) == limit else 0
    unused = User.email.in_(list(emails)) & Link.used_ms.is_null() & Link.expires_ms.between(oldest, now_ms)
    for link in Link.select(Link, User).join(User).where(unused).order_by(Link.id.desc()).limit(limit):
        if (link.user.email, link.expires_ms) not in ended:  # otherwise a newer link replaced it before it expired
            events.append(AccessEvent(link.expires_ms, EXPIRED, "", {"purpose": link.purpose}, link.user.email))
    return with_mails(sorted(events, key=lambda event: -event.at_ms)[:limit])


def with_mails(events: list[AccessEvent]) -> list[AccessEvent]:
    mailed = [event for event in events if event.event in MAILED]
    mails = undelivered.queued_at([event.email for event in mailed], {event.at_ms for event in mailed})
    return [
        event._replace(mail=mails.get((event.email, event.at_ms))) if event.event in MAILED else event
        for event in events
    ]


def last_granted_by(email: str) -> str:
    given = (Audit.subject == f"user:{email}") & (Audit.event == "access_given")
    line = Audit.select().where(given).order_by(Audit.id.desc()).first()
    return line.actor if line else ""


def saves_since(number: str, version: int) -> list[Audit]:
    """Audit lines of saves of customer `number` after `version`, oldest first, at most 20."""
    saves = Audit.select().where((Audit.subject == f"customer:{number}") & (Audit.event == "customer_saved"))
    newest = saves.order_by(Audit.id.desc()).limit(20)
    return [line for line in reversed(list(newest)) if line.facts["version"] > version]
