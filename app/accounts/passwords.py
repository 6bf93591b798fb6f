"""Sets passwords. Each change, with the sessions it ends, its audit line and its email, is one transaction."""

from app.accounts import emails
from app.accounts.hashing import Hasher
from app.accounts.password_policy import TOO_SIMILAR, Policy, increment_variants
from app.clock import to_ms
from app.models import Audit, Company, Link, Throttle, User, one_transaction
from app.models.audit import Actor

AUDIT_CAUSES = {Link.SETUP: "NEW_ACCESS", Link.RESET: "USER_RESET"}


class Unacceptable(Exception):
    """A new password breaks a rule; the message says which."""


def hash_new(password: str, policy: Policy, hasher: Hasher, old_hash: str | None = None) -> str:
    """Raises Unacceptable, also for a password similar to that of `old_hash`, and Busy. It is slow: don't call it in a
    transaction."""
    if problem := policy.problem(password):
        raise Unacceptable(problem)
    with hasher.slot() as slot:
        if old_hash and any(slot.verify(variant, old_hash) for variant in increment_variants(password)):
            raise Unacceptable(TOO_SIMILAR)
        return slot.hash(password)


@one_transaction
def set_by_link(link: Link, password_hash: str, actor: Actor) -> bool:
    """Use up `link` and set its user's password. False if the link or the user's access has ended."""
    user = link.user
    company = Company.current()  # read again, because waiting for the hash may have taken long
    if not user.may_log_in(company) or not link.use(actor.now):
        return False
    Audit.write(
        "link_used",
        to_ms(actor.now),
        subject=f"user:{user.email}",
        actor=actor.email,
        address=actor.address,
        purpose=link.purpose,
    )
    _set(user, password_hash, actor, cause=AUDIT_CAUSES[link.purpose])
    emails.password_changed(user, actor, company, first=link.purpose == Link.SETUP)
    return True


@one_transaction
def set_by_owner(user: User, password_hash: str, actor: Actor, company: Company) -> bool:
    """Set a new password after the person entered the current one. False if it was changed since `user` was read."""
    if not user.has_same_password():
        return False
    _set(user, password_hash, actor, cause="USER_CHANGE")
    emails.password_changed(user, actor, company)
    return True


@one_transaction
def set_by_administrator(user: User, password_hash: str, actor: Actor, must_change: bool = True) -> None:
    """Assign a password, as the documented procedure says: the person must choose their own at the first login.

    `must_change` is False for passwords that the person keeps: the first administrator's own, or one from the console.
    """
    cause = "USER_CHANGE" if actor.email == user.email else "ADMIN_RESET" if must_change else "ADMIN_SET"
    _set(user, password_hash, actor, cause=cause, must_change=must_change)


def _set(user: User, password_hash: str, actor: Actor, *, cause: str, must_change: bool = False) -> None:
    user.set_password(password_hash, must_change=must_change)  # sessions end too
    Link.end_all(user, actor.now)
    Throttle.clear(Throttle.account(user.email))  # wrong tries of the old password no longer count
    Audit.write(
        "password_changed",
        to_ms(actor.now),
        subject=f"user:{user.email}",
        actor=actor.email,
        address=actor.address,
        cause=cause,
    )
