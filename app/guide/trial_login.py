"""A trial login: what would happen if a person logged in now, by the rules of the real login."""

from datetime import datetime

from app.accounts.authentication import TRIES
from app.models import Access, Company, Throttle
from app.payments.eligibility import Blocker, Check, check_for, first_blocker


def verdicts(
    access: Access, company: Company, gateway_configured: bool, now: datetime, failure: str = ""
) -> list[Check]:
    """Whether the person with this access could log in, view and pay at this moment. `failure`: why the card
    gateway may not work."""
    login = log_in(access, company, now)
    if not company.customer_access:
        return [login]
    view = Check(True, f"With the role {access.role.name} they can view the invoices of {access.customer.name}")
    return [login, view, pay(access, company, gateway_configured, failure)]


def log_in(access: Access, company: Company, now: datetime) -> Check:
    user = access.user
    if not user.may_log_in(company):
        closed = check_for(Blocker.CUSTOMER_ACCESS, False, access)
        return Check(False, f"{user.email} cannot log in: {closed.words}", closed.url, closed.label)
    if not user.password_hash:
        record = f"/customers/{access.customer.public_id}/access"
        return Check(False, f"{user.email} cannot log in yet: no password is set up", record, "Open the record")
    if Throttle.is_spent({Throttle.account(user.email): TRIES}, now):
        return Check(False, f"{user.email} cannot log in for up to 30 minutes: too many wrong passwords")
    first = ", and chooses a new password first" if user.must_change_password else ""
    return Check(True, f"{user.email} can log in{first}")


def pay(access: Access, company: Company, gateway_configured: bool, failure: str) -> Check:
    blocker = first_blocker(company, gateway_configured, access.viewer())
    if blocker:
        check = check_for(blocker, False, access)
        return Check(False, f"They cannot pay. {check.words}", check.url, check.label)
    if failure:
        return Check(False, f"They may not be able to pay by card. {failure}")
    return Check(True, "They can pay open invoices by card")
