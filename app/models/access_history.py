"""What became of somebody's access: given, sent, opened, used, expired, logged in, by whom and when."""

from typing import NamedTuple

from app.models import undelivered
from app.models.audit import Audit
from app.models.link import Link
from app.models.outbox import OutboxMail
from app.models.user import User

EVENTS = ("access_given", "access_taken", "access_invited", "invitation_accepted", "invitation_declined",
          "invitation_withdrawn", "access_left", "role_changed", "link_sent", "notification_sent", "link_opened",
          "link_used", "login", "login_locked", "login_unlocked", "password_changed")
EXPIRED = "link_expired"
MAILED = ("link_sent", "notification_sent", "access_invited")


class AccessEvent(NamedTuple):
    """A line of the history of the person with `email`. `event` is one of EVENTS or EXPIRED; `facts` are the
    audit line's detail; `mail` is the email that one of MAILED is about."""

    at_ms: int
    event: str
    actor: str
    facts: dict
    email: str
    mail: OutboxMail | None = None


def events_for(emails: set[str], now_ms: int, limit: int) -> list[AccessEvent]:
    """What happened to the people with these addresses, newest first, at most `limit` lines."""
    about = Audit.subject.in_([f"user:{email}" for email in emails]) & Audit.event.in_(EVENTS)
    lines = Audit.select().where(about).order_by(Audit.id.desc()).limit(limit)
    found = [AccessEvent(line.at_ms, line.event, line.actor, line.facts, line.subject.removeprefix("user:"))
             for line in lines]
    ended = {(line.email, line.at_ms) for line in found}
    oldest = found[-1].at_ms if len(found) == limit else 0
    unused = User.email.in_(list(emails)) & Link.used_ms.is_null() & Link.expires_ms.between(oldest, now_ms)
    for link in Link.select(Link, User).join(User).where(unused).order_by(Link.id.desc()).limit(limit):
        if (link.user.email, link.expires_ms) not in ended:  # else it was replaced, and is not too old
            found.append(AccessEvent(link.expires_ms, EXPIRED, "", {"purpose": link.purpose},
                                   link.user.email))
    return with_mails(sorted(found, key=lambda one: -one.at_ms)[:limit])


def with_mails(found: list[AccessEvent]) -> list[AccessEvent]:
    mailed = [one for one in found if one.event in MAILED]
    mails = undelivered.queued_at([one.email for one in mailed], {one.at_ms for one in mailed})
    return [one._replace(mail=mails.get((one.email, one.at_ms))) if one.event in MAILED else one for one in found]


def last_granted_by(email: str) -> str:
    """Who last gave this person access to something; empty when nobody did."""
    given = (Audit.subject == f"user:{email}") & (Audit.event == "access_given")
    line = Audit.select().where(given).order_by(Audit.id.desc()).first()
    return line.actor if line else ""


def saves_since(number: str, version: int) -> list[Audit]:
    """The saves of the customer with this number after its `version`, oldest first."""
    saves = Audit.select().where((Audit.subject == f"customer:{number}") & (Audit.event == "customer_saved"))
    newest = saves.order_by(Audit.id.desc()).limit(20)
    return [line for line in reversed(list(newest)) if line.facts["version"] > version]
