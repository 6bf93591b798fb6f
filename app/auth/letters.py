"""The mails about passwords: written into the outbox, in the transaction of what they tell."""

from datetime import datetime, timedelta

from app.clock import to_ms
from app.mail.compose import Mail, compose
from app.models import Access, Company, Link, OutboxMail, User

TEMPLATES = {Link.SETUP: "setup_link", Link.RESET: "reset_link"}
PATHS = {Link.SETUP: "welcome", Link.RESET: "reset"}


def link(user: User, purpose: str, token: str, *, portal_url: str, life: timedelta) -> Mail:
    """The mail with a one-time link. Its address is made from the configured portal URL alone."""
    return _write(
        TEMPLATES[purpose], user, url=f"{portal_url}/{PATHS[purpose]}/{token}",
        login_url=f"{portal_url}/login", life=in_words(life),
    )


def password_changed(user: User, now: datetime, *, portal_url: str, first: bool = False) -> None:
    """Tell them: whoever didn't do it learns that somebody else did."""
    mail = _write("password_changed", user, at_ms=to_ms(now), forgot_url=f"{portal_url}/forgot", first=first)
    OutboxMail.queue(f"password_changed:{user.id}:{to_ms(now)}", user.email, mail, now)


def locked_out(user: User | None, address: str, now: datetime) -> None:
    """Tell every administrator. Written for an unknown account too, and then thrown away: it takes the
    same time."""
    mail = _write("locked_out", user or User(email=""), address=address, at_ms=to_ms(now))
    if user is None:
        return
    for administrator in User.administrators():
        key = f"locked_out:{user.id}:{to_ms(now)}:{administrator.id}"
        OutboxMail.queue(key, administrator.email, mail, now)


def in_words(life: timedelta) -> str:
    """'60 minutes', '1 hour', '24 hours'."""
    minutes = int(life.total_seconds()) // 60
    if minutes <= 60:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours"


def _write(name: str, user: User, **context) -> Mail:
    company = Company.current()
    access = Access.given_to(user).first() if user.id else None
    customer = access.customer if access else None
    return compose(
        name, locale=(customer and customer.locale) or company.locale, time_zone=company.time_zone,
        user=user, customer=customer, **context,
    )
