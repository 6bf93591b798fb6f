"""Gives access to many customers at once, after a preview of who gets an email and who is skipped."""

import json
import re
from dataclasses import dataclass

from app.accounts import links
from app.clock import to_ms
from app.customers import access_grants, queries
from app.customers.access_grants import Refused
from app.email_addresses import is_email, normal_email
from app.models import Audit, Company, Customer, Role, User, one_transaction, public_id
from app.models.audit import Actor

MAX_CUSTOMERS = 500
PUBLIC_ID = re.compile("[0-9a-z]{16}")
TOKEN = re.compile("[0-9a-z]{24}")
SHARED_MAILBOXES = {
    "accounting",
    "accounts",
    "accountspayable",
    "admin",
    "ap",
    "billing",
    "bookkeeping",
    "contact",
    "finance",
    "hello",
    "help",
    "info",
    "invoice",
    "invoices",
    "mail",
    "office",
    "order",
    "orders",
    "payables",
    "payments",
    "purchasing",
    "reception",
    "sales",
    "service",
    "support",
    "team",
}
NO_EMAIL = "No email address"
BAD_EMAIL = "The email address is not in the correct format"
ADMINISTRATOR = "{email} is an administrator's login"
HAS_ACCESS = "{email} has access already"
NO_LOGIN_METHOD = "{email} has no password: check Send New Access Notification Email"
NOT_CONFIRMED = "{email} looks like a shared mailbox. Check “Give this shared mailbox access” to include it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A selected customer. `reason` says why it is skipped; it is '' if the customer gets access.

    `is_shared` is True if the address looks like a mailbox that several people read. `has_password` is True if the
    email needs no link to set up a password.
    """

    customer: Customer
    email: str
    reason: str = ""
    is_shared: bool = False
    has_password: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`saved` has (public id, name, email) of each customer that got access, `skipped` (public id, name, reason)."""

    role: str
    notified: bool
    saved: list[tuple[str, str, str]]
    skipped: list[tuple[str, str, str]]

    @property
    def mails(self) -> int:
        return len({email for _id, _name, email in self.saved}) if self.notified else 0


def new_token() -> str:
    """A token for the form, so that sending the form twice gives access once."""
    return public_id(24)


def read_ids(values: list[str]) -> list[str]:
    """The public ids of customers among form values, without duplicates, at most MAX_CUSTOMERS."""
    return list(dict.fromkeys(value for value in values if PUBLIC_ID.fullmatch(value)))[:MAX_CUSTOMERS]


def candidates(ids: list[str], *, notify: bool) -> list[Candidate]:
    customers = queries.with_public_ids(ids)
    emails = {customer.id: normal_email(customer.email) for customer in customers}
    users = queries.users_by_email(set(emails.values()) - {""})
    given = queries.pairs_with_access(list(emails))
    return [candidate_for(one, emails[one.id], users.get(emails[one.id]), given, notify) for one in customers]


def candidate_for(
    customer: Customer, email: str, user: User | None, given: set[tuple[int, str]], notify: bool
) -> Candidate:
    reason = ""
    if not email:
        reason = NO_EMAIL
    elif not is_email(email):
        reason = BAD_EMAIL
    elif user and user.is_administrator:
        reason = ADMINISTRATOR.format(email=email)
    elif (customer.id, email) in given:
        reason = HAS_ACCESS.format(email=email)
    elif not (notify or (user and user.password_hash)):
        reason = NO_LOGIN_METHOD.format(email=email)
    return Candidate(customer, email, reason, looks_shared(email), bool(user and user.password_hash))


def looks_shared(email: str) -> bool:
    """True if several people seem to read this mailbox: info@, orders@, billing@ …"""
    return re.sub("[^a-z]", "", email.partition("@")[0]) in SHARED_MAILBOXES


@one_transaction
def save(
    token: str, ids: list[str], shared: list[str], role: Role, actor: Actor, company: Company, *, notify: bool
) -> Result:
    """Give access to the customers with these public ids, in one transaction. `token` is a `new_token`; if it was used
    before, only the earlier result is returned.

    Customers whose address looks shared are skipped unless they are among `shared`. A person who gets access to several
    customers receives one email about all of them.
    """
    if (earlier := result(token)) is not None:
        return earlier
    saved, skipped, by_email = [], [], {}
    for one in candidates(ids, notify=notify):
        reason = one.reason
        if one.is_shared and not reason and one.customer.public_id not in shared:
            reason = NOT_CONFIRMED.format(email=one.email)
        reason = reason or grant_one(one, role, actor, company, notify)
        row = (one.customer.public_id, one.customer.name, reason or one.email)
        (skipped if reason else saved).append(row)
        if notify and not reason:
            by_email.setdefault(one.email, []).append(one.customer)
    for email, customers in by_email.items():
        links.notify(User.by_email(email), customers, actor, company)
    Audit.write(
        "bulk_access",
        to_ms(actor.now),
        subject=f"bulk:{token}",
        actor=actor.email,
        address=actor.address,
        role=role.name,
        notified=notify,
        saved=saved,
        skipped=skipped,
    )
    return result(token)


def grant_one(one: Candidate, role: Role, actor: Actor, company: Company, notify: bool) -> str:
    """The reason why it was refused, or ''."""
    try:
        access_grants.grant_access(one.customer, one.email, role, actor, company, notify=notify, post=False)
    except Refused as refused:
        return refused.message
    return ""


def result(token: str) -> Result | None:
    line = Audit.about(f"bulk:{token}").first() if TOKEN.fullmatch(token) else None
    if line is None:
        return None
    facts = json.loads(line.detail)
    return Result(facts["role"], facts["notified"], *([tuple(row) for row in facts[k]] for k in ("saved", "skipped")))
