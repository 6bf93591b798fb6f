"""The step that gives customers access: those without it, a role, and the two boxes, saved at once."""

from dataclasses import dataclass, field

from flask import flash, request

from app.customers import access_grants, bulk_access, queries
from app.customers.queries import Listing
from app.models import Role
from app.web.actor import current_actor
from app.web.formatting import company

NO_CUSTOMER = "Check one or more customers"
NOT_GIVEN = "Check Give Access to let these customers log in"
CLOSED = "No one could log in. Turn Customer Access on first, in step 2"
BOX = "Give this shared mailbox access"
SHARED = f"{{email}} looks like a shared mailbox. Check “{BOX}” beside it, or clear the customer"
REOPEN = "Open the step again, and check the customers once more"


@dataclass
class Problem:
    """For the error summary: the control's id, and what to do about it."""

    id: str
    errors: list[str]


@dataclass
class GiveForm:
    """What is checked and chosen. `role` is a role's id as text; `shared` are public ids of customers whose shared
    mailbox is to get access anyway."""

    ids: list[str] = field(default_factory=list)
    role: str = ""
    give: bool = True
    notify: bool = True
    shared: list[str] = field(default_factory=list)
    token: str = field(default_factory=bulk_access.new_token)
    errors: list[Problem] = field(default_factory=list)

    def __iter__(self):
        return iter(self.errors)

    @property
    def wrong(self) -> dict[str, str]:
        return {problem.id: problem.errors[0] for problem in self.errors}

    @classmethod
    def fresh(cls) -> "GiveForm":
        chosen = company().default_role_id
        standard = next((role for role in Role.by_name() if role.name == Role.DEFAULT), None)
        return cls(role=str(chosen or (standard.id if standard else "")))

    @classmethod
    def sent(cls) -> "GiveForm":
        values = request.form
        chosen, shared = (bulk_access.read_ids(values.getlist(name)) for name in ("customer", "shared"))
        return cls(
            chosen,
            values.get("role", ""),
            values.get("give") == "on",
            values.get("notify") == "on",
            shared,
            values.get("token", ""),
        )


def candidates() -> list[tuple]:
    """(row, whether its address looks shared) of customers without access, the first of them."""
    found = queries.page(Listing(state="none")).rows
    return [(row, bulk_access.looks_shared(row.email.strip().lower())) for row in found]


def save(form: GiveForm) -> bulk_access.Result | None:
    """Give access. Returns None if the form is wrong, with `form.errors`."""
    role = next((one for one in Role.by_name() if str(one.id) == form.role), None)
    checks = (
        ("give-customers", CLOSED, company().customer_access),
        ("give-customers", NO_CUSTOMER, form.ids),
        ("role", access_grants.NO_ROLE, role),
        ("give", NOT_GIVEN, form.give),
        ("give-customers", REOPEN, bulk_access.TOKEN.fullmatch(form.token)),
    )
    form.errors = [Problem(control, [words]) for control, words, passed in checks if not passed]
    form.errors += unconfirmed(form)
    if form.errors:
        return None
    result = bulk_access.save(form.token, form.ids, form.shared, role, current_actor(), notify=form.notify, box=BOX)
    flash(summary_of(result))
    return result


def unconfirmed(form: GiveForm) -> list[Problem]:
    """Checked customers with a shared mailbox whose box is not checked."""
    asked = [
        one
        for one in bulk_access.candidates(form.ids, notify=form.notify)
        if one.is_shared and not one.reason and one.customer.public_id not in form.shared
    ]
    return [Problem(f"shared-{one.customer.public_id}", [SHARED.format(email=one.email)]) for one in asked]


def summary_of(result: bulk_access.Result) -> str:
    count = len(result.saved)
    if not count:
        return "No access was given."
    customers = "1 customer" if count == 1 else f"{count} customers"
    mails = f" {'1 email' if result.mails == 1 else f'{result.mails} emails'} queued." if result.notified else ""
    return f"Access given to {customers}.{mails}"
