"""The outbox, as its recipients read it. The database of the portal has to be bound."""

import re

from app.models import OutboxMail


def mails_to(email: str) -> list[OutboxMail]:
    """Oldest first."""
    return list(OutboxMail.select().where(OutboxMail.recipient == email).order_by(OutboxMail.id))


def last_link(email: str) -> str:
    """The path of the link in the newest email to this address."""
    return re.search(r"http://localhost(/\S+/\S{43})", mails_to(email)[-1].text)[1]
