"""Exports and erases a person's data."""

from datetime import datetime

from app.clock import from_ms
from app.customers import access_grants
from app.models import Audit, Customer, User, erasure, one_transaction, personal_data, public_id
from app.models.audit import Actor

ADMINISTRATOR = "{email} is an administrator. Remove their rights first: flask remove-admin {email}"
UNCLEAR = (
    "Nothing was erased: {count} of their payments {verb} not decided yet. Wait until Braintree has answered, or "
    "decide about it on the customer's record."
)


class CannotErase(Exception):
    """The message says why. Nothing was erased."""


def export(user: User, now: datetime) -> dict:
    """Everything that is stored about the person, as values for JSON. Times are in UTC."""
    return {"exported_at": written(now), **personal_data.stored_about(user, lambda ms: ms and written(from_ms(ms)))}


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@one_transaction
def erase(user: User, actor: Actor) -> str:
    """Revoke the person's access and replace their name and addresses with a pseudonym, which is returned. Accounting
    needs invoices, payments and audit lines, so they stay. Raises CannotErase. One transaction."""
    if user.is_administrator:
        raise CannotErase(ADMINISTRATOR.format(email=user.email))
    if count := erasure.undecided_payments(user):
        raise CannotErase(UNCLEAR.format(count=count, verb="is" if count == 1 else "are"))
    pseudonym = f"erased person {public_id(8)}"
    for access in personal_data.accesses_of(user):
        if access.is_offered:
            access_grants.revoke_access(access, actor)
    for customer in personal_data.records_of(user):
        with access_grants.record_change(customer, actor):
            Customer.update(email="").where(Customer.id == customer.id).execute()
    erasure.pseudonymize(user, pseudonym, actor.now)
    Audit.write_by(actor, "person_erased", f"user:{pseudonym}")
    return pseudonym
