"""Changes of access in a file of customers: comparing them with the portal, and making them through `access_grants`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.accounts import links
from app.accounts.hashing import Hasher
from app.accounts.password_policy import Policy
from app.customers import access_grants, queries
from app.customers.access_grants import Refused
from app.email_addresses import is_email, normal_email
from app.imports.people import Person, without_repeats
from app.imports.plan import Change, PlannedRow, RowOutcome
from app.imports.report import Problems, Rejected, quote
from app.imports.table import Table
from app.models import Access, Company, Customer, Role, User
from app.models.audit import Actor

MAX_CHANGES = 500  # in one transaction, which blocks payments for about ten seconds
OFF = (
    "No one could log in: Customer Access is off. Turn it on under Setup > Company > Enable Features > Web Presence, "
    "or leave {title} empty."
)
NO_EMAIL = "is empty. The person logs in with an email address: write it here, or leave {title} empty."
IN_FILE_WORDS = {
    "notify": "{email} has no password yet. Write Yes under {notify} so that they set one up themselves, or a password "
    "under {password}."
}
TOO_MANY = "The file would change the access of {count:,} people; the maximum is {most:,}. Split it into several files."
UNKNOWN_ROLE = "There is no role{name}. Write one of {named}; or add it under Setup > Users/Roles > Manage Roles."
ASSIGNED = "assigned, until the first login"


@dataclass(frozen=True, slots=True)
class AccessChange:
    """`access` is what the person has now, given or not; `user` is their login; `role` is the one they get or keep."""

    person: Person
    user: User | None
    access: Access | None
    role: Role

    @property
    def has_access(self) -> bool:
        return self.access is not None and self.access.given

    @property
    def grants(self) -> bool:
        return self.person.grants and not self.has_access

    @property
    def revokes(self) -> bool:
        return not self.person.grants and self.access is not None and self.access.is_offered

    @property
    def changes_role(self) -> bool:
        kept = self.access if self.person.grants and self.has_access else None
        return kept is not None and kept.role.id != self.role.id

    @property
    def assigns(self) -> bool:
        """True if the file's password is set. It is only a first password: it never replaces one that the person may
        have chosen."""
        return self.person.grants and bool(self.person.password) and not (self.user and self.user.password_hash)

    @property
    def keeps_password(self) -> bool:
        return self.person.grants and bool(self.person.password) and not self.assigns

    @property
    def changes_anything(self) -> bool:
        return self.grants or self.revokes or self.changes_role or self.assigns

    @property
    def sends_email(self) -> bool:
        return self.grants and self.person.notify

    def planned(self) -> PlannedRow:
        person, now = self.person, "No"
        if self.access and self.access.is_offered:
            now = "Yes" if self.access.given else "Invited"
        old_role = self.access.role.name if self.access and self.has_access else ""
        changes = [Change("give_access", now, "Yes" if person.grants else "No")] if self.grants or self.revokes else []
        changes += [Change("role", old_role, self.role.name)] if self.grants or self.changes_role else []
        changes += [Change("notify", "", "Yes")] if self.sends_email else []
        changes += [Change("password", "", ASSIGNED)] if self.assigns else []
        outcome = RowOutcome.NEW if self.grants else RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED
        return PlannedRow(person.row, person.number, "access", person.email, outcome, tuple(changes), name=person.name)


class AccessChanges:
    """`compare` may be called again. Call `prepare` once, before the transaction of `write`."""

    def __init__(self, people: list[Person], table: Table):
        self.people, self.title = people, table.title
        self.email_title = self.title("person_email" if table.has("person_email") else "email")
        self.has_emails = table.has("email")
        self.has_secrets = bool(table.secret)
        self.changes: list[AccessChange] = []
        self.hashes: dict[str, str] = {}
        self.policy_problems: dict[tuple[Policy, str], str | None] = {}

    def compare(self, problems: Problems) -> None:
        """Set `changes`. Contradictions with the portal are added to `problems`."""
        if not self.people:
            return
        company, before = Company.current(), problems.count
        customers = queries.with_numbers({person.number for person in self.people})
        found = [self.with_email(person, customers.get(person.number)) for person in self.people]
        people = without_repeats(found, lambda row, why: problems.add(row, self.email_title, why))
        users = queries.users_by_email({person.email for person in people})
        accesses = queries.accesses_of({user.id for user in users.values()})
        roles, default = {role.name.casefold(): role for role in Role.by_name()}, Role.default_for(company)
        self.changes = []
        for person in people:
            customer, user = customers.get(person.number), users.get(person.email)
            access = accesses.get((customer.id, user.id)) if customer and user else None
            role = roles.get(person.role.casefold()) if person.role else access.role if access else default
            change = AccessChange(person, user, access, role or default)
            if person.grants and role is None:
                self.report_role(person, list(roles.values()), problems)
            self.check(change, company, problems)
            self.changes.append(change)
        count = sum(change.changes_anything for change in self.changes)
        if count > MAX_CHANGES and problems.count == before:
            problems.add(self.people[0].row, self.title("give_access"), TOO_MANY.format(count=count, most=MAX_CHANGES))

    def report_role(self, person: Person, roles: list[Role], problems: Problems) -> None:
        named = ", ".join(quote(role.name) for role in roles[:10])
        # It may be a password in the wrong column.
        name = " of that name" if self.has_secrets else f" {quote(person.role)}"
        problems.add(person.row, self.title("role"), UNKNOWN_ROLE.format(name=name, named=named))
        if self.has_secrets:
            problems.withhold(person.row)

    def with_email(self, person: Person, customer: Customer | None) -> Person:
        if person.email or self.has_emails or not customer:
            return person
        return replace(person, email=normal_email(customer.email))

    def check(self, change: AccessChange, company: Company, problems: Problems) -> None:
        person, give_access = change.person, self.title("give_access")
        if not person.email:
            problems.add(person.row, self.email_title, NO_EMAIL.format(title=give_access))
            return
        if not (change.grants or change.assigns):
            return
        if not company.customer_access:
            problems.add(person.row, give_access, OFF.format(title=give_access))
        titles = {name: self.title(name) for name in ("notify", "password")}
        manual = bool(person.password)
        for refused in access_grants.refusals(person.email, change.user, notify=person.notify, manual=manual):
            words = IN_FILE_WORDS.get(refused.field, f"{refused.message}.").format(email=person.email, **titles)
            problems.add(person.row, self.email_title if refused.field == "email" else give_access, words)
        if change.assigns and is_email(person.email) and (problem := self.policy_problem(change, company)):
            problems.add(person.row, titles["password"], f"{problem}.")

    def policy_problem(self, change: AccessChange, company: Company) -> str | None:
        # Estimating a password's strength is slow, and this may run in a transaction.
        person = change.person
        user = change.user or User(email=person.email, name=person.name)
        policy = Policy.for_person(user, company, person.name, person.customer_name)
        if (policy, person.password) not in self.policy_problems:
            self.policy_problems[policy, person.password] = policy.problem(person.password)
        return self.policy_problems[policy, person.password]

    def planned(self) -> Iterator[PlannedRow]:
        return (change.planned() for change in self.changes)

    def counts(self) -> Counter[str]:
        return Counter(
            given=sum(change.grants for change in self.changes),
            role=sum(change.changes_role for change in self.changes),
            taken=sum(change.revokes for change in self.changes),
            passwords=len({change.person.email for change in self.changes if change.assigns}),
            mails=len({change.person.email for change in self.changes if change.sends_email}),
        )

    def notes(self) -> list[str]:
        kept = sum(change.keeps_password for change in self.changes)
        return [f"Passwords of the file that were not used, because the person has one already: {kept:,}."] * bool(kept)

    def prepare(self, hasher: Hasher) -> None:
        for change in self.changes:
            if change.assigns and change.person.email not in self.hashes:
                with hasher.slot() as slot:
                    self.hashes[change.person.email] = slot.hash(change.person.password)

    def write(self, actor: Actor) -> None:
        """Call it in the caller's transaction, after `compare` and `prepare`. Raises Rejected."""
        company = Company.current()
        mails: dict[str, list[Customer]] = {}
        for change in self.changes:
            try:
                self.write_one(change, actor, company)
            except Refused as refused:
                problems = Problems()
                problems.add(change.person.row, self.email_title, f"{refused.message}.")
                raise Rejected(problems) from refused
            if change.sends_email:
                mails.setdefault(change.person.email, []).append(Customer.get(number=change.person.number))
        for email, customers in mails.items():
            links.notify(queries.users_by_email({email})[email], customers, actor, company)

    def write_one(self, change: AccessChange, actor: Actor, company: Company) -> None:
        person, access = change.person, change.access
        if access and change.revokes:
            access_grants.revoke_access(access, actor)
        elif change.grants or change.assigns:
            access_grants.grant_access(
                Customer.get(number=person.number),
                person.email,
                change.role,
                actor,
                company,
                notify=change.sends_email,
                post=False,
                password_hash=self.hashes.pop(person.email, None) if change.assigns else None,
                name="" if change.user and change.user.name else person.name,
            )
        elif access and change.changes_role:
            access_grants.set_role(access, change.role, actor)
