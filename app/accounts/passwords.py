"""Setting a password, with all that follows from it, in one transaction."""

from datetime import datetime

from app.accounts import emails
from app.clock import to_ms
from app.models import Audit, Company, Link, Throttle, User, db

CAUSES = {Link.SETUP: "NEW_ACCESS", Link.RESET: "USER_RESET"}


def by_link(link: Link, password_hash: str, now: datetime, *, portal_url: str, address: str) -> bool:
    """Use `link` up and set the password of its user. False if the link or their access has ended since."""
    user = link.user
    with db.atomic():
        if not user.may_log_in(Company.current()) or not link.use(now):
            return False
        Audit.write(
            "link_used",
            to_ms(now),
            subject=f"user:{user.email}",
            actor=user.email,
            address=address,
            purpose=link.purpose,
        )
        _set(user, password_hash, now, cause=CAUSES[link.purpose], actor=user.email, address=address)
        emails.password_changed(user, now, portal_url=portal_url, first=link.purpose == Link.SETUP)
    return True


def by_owner(user: User, password_hash: str, now: datetime, *, portal_url: str, address: str) -> bool:
    """Set a new password after the current one was entered. False if it was changed since `user` was read."""
    with db.atomic():
        if not user.has_same_password():
            return False
        _set(user, password_hash, now, cause="USER_CHANGE", actor=user.email, address=address)
        emails.password_changed(user, now, portal_url=portal_url)
    return True


def by_administrator(
    user: User, password_hash: str, now: datetime, *, actor: str, address: str = "", must_change: bool = True
) -> None:
    """The documented way to assign a password by hand: the person must choose their own at the first log-in.

    Without `must_change` it stays: the first administrator's own, or one from the console.
    """
    cause = "USER_CHANGE" if actor == user.email else "ADMIN_RESET" if must_change else "ADMIN_SET"
    with db.atomic():
        _set(user, password_hash, now, cause=cause, actor=actor, address=address, must_change=must_change)


def _set(user, password_hash, now, *, cause, actor, address="", must_change=False):
    """Sessions and links of before die, and a lock is opened: it was the old password's."""
    user.set_password(password_hash, must_change=must_change)
    Link.end_all(user, now)
    Throttle.clear(Throttle.account(user.email))
    Audit.write(
        "password_changed",
        to_ms(now),
        subject=f"user:{user.email}",
        actor=actor,
        address=address,
        cause=cause,
    )
