"""Once a day administrators are mailed which emails were not delivered."""

from datetime import datetime

from app.clock import is_due, to_ms
from app.mail import state_labels
from app.mail.alerts import queue
from app.mail.compose import Mail, compose
from app.models import Audit, Company, OutboxMail
from app.web.menu import SENT_EMAIL

KIND = "undelivered"
# A failure to tell the administrators is shown to them on Sent Email; a mail about it would fail as well.
TO_STAFF = (KIND, "alert", "strangers", "locked_out", "test", "second_factor")
EVERY_MS = 24 * 3_600_000
MOST_ROWS = 20
NEWEST = 2**53


def queue_failures(now: datetime, portal_url: str) -> None:
    """Queue the mail about what failed since the last one."""
    last = OutboxMail.latest(KIND)
    if not is_due(last and last.created_ms, to_ms(now), EVERY_MS):
        return
    after = int(last.key.split(":")[1]) if last else 0
    lines = [line for line in Audit.between("mail_failed", after, NEWEST) if line.facts["kind"] not in TO_STAFF]
    if lines:
        queue(f"{KIND}:{lines[-1].id}", now, lambda: failures_mail(lines, portal_url))


def failures_mail(lines: list[Audit], portal_url: str) -> Mail:
    company = Company.current()
    rows = [
        (
            line.subject.partition(":")[2],
            state_labels.KINDS.get(line.facts["kind"], line.facts["kind"]),
            line.facts["reason"],
        )
        for line in lines[:MOST_ROWS]
    ]
    return compose(
        KIND,
        locale=company.locale,
        time_zone=company.time_zone,
        company=company,
        count=len(lines),
        rows=rows,
        url=f"{portal_url}{SENT_EMAIL.url}",
    )
