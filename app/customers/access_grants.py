"""Grants, offers and revokes access to customers. No other module does.

All changes of one save of a record happen inside one `record_change(…)`: all or none, with one increment of the
record's version.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.accounts import links, passwords
from app.accounts.hashing import Hasher
from app.accounts.password_policy import Policy
from app.clock import to_ms
from app.email_addresses import is_email
from app.models import Access, Audit, Company, Customer, Link, Role, User, db, one_transaction
from app.models.audit import Actor
from app.web.forms import EMAIL_FORMAT

NO_EMAIL = "Enter an email address before you give access"
ROLE_GONE = "This role has been deleted. Select another one"
NO_ROLE = "Select a Customer Center role"
NO_LOGIN_METHOD = (
    "{email} has no password yet. Check Send New Access Notification Email so that they set one up themselves, or "
    "check Manually Assign or Change Password and enter one"
)
ADMINISTRATOR = "{email} is an administrator's login. Use another email address for this customer"

IsStale = Callable[[Customer], bool]


def never_stale(_customer: Customer) -> bool:
    return False


class Stale(Exception):
    """The record was saved by another request since it was read. Nothing was changed."""


class InvitationEnded(Exception):
    """The invitation was answered or withdrawn since it was read. Nothing was changed."""


class Refused(Exception):
    """The change is not possible. `field` is email, role, notify, manual or password; `message` says what to do."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


@contextmanager
def record_change(customer: Customer, actor: Actor, is_stale: IsStale = never_stale) -> Iterator[dict]:
    """One save of the record, in the caller's transaction. Put what it changes into the dict, for the audit trail.

    Locks the record. Raises Stale if `is_stale` is true for the locked record.
    """
    customer.lock()
    if is_stale(customer):
        raise Stale
    customer.increment_version()
    done: dict = {}
    yield done
    Audit.write_by(actor, "customer_saved", f"customer:{customer.number}", version=customer.version, **done)


# Each of these functions is one save of the record. Those about an invitation raise InvitationEnded, those with
# `is_stale` raise Stale.


@one_transaction
def grant_access(
    customer: Customer,
    email: str,
    role: Role,
    actor: Actor,
    company: Company,
    *,
    notify: bool,
    password_hash: str | None = None,
    is_stale: IsStale = never_stale,
    **options,
) -> None:
    """Like `grant`, whose options it takes. Raises Refused or Stale; then nothing was written."""
    with record_change(customer, actor, is_stale) as done:
        grant(customer, email, role, actor, company, notify=notify, password_hash=password_hash, **options)
        done.update(given=email, role=role.name, sent=notify, password=bool(password_hash))


@one_transaction
def revoke_access(access: Access, actor: Actor, is_stale: IsStale = never_stale, *, undone_import: str = "") -> None:
    """`undone_import` is the name of the file if this undoes an import."""
    with record_change(access.customer, actor, is_stale) as done:
        revoke(access, actor)
        done.update(taken=access.user.email)
        if undone_import:
            done.update(undone_import=undone_import)


@one_transaction
def set_role(access: Access, role: Role, actor: Actor, *, undone_import: str = "") -> None:
    """Change the role in `access`, which the person keeps. `undone_import` is the name of the file if this undoes an
    import."""
    with record_change(access.customer, actor) as done:
        Access.grant(access.user, access.customer, role, actor)
        done.update(role=role.name)
        if undone_import:
            done.update(restored=access.user.email, undone_import=undone_import)


@one_transaction
def save_details(
    customer: Customer,
    details: dict[str, str],
    actor: Actor,
    company: Company,
    *,
    login: Access | None,
    is_stale: IsStale,
    **options,
) -> None:
    """Save `details`, the columns of Email | Phone | Address, and move `login` to a new email address.

    For a new address, the old login's access is revoked and access is granted to the new one, with the `options` of
    `grant`. Raises Refused or Stale.
    """
    email = details["email"]
    with record_change(customer, actor, is_stale) as done:
        changed = customer.set_details(**details)
        done.update({"postal_address" if name == "address" else name: values for name, values in changed.items()})
        if login is not None and email != login.user.email:
            revoke(login, actor)
            name = "" if User.by_email(email) else login.user.name
            grant(customer, email, login.role, actor, company, name=name, **options)


@one_transaction
def offer(customer: Customer, email: str, role: Role, actor: Actor, company: Company, *, name: str = "") -> Access:
    """Offer the person with `email` access to `customer`. This is for colleagues, who can't grant access without the
    person's consent.

    An address without a login is granted access and sent a link to set up a password, since using the link is consent
    too. An administrator is invited like anyone else, but the email says that they can't accept, because administrators
    can't act for a customer. Raises Refused.
    """
    with record_change(customer, actor) as done:
        access = offer_or_grant(customer, email, role, actor, company, name)
        done.update({"given" if access.given else "invited": email}, role=role.name, sent=True)
    return access


@one_transaction
def accept(invitation: Access, actor: Actor) -> None:
    """The actor is the invited person."""
    with record_change(invitation.customer, actor) as done:
        if not invitation.accept(actor):
            raise InvitationEnded
        done.update(accepted=actor.email)


@one_transaction
def decline(invitation: Access, actor: Actor) -> None:
    with record_change(invitation.customer, actor) as done:
        if not invitation.decline(actor):
            raise InvitationEnded
        done.update(declined=actor.email)


@one_transaction
def withdraw(invitation: Access, actor: Actor) -> None:
    with record_change(invitation.customer, actor) as done:
        if not invitation.withdraw(actor):
            raise InvitationEnded
        end_links(invitation.user, actor)
        done.update(withdrawn=invitation.user.email)


@one_transaction
def leave(access: Access, actor: Actor) -> None:
    """The actor is the person whose access it is."""
    with record_change(access.customer, actor) as done:
        access.leave(actor)
        end_links(access.user, actor)
        done.update(left=actor.email)


# The parts of a save. Call them inside `record_change`.


def grant(
    customer: Customer,
    email: str,
    role: Role,
    actor: Actor,
    company: Company,
    *,
    name: str = "",
    notify: bool = False,
    password_hash: str | None = None,
    must_change: bool = True,
    post: bool = True,
) -> Access:
    """Give the person with `email` access to `customer` in `role`, or change the role of their access.

    `name` becomes the person's name. `notify` sends the New Access Notification Email; with `post` False the caller
    sends it. `password_hash` is the password that an administrator assigned. Raises Refused; then nothing was written.
    """
    user = User.by_email(email)
    for refused in refusals(email, user, notify=notify, manual=password_hash is not None):
        raise refused
    if Role.get_or_none(Role.id == role.id) is None:
        raise Refused("role", ROLE_GONE)
    user = user or User.create(email=email, name=name, created_ms=to_ms(actor.now))
    if name and name != user.name:
        user.rename(name, actor)
    access = Access.grant(user, customer, role, actor)
    if password_hash:
        passwords.set_by_administrator(user, password_hash, actor, must_change)
    if notify and post:
        links.notify(user, [customer], actor, company)
    return access


def revoke(access: Access, actor: Actor) -> None:
    """End the access and its sessions. If the person has no other access, also end their unused links."""
    access.revoke(actor)
    end_links(access.user, actor)


def offer_or_grant(customer: Customer, email: str, role: Role, actor: Actor, company: Company, name: str) -> Access:
    # Grants and invites, one of them for a decoy and rolled back, so that the time doesn't reveal whether the address
    # has a login.
    User.insert(email=email, created_ms=to_ms(actor.now)).on_conflict_ignore().execute()
    user, decoy = User.by_email(email), User.decoy(actor.now)
    has_login = user.has_access_or_invitation() or user.is_administrator or bool(user.password_hash)
    with db.atomic() as work:
        address = decoy.email if has_login else email
        granted = grant(customer, address, role, actor, company, name="" if user.name else name, notify=True)
        if has_login:
            work.rollback()
    with db.atomic() as work:
        invited = Access.invite(user if has_login else decoy, customer, role, actor, name=name)
        links.send_colleague_invitation(invited, actor, company)
        if not has_login:
            work.rollback()
    decoy.delete_instance()
    return invited if has_login else granted


def end_links(user: User, actor: Actor) -> None:
    if not user.has_access_or_invitation():
        Link.end_all(user, actor.now)


# Checks before a save.


def refusals(email: str, user: User | None, *, notify: bool, manual: bool) -> Iterator[Refused]:
    if not email:
        yield Refused("email", NO_EMAIL)
    elif not is_email(email):
        yield Refused("email", EMAIL_FORMAT)
    elif user and user.is_administrator:
        yield Refused("email", ADMINISTRATOR.format(email=email))
    if email and not (notify or manual or (user and user.password_hash)):
        yield Refused("notify", NO_LOGIN_METHOD.format(email=email))


def policy_for(company: Company, customer: Customer, email: str, name: str = "") -> Policy:
    user = User.by_email(email) or User(email=email, name=name)
    return Policy.for_person(user, company, name, customer.name)


def hashed(password: str, policy: Policy, user: User | None, hasher: Hasher) -> str:
    """The hash of an acceptable new password. Raises Refused or Busy. Hashing is slow: don't call it inside
    `record_change`."""
    try:
        return passwords.hash_new(password, policy, hasher, old_hash=user.password_hash if user else None)
    except passwords.Unacceptable as problem:
        raise Refused("password", str(problem)) from problem
