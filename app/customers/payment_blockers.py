"""Why can't this customer pay? The checks that the portal itself makes, one after the other, for a person."""

from dataclasses import dataclass

from app.models import Access, Company, Customer, Invoice
from app.payments.eligibility import Obstacle, checks
from app.web.menu import ACCOUNTING, FEATURES, ROLES, UNMATCHED

PASSWORD = "password"  # noqa: S105 (the name of a check)
CARDS = f"{FEATURES.url}?subtab=transactions"
WORDS = {
    Obstacle.CUSTOMER_ACCESS: ("Customer Access is {}", ("on", "off")),
    Obstacle.CREDIT_CARD_PAYMENTS: ("Credit Card Payments is {}", ("on", "off")),
    Obstacle.CUSTOMERS_CAN_PAY_ONLINE: ("Customers Can Pay Online is {}", ("on", "off")),
    Obstacle.RESTORED: (
        "Online payment is {}",
        (
            "not paused",
            "paused: a backup was restored, and the payments are being compared with Braintree. It takes "
            "minutes, and a decision about each charge that can't be booked by itself",
        ),
    ),
    Obstacle.GATEWAY: ("The card gateway is {}", ("configured", "not configured")),
    Obstacle.NO_CUSTOMER: ("Access is {}", ("given", "not given")),
    PASSWORD: ("A password is {}", ("set up", "not set up yet")),
    Obstacle.ROLE: ("The role {role} {}", ("may pay", "may not pay")),
    Obstacle.NOT_AN_INVOICE: ("It is {}", ("an invoice", "a credit memo, which is not paid")),
    Obstacle.NOTHING_OPEN: ("{} of it is open", ("Something", "Nothing")),
    Obstacle.CURRENCY: ("{currency} is {}", ("paid online", "not among the currencies that are paid online")),
}


@dataclass(frozen=True)
class Check:
    """One check: `ok` is None when it was not looked at, since one before it failed. `url` is where to change it.

    `is_worry`: it passes, and yet it may not work.
    """

    ok: bool | None
    words: str
    url: str = ""
    label: str = ""
    is_worry: bool = False


@dataclass(frozen=True)
class Explanation:
    """What stands between one person and paying. `first` is the first check that fails, None when they can pay."""

    name: str
    checks: list[Check]

    @property
    def first(self) -> Check | None:
        return next((check for check in self.checks if check.ok is False), None)

    @property
    def worry(self) -> Check | None:
        return next((check for check in self.checks if check.is_worry), None)


def explain(
    access: Access, company: Company, gateway_configured: bool, invoice: Invoice | None = None, failure: str = ""
) -> Explanation:
    """For the person with this access, whether or not it is given. `failure`: the last test of the gateway's."""
    made = checks(company, gateway_configured, access.viewer(), invoice)
    made = [(why, passed) for why, passed in made if why != Obstacle.VIEWING_AS]
    at = next(n for n, (why, _) in enumerate(made) if why == Obstacle.ROLE)
    made.insert(at, (PASSWORD, bool(access.user.password_hash)))
    found, failed = [], False
    for why, passed in made:
        found.append(check(why, None if failed else passed, access, invoice))
        if why == Obstacle.GATEWAY and passed and not failed and failure:
            found[-1] = Check(True, failure, *places(access.customer)[why], is_worry=True)
        failed = failed or not passed
    return Explanation(access.user.name or access.user.email, found)


def check(why, ok: bool | None, access: Access, invoice: Invoice | None) -> Check:
    sentence, (yes, no) = WORDS[why]
    if why == Obstacle.NOTHING_OPEN and invoice.processing_minor:
        no = "Nothing (a payment is processing)"
    if why == Obstacle.NO_CUSTOMER and access.is_invitation:
        no = "offered, but the invitation has not been accepted yet"
    words = sentence.format(no if ok is False else yes, role=access.role.name, currency=invoice and invoice.currency)
    return Check(ok, words, *(places(access.customer)[why] if ok is False else ()))


def places(customer: Customer) -> dict:
    """{check: (address, label)} of where each is changed."""
    record = (f"/customers/{customer.public_id}/access", "Open the Access subtab")
    return {
        Obstacle.CUSTOMER_ACCESS: (f"{FEATURES.url}?subtab=web-presence", FEATURES.label),
        Obstacle.CREDIT_CARD_PAYMENTS: (CARDS, FEATURES.label),
        Obstacle.CUSTOMERS_CAN_PAY_ONLINE: (f"{ACCOUNTING.url}?subtab=items-transactions", ACCOUNTING.label),
        Obstacle.RESTORED: (UNMATCHED.url, UNMATCHED.label),
        Obstacle.GATEWAY: ("/setup?step=credit-card-payments", "Test the connection"),
        Obstacle.NO_CUSTOMER: record,
        PASSWORD: record,
        Obstacle.ROLE: (ROLES.url, ROLES.label),
        Obstacle.NOT_AN_INVOICE: (),
        Obstacle.NOTHING_OPEN: (),
        Obstacle.CURRENCY: (f"{ACCOUNTING.url}?subtab=items-transactions", ACCOUNTING.label),
    }
