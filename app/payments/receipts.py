"""Emails to the payer: the receipt, and the notice that a payment was reversed. Each is queued in the transaction of
the verdict."""

import logging
from datetime import datetime

from peewee import PeeweeException

from app.clock import to_ms
from app.mail import resend
from app.mail.compose import Formats, Mail, compose
from app.mail.texts import KINDS, Texts, filled
from app.models import Allocation, Attempt, Company, Invoice, OutboxMail
from app.models.audit import Actor
from app.payments.cashier import Cashier

logger = logging.getLogger(__name__)


def queue_receipt(attempt: Attempt, cashier: Cashier, now: datetime) -> None:
    queue("receipt", attempt, cashier, now, otherwise="no_receipt")


def queue_reversal_notice(attempt: Attempt, cashier: Cashier, now: datetime) -> None:
    queue("taken_back", attempt, cashier, now, otherwise="no_letter")


def queue(name: str, attempt: Attempt, cashier: Cashier, now: datetime, *, otherwise: str) -> None:
    """Queue a mail in the caller's transaction. If it can't be written, because the address or locale makes no
    sense, the verdict must not fail: the event `otherwise` alerts administrators instead."""
    try:
        mail = compose_mail(name, attempt, cashier.company, cashier.config.portal_url)
        OutboxMail.queue(
            f"{name}:{attempt.reference}",
            attempt.receipt_email,
            mail,
            now,
            customer=attempt.customer,
            user=attempt.user,
        )
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no %s for %s", name, attempt.reference)
        attempt.note(otherwise, to_ms(now))


def latest(attempt: Attempt) -> OutboxMail | None:
    return OutboxMail.latest(f"receipt:{attempt.reference}")


def compose_mail(name: str, attempt: Attempt, company: Company, portal_url: str) -> Mail:
    """`name` is "receipt" or "taken_back". The mail shows the current state of the payment."""
    lines = [(line.invoice, line.amount_minor, line.invoice.open_minor) for line in Allocation.of([attempt])]
    return compose_about(name, attempt, lines, company, portal_url)


def compose_about(
    name: str,
    attempt: Attempt,
    lines: list[tuple[Invoice, int, int]],
    company: Company,
    portal_url: str,
    typed: Texts | None = None,
) -> Mail:
    """`lines` are (invoice, minor units paid by this attempt, minor units left to pay)."""
    customer = attempt.customer
    values = {
        "customer": customer.name,
        "name": attempt.user.greeting_name,
        "amount": Formats.of(company, customer.locale).money(attempt.amount_minor, attempt.currency),
        "reference": attempt.reference,
    }
    return compose(
        name,
        company,
        customer.locale,
        customer=customer,
        user=attempt.user,
        attempt=attempt,
        lines=lines,
        texts=filled(name, company, values, typed) if name in KINDS else None,
        payment_url="" if attempt.payment_link_id else f"{portal_url}/payments/{attempt.reference}",
    )


@resend.register("receipt", "taken_back")
def write_again(mail: OutboxMail, actor: Actor) -> Mail:
    attempt = Attempt.by_audit_subject(f"attempt:{resend.subject_of(mail)}")
    if attempt is None:
        return resend.unchanged_mail(mail, actor)
    return compose_mail(mail.kind, attempt, Company.current(), actor.portal_url)
