"""The mail that says that a card was charged. It is queued with the verdict, in the same transaction."""

import logging
from datetime import datetime

from peewee import PeeweeException

from app.clock import to_ms
from app.mail.compose import Mail, compose
from app.models import Attempt, Company, OutboxMail

logger = logging.getLogger(__name__)


def queue_receipt(attempt: Attempt, portal_url: str, now: datetime) -> None:
    """Queue the receipt inside the caller's transaction. One that can't be written, for an address or a
    locale that makes no sense, must not hold up the verdict on the money: a person is told instead."""
    try:
        mail = receipt_mail(attempt, portal_url=portal_url)
        OutboxMail.queue(f"receipt:{attempt.reference}", attempt.user.email, mail, now)
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no receipt for %s", attempt.reference)
        attempt.note("no_receipt", to_ms(now))


def receipt_mail(attempt: Attempt, *, portal_url: str) -> Mail:
    """The receipt for an approved attempt, to the person who paid.

    Its lines are (invoice, minor units paid by this attempt, minor units left to pay).
    """
    company, customer = Company.current(), attempt.customer
    return compose(
        "receipt",
        locale=customer.locale or company.locale,
        time_zone=company.time_zone,
        company=company,
        customer=customer,
        user=attempt.user,
        attempt=attempt,
        lines=[(line.invoice, line.amount_minor, line.invoice.open_minor) for line in attempt.lines()],
        payment_url=f"{portal_url}/payments/{attempt.reference}",
    )
