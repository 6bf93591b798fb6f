"""The emails about access and passwords. They are queued in the transaction of the change that they report."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.bidi import isolated
from app.clock import to_ms
from app.mail.compose import Mail, compose
from app.mail.texts import Texts, filled, saved
from app.models import Access, Company, Customer, Link, OutboxMail, User, db
from app.models.access_history import last_granted_by
from app.models.audit import Actor

SECOND_FACTOR = {
    "two_factor_on": "Two-factor authentication was turned on",
    "two_factor_off": "Two-factor authentication was turned off",
    "passkey_added": "A passkey was added",
    "passkey_removed": "A passkey was removed",
    "recovery_codes": "New recovery codes were created",
    "recovery_code_used": "A recovery code was used",
}
RESET_PATH, SETUP_PATH = "reset", "welcome"


def link(user: User, purpose: str, token: str, company: Company, *, portal_url: str, life: timedelta) -> Mail:
    # The query runs for both purposes, so that /forgot takes the same time for known and unknown addresses.
    administrator, typed = email_of_actor(last_granted_by(user.email)), saved("invitation")
    if purpose == Link.SETUP:
        return notification(
            user, [], token, company, portal_url=portal_url, life=life, administrator=administrator, typed=typed
        )
    return _write(
        "reset_link",
        user,
        company,
        url=f"{portal_url}/{RESET_PATH}/{token}",
        login_url=f"{portal_url}/login",
        life=duration_text(life),
    )


def notification(
    user: User,
    customers: list[Customer],
    token: str | None,
    company: Company,
    *,
    portal_url: str,
    life: timedelta,
    administrator: str,
    typed: Texts | None = None,
) -> Mail:
    """The New Access Notification Email. Pass no `token` for a person who has a password.

    `customers` are those that the person was given access to; if empty, their first customer is used. `administrator`
    is the email address of the administrator who granted the access, or ''.
    """
    customers = customers or first_customer(user)
    values = {"name": user.greeting_name, "customer": joined_names(customers) or "your company"}
    return _write(
        "setup_link",
        user,
        company,
        customers,
        texts=filled("invitation", company, values, typed),
        url=token and f"{portal_url}/{SETUP_PATH}/{token}",
        login_url=f"{portal_url}/login",
        forgot_url=f"{portal_url}/forgot",
        life=duration_text(life),
        administrator=administrator,
    )


def colleague_invitation(access: Access, company: Company, *, portal_url: str) -> Mail:
    if access.user.is_administrator:  # administrators can't accept, but can withdraw it on the record
        url = f"{portal_url}/customers/{access.customer.public_id}/access/{access.id}"
    else:
        url = f"{portal_url}/account/invitations/{access.id}"
    inviter = email_of_actor(access.invited_by)
    return _write("colleague_invitation", access.user, company, [access.customer], inviter=inviter, url=url)


def password_changed(user: User, actor: Actor, company: Company, *, first: bool = False) -> None:
    at_ms, forgot_url = to_ms(actor.now), f"{actor.portal_url}/forgot"
    mail = _write("password_changed", user, company, at_ms=at_ms, forgot_url=forgot_url, first=first)
    OutboxMail.queue(f"password_changed:{user.id}:{at_ms}", user.email, mail, actor.now, user=user)


def second_factor(user: User, event: str, now: datetime, company: Company) -> None:
    """`event` is a key of SECOND_FACTOR."""
    mail = _write("second_factor", user, company, at_ms=to_ms(now), words=SECOND_FACTOR[event])
    OutboxMail.queue(f"{event}:{user.id}:{to_ms(now)}", user.email, mail, now, kind="second_factor", user=user)


def locked_out(user: User | None, address: str, now: datetime, company: Company) -> None:
    # For an unknown account the same email is written and rolled back, so that both take the same time.
    with db.atomic() as work:
        person = user or User(id=0, email="unknown@decoy.invalid")
        mail = _write("locked_out", person, company, address=address, at_ms=to_ms(now))
        for administrator in User.administrators():
            key = f"locked_out:{person.id}:{to_ms(now)}:{administrator.id}"
            OutboxMail.queue(key, administrator.email, mail, now, user=administrator)
        if user is None:
            work.rollback()


def code_locked(user: User, address: str, now: datetime, company: Company) -> None:
    # Tells every administrator, including `user`, because a person who enters wrong codes knows the password.
    mail = _write("code_locked", user, company, address=address, at_ms=to_ms(now))
    for administrator in User.administrators():
        OutboxMail.queue(f"code_locked:{user.id}:{to_ms(now)}:{administrator.id}", administrator.email, mail, now)


def comma_list(names: list[str]) -> str:
    """'A, B and C'."""
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def joined_names(customers: Sequence[Customer]) -> str:
    return comma_list([isolated(one.name) for one in customers])


def first_customer(user: User) -> list[Customer]:
    return [access.customer for access in Access.given_to(user).limit(1)] if user.id is not None else []


def email_of_actor(actor: str) -> str:
    """The actor of an audit line if it is an email address, otherwise '' (for the console)."""
    return actor if "@" in actor else ""


def duration_text(life: timedelta) -> str:
    """'60 minutes', '1 hour', '24 hours'."""
    minutes = int(life.total_seconds()) // 60
    if minutes <= 60:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours"


def _write(name: str, user: User, company: Company, customers: Sequence[Customer] | None = None, **context) -> Mail:
    customers = first_customer(user) if customers is None else customers
    return compose(
        name,
        company,
        customers[0].locale if customers else "",
        user=user,
        customers=customers,
        names=joined_names(customers),
        **context,
    )
