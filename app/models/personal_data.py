"""The data that is stored about a person."""

from collections.abc import Callable

from peewee import fn

from app.models.access import Access
from app.models.audit import Audit
from app.models.customer import Customer, Role
from app.models.mail_stop import ReminderStop, StatementStop
from app.models.outbox import OutboxMail
from app.models.payment_attempt import Attempt
from app.models.payment_link import PaymentLink
from app.models.user import User


def accesses_of(user: User) -> list[Access]:
    """Granted, offered and revoked accesses, with customer and role."""
    query = Access.select(Access, Customer, Role).join(Customer).switch(Access).join(Role)
    return list(query.where(Access.user == user).order_by(Access.id))


def records_of(user: User) -> list[Customer]:
    """Customers whose own email address is this person's."""
    return list(Customer.select().where(fn.LOWER(fn.TRIM(Customer.email)) == user.email).order_by(Customer.id))


def stored_about(user: User, at: Callable[[int | None], str | None]) -> dict:
    """The data as JSON values. `at` formats milliseconds. For secrets it says only that they exist."""
    return {
        "person": {
            "email": user.email,
            "name": user.name,
            "created_at": at(user.created_ms),
            "last_login_at": at(user.last_login_ms),
            "has_password": user.password_hash is not None,
            "has_authenticator": user.totp_confirmed_ms is not None,
        },
        "passkeys": [
            {"name": one.name, "added_at": at(one.created_ms), "used_at": at(one.used_ms)} for one in user.passkeys
        ],
        "access": [
            {
                "customer": one.customer.number,
                "customer_name": one.customer.name,
                "role": one.role.name,
                "given": one.given,
                "invited_at": at(one.invited_ms),
                "invited_by": one.invited_by,
                "declined_at": at(one.declined_ms),
            }
            for one in accesses_of(user)
        ],
        "customer_records": [
            {"number": one.number, "name": one.name, "email": one.email, "phone": one.phone, "address": one.address}
            for one in records_of(user)
        ],
        "logins": [
            {
                "device": one.device,
                "address": one.address,
                "since": at(one.created_ms),
                "last_seen_at": at(one.seen_ms),
            }
            for one in user.sessions
        ],
        "payments": [payment(one, at) for one in payments_of(user)],
        "payment_links": [
            {"invoice": one.invoice.number, "created_at": at(one.created_ms), "expires_at": at(one.expires_ms)}
            for one in PaymentLink.select().where(PaymentLink.recipient == user.email)
        ],
        "emails": [
            {
                "kind": one.kind,
                "subject": one.subject,
                "text": one.text,
                "created_at": at(one.created_ms),
                "sent_at": at(one.sent_ms),
                "state": one.state,
                "error": one.error,
            }
            for one in OutboxMail.select().where(mail_of(user)).order_by(OutboxMail.id)
        ],
        "stopped_emails": [
            {"what": stops.STOPPED.partition("_")[0], "customer": one.customer.number, "since": at(one.at_ms)}
            for stops in (ReminderStop, StatementStop)
            for one in stops.select().where(stops.email == user.email)
        ],
        "audit_trail": [
            {
                "at": at(one.at_ms),
                "event": one.event,
                "subject": one.subject,
                "actor": one.actor,
                "address": one.address if one.actor == user.email else "",
                "detail": one.facts,
            }
            for one in Audit.select().where(line_of(user)).order_by(Audit.id)
        ],
    }


def mail_of(user: User):
    return (OutboxMail.user == user) | (OutboxMail.recipient == user.email)


def line_of(user: User):
    return (Audit.subject == f"user:{user.email}") | (Audit.actor == user.email)


def payments_of(user: User):
    return Attempt.select().where((Attempt.user == user) | (Attempt.payer_email == user.email)).order_by(Attempt.id)


def payment(attempt: Attempt, at: Callable[[int | None], str | None]) -> dict:
    return {
        "reference": attempt.reference,
        "customer": attempt.customer.number,
        "amount_minor": attempt.amount_minor,
        "currency": attempt.currency,
        "card": f"{attempt.card_type} {attempt.last_four}".strip(),
        "state": attempt.state,
        "settlement": attempt.settlement,
        "created_at": at(attempt.created_ms),
    }
