"""Giving people access to a customer's invoices, and taking it away.

Everything that one save of a record does happens inside `record_change(…)`: all of it or nothing, counted once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.accounts import links, passwords
from app.accounts.hashing import Hasher
from app.accounts.password_policy import Policy
from app.clock import to_ms
from app.email_addresses import is_email
from app.models import Access, Audit, Company, Customer, Link, Role, User, db
from app.models.audit import Actor
from app.web.forms import EMAIL_FORMAT

NO_EMAIL = "Enter an email address before you give access"
ROLE_GONE = "This role has been deleted. Select another one"
NO_ROLE = "Select a Customer Center role"
BOTH_WAYS = "Clear Send New Access Notification Email to set the password yourself"
NO_WAY = (
    "{email} has no password yet, so they could not log in with it. Check Send New Access Notification Email and they "
    "set one up themselves, or check Manually Assign or Change Password and enter one"
)
ADMINISTRATOR = "{email} is an administrator's login. Use another email address for this customer"
DIFFERENT = "Enter the same password in both fields"
NOT_GIVEN = "Check Give Access to let this person log in"


class Stale(Exception):
    """The record was saved by another request since it was read. Nothing was changed."""


class Refused(Exception):
    """It can't be done. `field` is email, role, notify, manual or password; `words` say what to do about it."""

    def __init__(self, field: str, words: str):
        self.field, self.words = field, words
        super().__init__(words)


@contextmanager
def record_change(
    customer: Customer, actor: Actor, is_stale: Callable[[Customer], bool] = lambda _customer: False
) -> Iterator[dict]:
    """One save of the record, in one transaction; what it did goes into the dict, for the audit trail.

    Raises Stale when `is_stale` says so of the record as it is inside the transaction.
    """
    with db.atomic():
        customer.lock()
        if is_stale(customer):
            raise Stale
        customer.advance()
        done: dict = {}
        yield done
        Audit.write(
            "customer_saved",
            to_ms(actor.now),
            subject=f"customer:{customer.number}",
            actor=actor.email,
            address=actor.address,
            version=customer.version,
            **done,
        )


def grant_access(
    customer: Customer,
    email: str,
    role: Role,
    actor: Actor,
    *,
    name: str = "",
    notify: bool = False,
    password_hash: str | None = None,
    must_change: bool = True,
    post: bool = True,
) -> Access:
    """Let the person with `email` act for `customer` in `role`; again, it changes their role.

    `name` becomes their name; `notify` sends the New Access Notification Email, or with `post` false leaves that
    to the caller; `password_hash` is the password that an administrator assigned. Raises Refused, and then
    nothing was written. Call it inside `record_change`.
    """
    user = User.by_email(email)
    for problem in obstacles(email, user, notify=notify, manual=password_hash is not None):
        raise problem
    if Role.get_or_none(Role.id == role.id) is None:
        raise Refused("role", ROLE_GONE)
    user = user or User.create(email=email, name=name, created_ms=to_ms(actor.now))
    if name and name != user.name:
        user.rename(name, actor=actor.email, now=actor.now, address=actor.address)
    access = Access.give(user, customer, role, actor)
    if password_hash:
        passwords.set_by_administrator(user, password_hash, actor, must_change)
    if notify and post:
        send_invitation(user, [customer], actor)
    return access


def offer(customer: Customer, email: str, role: Role, actor: Actor, *, name: str = "") -> Access:
    """Offer the person with `email` access to `customer`: a colleague's way to give it, which needs their yes.

    An address that no login has yet is given access and a link to set up a password, which is a yes too. An
    administrator's looks like any other, but the email tells them that they can't accept: they can't act for a
    customer. Giving and asking are both done, one of them for a decoy, so that the work says nothing about the
    address. Raises Refused. Call it inside `record_change`.
    """
    User.insert(email=email, created_ms=to_ms(actor.now)).on_conflict_ignore().execute()
    user, decoy = User.by_email(email), User.decoy(actor.now)
    has_login = user.has_access_or_invitation() or user.is_administrator or bool(user.password_hash)
    with db.atomic() as work:
        address = decoy.email if has_login else email
        given = grant_access(customer, address, role, actor, name="" if user.name else name, notify=True)
        if has_login:
            work.rollback()
    with db.atomic() as work:
        invited = Access.invite(user if has_login else decoy, customer, role, actor, name=name)
        links.send_colleague_invitation(invited, actor, Company.current())
        if not has_login:
            work.rollback()
    decoy.delete_instance()
    return invited if has_login else given


def send_invitation(user: User, customers: list[Customer], actor: Actor) -> None:
    """Send `user` one New Access Notification Email about these customers."""
    links.notify(user, customers, actor, Company.current())


def obstacles(email: str, user: User | None, *, notify: bool, manual: bool) -> Iterator[Refused]:
    """Why the person with `email` (`user`, if there is one) can't be given access in this way."""
    if not email:
        yield Refused("email", NO_EMAIL)
    elif not is_email(email):
        yield Refused("email", EMAIL_FORMAT)
    elif user and user.is_administrator:
        yield Refused("email", ADMINISTRATOR.format(email=email))
    if email and not (notify or manual or (user and user.password_hash)):
        yield Refused("notify", NO_WAY.format(email=email))


def revoke_access(access: Access, actor: Actor) -> None:
    """Take the access away: its sessions end at once, and unused links of a person without other access.

    Call it inside `record_change`.
    """
    access.take(actor)
    end_links(access.user, actor)


def withdraw(access: Access, actor: Actor) -> bool:
    """Withdraw an invitation. False when it was answered, or withdrawn, in between. Call it inside `record_change`."""
    withdrawn = access.withdraw(actor)
    if withdrawn:
        end_links(access.user, actor)
    return withdrawn


def leave(access: Access, actor: Actor) -> None:
    """The same, done by the person whose access it is. Call it inside `record_change`."""
    access.leave(actor)
    end_links(access.user, actor)


def end_links(user: User, actor: Actor) -> None:
    if not user.has_access_or_invitation():
        Link.end_all(user, actor.now)


def policy_for(customer: Customer, email: str, name: str = "") -> Policy:
    """The Password Criteria of a person who is given access to `customer`."""
    user = User.by_email(email) or User(email=email, name=name)
    return Policy.for_person(user, Company.current(), name, customer.name)


def hashed(password: str, policy: Policy, user: User | None, hasher: Hasher) -> str:
    """The hash of an acceptable new password. Raises Refused, or Busy. Costs hashes: not inside `record_change`."""
    try:
        return passwords.hash_new(password, policy, hasher, old_hash=user.password_hash if user else None)
    except passwords.Unacceptable as problem:
        raise Refused("password", str(problem)) from problem
