"""The step that gives customers access: customers without access, a role, and two checkboxes, saved together."""

from dataclasses import dataclass

from flask import flash
from wtforms.validators import ValidationError

from app.customers import bulk_access, queries
from app.customers.forms import BulkAccessForm
from app.customers.queries import Listing
from app.models import Role
from app.web.actor import current_actor
from app.web.formatting import company

CLOSED = "No one could log in. Turn Customer Access on first, in step 2"
SHARED = (
    "{email} looks like a shared mailbox. Check “Give this shared mailbox access” next to it, or clear the customer"
)
REOPEN = "Open the step again, and check the customers again"


@dataclass(frozen=True)
class Problem:
    id: str
    errors: tuple[str, ...]


class GiveAccessForm(BulkAccessForm):
    """`unconfirmed` is {public id: Problem} for customers whose shared mailbox is not confirmed."""

    def __init__(self, **options):
        self.unconfirmed: dict[str, Problem] = {}
        super().__init__(**options)
        self.token.id = self.customer.id

    @classmethod
    def fresh(cls) -> "GiveAccessForm":
        role = str(Role.default_for(company()).id)
        return cls(formdata=None, role=role, give=True, notify=True, token=bulk_access.new_token())

    def __iter__(self):
        yield from super().__iter__()
        yield from self.unconfirmed.values()

    def validate_customer(self, field):
        if not company().customer_access:
            raise ValidationError(CLOSED)
        super().validate_customer(field)

    def validate_token(self, field):
        if not bulk_access.TOKEN.fullmatch(field.data or ""):
            raise ValidationError(REOPEN)

    def ask_about_shared(self) -> None:
        for one in bulk_access.candidates(self.ids, notify=self.notify.data):
            public_id = one.customer.public_id
            if one.is_shared and not one.reason and public_id not in self.shared_ids:
                self.unconfirmed[public_id] = Problem(f"shared-{public_id}", (SHARED.format(email=one.email),))

    @property
    def errors(self) -> dict:
        return super().errors | {problem.id: problem.errors for problem in self.unconfirmed.values()}


def candidates() -> list[tuple]:
    found = queries.page(Listing(state="none")).rows
    return [(row, bulk_access.looks_shared(row.email.strip().lower())) for row in found]


def save(form: GiveAccessForm) -> bulk_access.Result | None:
    is_valid = form.validate_on_submit()
    form.ask_about_shared()
    if not is_valid or form.unconfirmed:
        return None
    result = bulk_access.save(
        form.token.data,
        form.ids,
        form.shared_ids,
        form.chosen_role(),
        current_actor(),
        company(),
        notify=form.notify.data,
    )
    flash(summary_of(result))
    return result


def summary_of(result: bulk_access.Result) -> str:
    count = len(result.saved)
    if not count:
        return "No access was given."
    customers = "1 customer" if count == 1 else f"{count} customers"
    mails = f" {'1 email' if result.mails == 1 else f'{result.mails} emails'} queued." if result.notified else ""
    return f"Access given to {customers}.{mails}"
