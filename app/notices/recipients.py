"""Recipients of emails about a customer's invoices, and the keys of these emails in the outbox."""

from collections.abc import Container

from app.models import Access, Customer
from app.models.base import digest

STOPPED = "This address gets no such emails about this customer."


def recipients_of(customer: Customer, stopped: Container[str] = ()) -> list[str]:
    """The customer's own address and those of the people with access, each once, without the addresses in `stopped`."""
    found = dict.fromkeys(filter(None, (customer.email, *Access.emails_for(customer.id))))
    return [email for email in found if email not in stopped]


def mail_key(kind: str, *subject: str, recipient: str) -> str:
    """The key under which each recipient gets an email of this kind and subject only once."""
    return ":".join((kind, *subject, digest(recipient)[:16]))
