"""Whether a viewer may pay, and if not, the first switch that says no.

The same answer decides whether a Pay button exists and whether the server takes a payment.
"""

from enum import StrEnum

from app.models import Company, Invoice
from app.models.user import Viewer


class Obstacle(StrEnum):
    """The switches in the order in which they are checked: who looks, feature, preference, restore, gateway, role,
    invoice."""

    VIEWING_AS = "viewing_as"
    CUSTOMER_ACCESS = "customer_access"
    CREDIT_CARD_PAYMENTS = "credit_card_payments"
    CUSTOMERS_CAN_PAY_ONLINE = "customers_can_pay_online"
    RESTORED = "restored"
    GATEWAY = "gateway"
    NO_CUSTOMER = "no_customer"
    ROLE = "role"
    NOT_AN_INVOICE = "not_an_invoice"
    NOTHING_OPEN = "nothing_open"
    CURRENCY = "currency"


def checks(
    company: Company, gateway_configured: bool, viewer: Viewer, invoice: Invoice | None = None
) -> list[tuple[Obstacle, bool]]:
    """Every check in its order, and whether it is passed: for `invoice`, or for paying anything at all."""
    found = [
        (Obstacle.VIEWING_AS, not viewer.viewing_as),
        (Obstacle.CUSTOMER_ACCESS, company.customer_access),
        (Obstacle.CREDIT_CARD_PAYMENTS, company.credit_card_payments),
        (Obstacle.CUSTOMERS_CAN_PAY_ONLINE, company.customers_can_pay_online),
        (Obstacle.RESTORED, company.payments_held_ms is None),
        (Obstacle.GATEWAY, gateway_configured),
        (Obstacle.NO_CUSTOMER, viewer.customer_id is not None),
        (Obstacle.ROLE, viewer.can_pay),
    ]
    if invoice is not None:
        found += [
            (Obstacle.NOT_AN_INVOICE, invoice.kind == Invoice.INVOICE),
            (Obstacle.NOTHING_OPEN, invoice.open_minor > 0),
            (Obstacle.CURRENCY, company.takes(invoice.currency)),
        ]
    return found


def obstacle(
    company: Company, gateway_configured: bool, viewer: Viewer, invoice: Invoice | None = None
) -> Obstacle | None:
    """The first reason why `viewer` can't pay (`invoice`, or anything at all); None when they can."""
    return next((why for why, passed in checks(company, gateway_configured, viewer, invoice) if not passed), None)
