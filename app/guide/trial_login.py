"""A trial login: what would happen if a person logged in now, by the rules of the real login."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts.authentication import TRIES
from app.models import Access, Company, Throttle
from app.payments.eligibility import Obstacle, obstacle
from app.web.menu import ACCOUNTING, FEATURES, ROLES, UNMATCHED

ACCESS_OFF = ("Customer Access is off", f"{FEATURES.url}?subtab=web-presence", "Enable Features")
OBSTACLES = {
    Obstacle.CUSTOMER_ACCESS: ACCESS_OFF,
    Obstacle.CREDIT_CARD_PAYMENTS: (
        "Credit Card Payments is off",
        f"{FEATURES.url}?subtab=transactions",
        "Enable Features",
    ),
    Obstacle.CUSTOMERS_CAN_PAY_ONLINE: (
        "Customers Can Pay Online is off",
        f"{ACCOUNTING.url}?subtab=items-transactions",
        "Accounting Preferences",
    ),
    Obstacle.RESTORED: (
        "online payment is paused after a restore, until all payments are compared with Braintree",
        UNMATCHED.url,
        UNMATCHED.label,
    ),
    Obstacle.GATEWAY: (
        "no card gateway is configured",
        "/setup?step=credit-card-payments",
        "Test the connection",
    ),
    Obstacle.ROLE: ("their role may not pay", ROLES.url, "Manage Roles"),
}


@dataclass(frozen=True)
class Verdict:
    """One answer; with `url` and `label`, where to change it."""

    ok: bool
    words: str
    url: str = ""
    label: str = ""


def verdicts(
    access: Access, company: Company, gateway_configured: bool, now: datetime, failure: str = ""
) -> list[Verdict]:
    """Whether the person with this access could log in, view and pay at this moment. `failure`: why the card
    gateway may not work."""
    login = log_in(access, company, now)
    role, customer = access.role.name, access.customer.name
    if not company.customer_access:
        return [login]
    view = Verdict(True, f"With the role {role} they can view the invoices of {customer}")
    why = obstacle(company, gateway_configured, access.viewer())
    if why is None and failure:
        return [login, view, Verdict(False, f"They may not be able to pay by card. {failure}")]
    if why is None:
        return [login, view, Verdict(True, "They can pay open invoices by card")]
    words, url, label = OBSTACLES[why]
    return [login, view, Verdict(False, f"They cannot pay: {words}", url, label)]


def log_in(access: Access, company: Company, now: datetime) -> Verdict:
    user, record = access.user, f"/customers/{access.customer.public_id}/access"
    if not user.may_log_in(company):
        return Verdict(False, f"{user.email} cannot log in: {ACCESS_OFF[0]}", *ACCESS_OFF[1:])
    if not user.password_hash:
        return Verdict(False, f"{user.email} cannot log in yet: no password is set up", record, "Open the record")
    if Throttle.is_spent({Throttle.account(user.email): TRIES}, now):
        return Verdict(False, f"{user.email} cannot log in for up to 30 minutes: too many wrong passwords")
    first = ", and chooses a new password first" if user.must_change_password else ""
    return Verdict(True, f"{user.email} can log in{first}")
