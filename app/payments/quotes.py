"""Calculates a payment of invoices: their open balances, and how an amount is split among them."""

from dataclasses import dataclass

from app import money
from app.models import Company, Invoice
from app.models.access import Viewer

MAX_INVOICES = 500


class CannotPay(Exception):
    """This selection can't be paid. `reason` is unknown_invoice, nothing_selected, mixed_currencies,
    nothing_open, amount_too_high, amount_too_low or too_many."""

    def __init__(self, reason: str, quote: "Quote | None" = None):
        self.reason = reason
        self.quote = quote
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Balance:
    """The open balance of an invoice when a form showed it, in minor units of `currency`."""

    open_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class QuoteLine:
    invoice: Invoice
    open_minor: int
    pay_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A calculated payment: its lines, oldest due first, in one currency. All amounts are minor units. `least_minor`
    is the smallest partial payment."""

    currency: str
    lines: tuple[QuoteLine, ...]
    open_minor: int
    pay_minor: int
    least_minor: int

    @property
    def shown(self) -> dict[str, Balance]:
        return {line.invoice.public_id: Balance(line.open_minor, self.currency) for line in self.lines}


def quote(viewer: Viewer, company: Company, public_ids: list[str], amount_minor: int | None = None) -> Quote:
    """The quote for these invoices. `amount_minor` None pays in full. Raises CannotPay."""
    invoices = load_invoices(viewer, public_ids)
    if len({invoice.currency for invoice in invoices}) > 1:
        raise CannotPay("mixed_currencies")
    return split(invoices, amount_minor, company)


def load_invoices(viewer: Viewer, public_ids: list[str]) -> list[Invoice]:
    wanted = list(dict.fromkeys(public_ids))
    if not wanted:
        raise CannotPay("nothing_selected")
    if len(wanted) > MAX_INVOICES:
        raise CannotPay("too_many")
    invoices = list(Invoice.to_pay(viewer, wanted))
    if len(invoices) != len(wanted):
        raise CannotPay("unknown_invoice")
    return invoices


def currency_of(shown: dict[str, Balance]) -> str:
    currencies = {balance.currency for balance in shown.values()}
    if not currencies:
        raise CannotPay("nothing_selected")
    if len(currencies) > 1:
        raise CannotPay("mixed_currencies")
    return currencies.pop()


def quote_all(viewer: Viewer, company: Company, currency: str) -> Quote:
    invoices = list(Invoice.open_in(viewer, currency).limit(MAX_INVOICES + 1))
    if len(invoices) > MAX_INVOICES:
        raise CannotPay("too_many")
    return split(invoices, None, company)


def split(invoices: list[Invoice], amount_minor: int | None, company: Company) -> Quote:
    """Split an amount among invoices of one currency, oldest due first. Raises CannotPay."""
    payable = [invoice for invoice in invoices if invoice.open_minor > 0]
    if not payable:
        raise CannotPay("nothing_open")
    total = sum(invoice.open_minor for invoice in payable)
    left = total if amount_minor is None else amount_minor
    lines = []
    for invoice in payable:
        part = max(0, min(left, invoice.open_minor))
        left -= part
        lines.append(QuoteLine(invoice, invoice.open_minor, part))
    currency = payable[0].currency
    result = Quote(
        currency, tuple(lines), total, sum(line.pay_minor for line in lines), least_part(company, currency, total)
    )
    if left > 0:
        raise CannotPay("amount_too_high", result)
    if result.pay_minor < result.least_minor:
        raise CannotPay("amount_too_low", result)
    return result


def least_part(company: Company, currency: str, open_minor: int) -> int:
    minimum = company.minimum_payment
    least = money.at_least(minimum, currency) if minimum else 10 ** money.exponent(currency)
    return min(least, open_minor)
