"""The outbox as its recipients see it. The portal's database must be bound."""

import re

from app.mail import delivery
from app.models import Company, OutboxMail


def mails_to(email: str) -> list[OutboxMail]:
    """Oldest first."""
    return list(OutboxMail.select().where(OutboxMail.recipient == email).order_by(OutboxMail.id))


def last_link(email: str) -> str:
    """The path of the link in the newest email to this address."""
    return re.search(r"http://localhost(/\S+/\S{43})", mails_to(email)[-1].text)[1]


def deliver_due(transport, now) -> int:
    return delivery.deliver_due(transport, Company.current(), now)


def message_for(row: OutboxMail, config):
    return delivery.message_for(row, Company.current(), config)
