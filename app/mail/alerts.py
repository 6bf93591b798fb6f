"""Alerts to administrators about payments and duties: one email each, or one list for many; and once a day a list of
undelivered emails."""

import logging
from collections.abc import Callable
from datetime import datetime

from peewee import PeeweeException

from app.clock import is_due, to_ms
from app.mail.alert_emails import alert_mail, alerts_mail, failures_mail, not_made_here_mail
from app.mail.compose import Mail
from app.mail.listed_lines import ListedLines
from app.models import Audit, Company, OutboxMail, User, one_transaction

logger = logging.getLogger(__name__)
MAX_SINGLE = 5  # new alerts that get a mail each; more are listed in one mail
KIND, FOREIGN = "undelivered", "not_made_here"
FORMERLY = (
    "strangers"  # the former name of FOREIGN, in keys of the outbox and lines of the audit trail, which never change
)
# If mail to administrators fails, only Sent Email shows it, because a mail about it would fail as well.
TO_STAFF = (KIND, "alert", FOREIGN, FORMERLY, "locked_out", "test", "second_factor")
EVERY_MS = 24 * 3_600_000
NEWEST = 2**53


def queue_alerts(company: Company, now: datetime, portal_url: str) -> None:
    """Queue a mail for each alert to every administrator, or one with a list if there are many; and once a day one
    about transactions that may be another shop's. Idempotent."""
    listed, new = new_alerts()
    if len(new) > MAX_SINGLE and User.has_administrator():
        queue_list(listed, new, now, lambda: alerts_mail(new, company, portal_url))
    else:
        for line in new:
            queue(f"alert:{line.id}", now, lambda line=line: alert_mail(line, company, portal_url))
    queue_foreign(company, now, portal_url)


def new_alerts() -> tuple[ListedLines, list[Audit]]:
    """Alerts that were not mailed to anyone, oldest first. Not chosen by time, because the clock may have been
    wrong."""
    listed = ListedLines.of("alerts")
    return listed, listed.left(OutboxMail.unmailed_alerts(listed.base))


def queue_foreign(company: Company, now: datetime, portal_url: str) -> None:
    """Queued once for each comparison with the gateway."""
    audited = Audit.last("payment.audited")
    if audited is None or OutboxMail.latest(f"{FOREIGN}:{audited.id}", f"{FORMERLY}:{audited.id}"):
        return
    listed = listed_in_mail(FOREIGN, FORMERLY)
    lines = listed.left(Audit.between(Audit.FOREIGN, listed.base, audited.id))
    if lines:
        write = lambda: not_made_here_mail(lines, company, portal_url)  # noqa: E731
        queue_list(listed, lines, now, write, audited.id)


def listed_in_mail(kind: str, *formerly: str) -> ListedLines:
    last = OutboxMail.latest(kind, *formerly)
    return ListedLines.of(kind, *formerly, otherwise=int(last.key.split(":")[1]) if last else 0)


@one_transaction
def queue_list(
    listed: ListedLines, lines: list[Audit], now: datetime, write: Callable[[], Mail], number: int = 0
) -> None:
    if queue(f"{listed.kind}:{number or lines[-1].id}", now, write):
        listed.note(lines, now)


def queue(occasion: str, now: datetime, write) -> bool:
    """Queue a mail to each administrator. Returns True if there is one. A mail that can't be written, or an invalid
    address, doesn't stop the others."""
    try:
        mail = write()
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no mail about %s", occasion)
        return False
    return queue_to_each(occasion, mail, now)


@one_transaction
def queue_to_each(occasion: str, mail: Mail, now: datetime) -> bool:
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
    listed = listed_in_mail(KIND)
    failed = listed.left(Audit.between("mail_failed", listed.base, NEWEST))
    lines = [line for line in failed if line.facts["kind"] not in TO_STAFF]
    if lines:
        queue_list(listed, lines, now, lambda: failures_mail(lines, company, portal_url))
