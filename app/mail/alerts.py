"""Alerts to administrators, about payments and about duties of the worker: one email each, or a list of many; and once
a day a list of emails that were not delivered."""

import logging
from datetime import datetime

from peewee import PeeweeException

from app.clock import is_due, to_ms
from app.mail.alert_emails import alert_mail, alerts_mail, failures_mail, unmatched_mail
from app.mail.compose import Mail
from app.models import Audit, Company, OutboxMail, User, db, one_transaction

logger = logging.getLogger(__name__)
NIGHTS = 10
MOST_SINGLE = 5  # alerts that are new at once and get a mail each
KIND = "undelivered"
# A failure to tell the administrators is shown to them on Sent Email; a mail about it would fail as well.
TO_STAFF = (KIND, "alert", "strangers", "locked_out", "test", "second_factor")
EVERY_MS = 24 * 3_600_000
NEWEST = 2**53


def queue_alerts(company: Company, now: datetime, portal_url: str) -> None:
    """Queue a mail per alert to every administrator, one with a list for many at once, and once a day one about
    transactions that may be another shop's. Idempotent."""
    new = new_alerts()
    if len(new) > MOST_SINGLE and User.has_administrator():
        queue_list(new, company, now, portal_url)
    else:
        for line in new:
            queue(f"alert:{line.id}", now, lambda line=line: alert_mail(line, company, portal_url))
    for audited in Audit.newest("payment.audited", NIGHTS):
        earlier = Audit.before(audited)
        lines = list(Audit.between(Audit.FOREIGN, earlier.id if earlier else 0, audited.id))
        if lines and OutboxMail.latest(f"strangers:{audited.id}") is None:
            queue(f"strangers:{audited.id}", now, lambda lines=lines: unmatched_mail(lines, company, portal_url))


def new_alerts() -> list[Audit]:
    """Alerts that no one was mailed, oldest first. Not by their times: the clock may have been wrong."""
    listed = Audit.last("alerts_listed")
    return OutboxMail.unmailed_alerts(listed.facts["until"] if listed else 0)


@one_transaction
def queue_list(new: list[Audit], company: Company, now: datetime, portal_url: str) -> None:
    if queue(f"alerts:{new[-1].id}", now, lambda: alerts_mail(new, company, portal_url)):
        Audit.write("alerts_listed", to_ms(now), until=new[-1].id, count=len(new))


def queue(occasion: str, now: datetime, write) -> bool:
    """Queue a mail to each administrator; whether there is one. A mail that can't be written, or an address that is
    none, does not stop the others."""
    try:
        mail = write()
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no mail about %s", occasion)
        return False
    with db.atomic():
        return any([queue_to_one(user, f"{occasion}:{user.id}", mail, now) for user in User.administrators()])


def queue_to_one(administrator: User, key: str, mail: Mail, now: datetime) -> bool:
    try:
        OutboxMail.queue(key, administrator.email, mail, now)
    except ValueError:
        logger.exception("no mail %s", key)
        return False
    return True


def queue_failures(company: Company, now: datetime, portal_url: str) -> None:
    last = OutboxMail.latest(KIND)
    if not is_due(last.created_ms if last else None, to_ms(now), EVERY_MS):
        return
    after = int(last.key.split(":")[1]) if last else 0
    lines = [line for line in Audit.between("mail_failed", after, NEWEST) if line.facts["kind"] not in TO_STAFF]
    if lines:
        queue(f"{KIND}:{lines[-1].id}", now, lambda: failures_mail(lines, company, portal_url))
