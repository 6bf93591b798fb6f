"""Whether a viewer may pay online, and for each reason why not, what customers and administrators read.

The same function decides whether there is a Pay button and whether the server accepts a payment.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.models import Access, Company, Invoice
from app.models.access import Viewer
from app.web.menu import ACCOUNTING, FEATURES, ROLES, UNMATCHED


class Blocker(StrEnum):
    """Members are in the order in which they are checked."""

    VIEWING_AS = "viewing_as"
    CUSTOMER_ACCESS = "customer_access"
    CREDIT_CARD_PAYMENTS = "credit_card_payments"
    CUSTOMERS_CAN_PAY_ONLINE = "customers_can_pay_online"
    RESTORED = "restored"
    GATEWAY = "gateway"
    NO_CUSTOMER = "no_customer"
    PASSWORD = "password"  # noqa: S105 (the name of a check)
    ROLE = "role"
    NOT_AN_INVOICE = "not_an_invoice"
    NOTHING_OPEN = "nothing_open"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Sentences:
    """Administrators read `passed` or `failed` for the check, with a link to the page that changes it.

    Customers read `title` and `text`; if `text` is empty, they read how else they can pay. `{role}`, `{currency}`,
    `{contact}` and `{record}`, the URL of the customer's record, are filled in.
    """

    passed: str
    failed: str
    url: str = ""
    label: str = ""
    title: str = "Online payment is not available yet"
    text: str = ""


ON_RECORD = ("{record}/access", "Open the Access subtab")
BLOCKERS = {
    Blocker.VIEWING_AS: Sentences(
        "You are not viewing as the customer",
        "You are viewing as the customer",
        title="Pay is hidden while you view as this customer",
        text="You can view everything, but not pay.",
    ),
    Blocker.CUSTOMER_ACCESS: Sentences(
        "Customer Access is on",
        "Customer Access is off",
        f"{FEATURES.url}?subtab=web-presence",
        FEATURES.label,
        title="The Customer Center is closed",
        text="Invoices cannot be viewed or paid here at the moment.",
    ),
    Blocker.CREDIT_CARD_PAYMENTS: Sentences(
        "Credit Card Payments is on",
        "Credit Card Payments is off",
        f"{FEATURES.url}?subtab=transactions",
        FEATURES.label,
    ),
    Blocker.CUSTOMERS_CAN_PAY_ONLINE: Sentences(
        "Customers Can Pay Online is on",
        "Customers Can Pay Online is off",
        f"{ACCOUNTING.url}?subtab=items-transactions",
        ACCOUNTING.label,
    ),
    Blocker.RESTORED: Sentences(
        "Online payment is not paused",
        "Online payment is paused: a backup was restored, and its payments are being compared with Braintree",
        UNMATCHED.url,
        UNMATCHED.label,
        title="Online payment is paused while we check recent payments",
        text="Try again later.",
    ),
    Blocker.GATEWAY: Sentences(
        "The card gateway is configured",
        "The card gateway is not configured",
        "/setup?step=credit-card-payments",
        "Test the connection",
    ),
    Blocker.NO_CUSTOMER: Sentences(
        "Access is given",
        "Access is not given",
        *ON_RECORD,
        title="Only customers can pay here",
        text="Log in as a customer to pay an invoice.",
    ),
    Blocker.PASSWORD: Sentences("A password is set up", "A password is not set up yet", *ON_RECORD),
    Blocker.ROLE: Sentences(
        "The role {role} may pay",
        "The role {role} may not pay",
        ROLES.url,
        ROLES.label,
        title="You can view invoices but not pay them",
        text="Ask a colleague who can pay, or {contact}.",
    ),
    Blocker.NOT_AN_INVOICE: Sentences("It is an invoice", "It is a credit memo, so there is nothing to pay"),
    Blocker.NOTHING_OPEN: Sentences("A balance is left to pay", "Nothing left to pay"),
    Blocker.CURRENCY: Sentences(
        "{currency} can be paid online",
        "{currency} is not among the currencies that customers can pay online",
        f"{ACCOUNTING.url}?subtab=items-transactions",
        ACCOUNTING.label,
        title="Invoices in {currency} cannot be paid online",
    ),
}
INVITED = "Access is offered, but the invitation has not been accepted yet"
PROCESSING = "Nothing left to pay: a payment is processing"


def checks(
    company: Company,
    gateway_configured: bool,
    viewer: Viewer,
    invoice: Invoice | None = None,
    *,
    has_password: bool = True,
) -> list[tuple[Blocker, bool]]:
    """All checks in order, with whether each is passed: for `invoice`, or for paying anything at all."""
    results = [
        (Blocker.VIEWING_AS, not viewer.viewing_as),
        (Blocker.CUSTOMER_ACCESS, company.customer_access),
        (Blocker.CREDIT_CARD_PAYMENTS, company.credit_card_payments),
        (Blocker.CUSTOMERS_CAN_PAY_ONLINE, company.customers_can_pay_online),
        (Blocker.RESTORED, company.payments_held_ms is None),
        (Blocker.GATEWAY, gateway_configured),
        (Blocker.NO_CUSTOMER, viewer.customer_id is not None),
        (Blocker.PASSWORD, has_password),
        (Blocker.ROLE, viewer.can_pay),
    ]
    if invoice is not None:
        results += [
            (Blocker.NOT_AN_INVOICE, invoice.kind == Invoice.INVOICE),
            (Blocker.NOTHING_OPEN, invoice.open_minor > 0),
            (Blocker.CURRENCY, company.accepts(invoice.currency)),
        ]
    return results


def first_blocker(
    company: Company, gateway_configured: bool, viewer: Viewer, invoice: Invoice | None = None
) -> Blocker | None:
    """The first reason why `viewer` can't pay `invoice`, or anything at all; None if they can pay."""
    results = checks(company, gateway_configured, viewer, invoice)
    return next((blocker for blocker, is_passed in results if not is_passed), None)


@dataclass(frozen=True, slots=True)
class EligibilityCheck:
    """A check as administrators read it. `ok` is None for checks after a failed one; `url` is where to change it.

    `is_warning`: it is passed, but paying may still not work.
    """

    ok: bool | None
    words: str
    url: str = ""
    label: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person can or can't pay. `first` is the first failed check, None if they can pay."""

    name: str
    checks: list[EligibilityCheck]

    @property
    def first(self) -> EligibilityCheck | None:
        return next((check for check in self.checks if check.ok is False), None)

    @property
    def warning(self) -> EligibilityCheck | None:
        return next((check for check in self.checks if check.is_warning), None)


def explain(
    access: Access, company: Company, gateway_configured: bool, invoice: Invoice | None = None, failure: str = ""
) -> Explanation:
    """Explain it for the person with this access, whether or not it is given. `failure`: why the last gateway test
    failed."""
    has_password = bool(access.user.password_hash)
    results = checks(company, gateway_configured, access.viewer(), invoice, has_password=has_password)
    explained, has_failed = [], False
    for blocker, is_passed in results:
        if blocker == Blocker.VIEWING_AS:
            continue
        if blocker == Blocker.GATEWAY and is_passed and not has_failed and failure:
            sentences = BLOCKERS[blocker]
            explained.append(EligibilityCheck(True, failure, sentences.url, sentences.label, is_warning=True))
        else:
            explained.append(check_for(blocker, None if has_failed else is_passed, access, invoice))
        has_failed = has_failed or not is_passed
    return Explanation(access.user.name or access.user.email, explained)


def check_for(blocker: Blocker, ok: bool | None, access: Access, invoice: Invoice | None = None) -> EligibilityCheck:
    sentences = BLOCKERS[blocker]
    values = {
        "role": access.role.name,
        "currency": invoice and invoice.currency,
        "record": f"/customers/{access.customer.public_id}",
    }
    if ok is not False:
        return EligibilityCheck(ok, sentences.passed.format(**values))
    failed = sentences.failed
    if blocker == Blocker.NO_CUSTOMER and access.is_invitation:
        failed = INVITED
    if blocker == Blocker.NOTHING_OPEN and invoice and invoice.processing_minor:
        failed = PROCESSING
    return EligibilityCheck(ok, failed.format(**values), sentences.url.format(**values), sentences.label)
