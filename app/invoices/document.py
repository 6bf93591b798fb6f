"""Prepares an invoice or credit memo for its page: formatted amounts, and sums that always add up."""

from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from babel.numbers import format_decimal
from flask import url_for

from app import money
from app.clock import from_ms, today
from app.invoices.labels import distance, state
from app.invoices.queries.invoice_document import Document
from app.web.formatting import company, format_day

MAX_WHOLE, MAX_DECIMALS = 15, 10
EVENTS = {
    "submitted": ("clock", "Payment of {} received, processing"),
    "settled": ("check", "Payment of {} received"),
    "failed": ("circle-alert", "Payment of {} failed"),
    "voided": ("ban", "Payment of {} canceled"),
    "": ("clock", "Payment of {} is being confirmed"),
}


class InvoiceDocument:
    """`head` has the document's columns, see invoice_document.Document."""

    def __init__(self, document: Document, on: date, locale: str):
        self.head = head = document.head
        self.lines = document.lines
        self.payments = document.payments
        self.elsewhere = document.elsewhere
        self.today = on
        self.locale = locale
        self.paid_minor = head.paid_elsewhere_minor + head.paid_online_minor
        self.credited_minor = head.credited_minor
        self.kind = head.kind
        self.is_paid = head.is_paid
        self.is_void = head.is_void
        self.open_minor = head.open_minor
        self.is_credit = head.kind == "credit_memo"
        self.late = not self.is_credit and head.open_minor > 0 and head.due_on < on
        self.chip = state(self, self.late)
        self.title = "Credit memo" if self.is_credit else "Invoice"
        self.balance_label = "Credit left" if self.is_credit else "Balance due"

    @property
    def bill_to(self) -> tuple[str, str]:
        # An imported bill-to address without the name is only the address.
        name, bill_to = self.head.customer_name, self.head.bill_to.strip()
        if not bill_to:
            return name, self.head.customer_address
        first, _, rest = bill_to.partition("\n")
        return (first, rest) if name.casefold() in bill_to.casefold() else (name, bill_to)

    @property
    def settled(self) -> list:
        return [payment for payment in self.payments if payment.settlement == "settled"]

    @property
    def paid_ms(self) -> int | None:
        return max((payment.settled_ms for payment in self.settled), default=None) if self.is_paid else None

    @property
    def paid_day(self) -> date:
        return today(from_ms(self.paid_ms), company().time_zone)

    @property
    def due_words(self) -> str:
        return distance(self.head.due_on, self.today) if self.open_minor and not self.is_credit else ""

    @property
    def pay_url(self) -> str:
        return f"{url_for('payments.new')}?{urlencode({'invoice': self.head.public_id})}"

    @property
    def has_rates(self) -> bool:
        return any(line.quantity or line.unit_price for line in self.lines)

    @property
    def sums(self) -> list[tuple[str, str]]:
        head = self.head
        rows = []
        adds_up = self.lines_come_to_the_total
        if head.tax_minor:
            rows += [("Subtotal", head.total_minor - head.tax_minor)] if adds_up else []
            rows.append(("Sales tax", head.tax_minor))
        deductions = self.deductions()
        if deductions or not head.tax_minor or not adds_up:
            rows.append(("Total", head.total_minor))
        return [(label, self.amount(minor).replace("-", "\N{MINUS SIGN}")) for label, minor in rows + deductions]

    @property
    def lines_come_to_the_total(self) -> bool:
        """True if lines add up to the total, with or without tax, up to a minor unit per line; or if no line has an
        amount."""
        amounts = [line.amount_minor for line in self.lines]
        total, net, lines = self.head.total_minor, self.head.total_minor - self.head.tax_minor, sum(amounts)
        return not any(amounts) or min(abs(lines - total), abs(lines - net)) <= len(amounts)

    def deductions(self) -> list[tuple[str, int]]:
        head = self.head
        if self.is_credit:
            used = head.total_minor - head.open_minor
            return [("Used", -used)] if used else []
        here = [(f"Payment {payment.reference}", -payment.amount_minor) for payment in self.settled]
        here += [
            (self.elsewhere_text("Paid elsewhere", payment), -payment.amount_minor)
            for payment in self.elsewhere
            if payment.paid_on or payment.reference
        ]
        other = head.paid_elsewhere_minor + head.paid_online_minor + sum(minor for _label, minor in here)
        rows = [
            ("Other payments" if here else "Payments", -other),
            ("Void" if self.is_void else "Credits", -head.credited_minor),
        ]
        rows.append(("Processing", -head.processing_minor))
        return here + [(label, minor) for label, minor in rows if minor]

    @property
    def events(self) -> list[tuple[str, str, str, int]]:
        """Icon, words, URL and time of every payment, latest first."""
        rows = []
        for payment in reversed(self.payments):
            icon, words = EVENTS[payment.settlement]
            amount = money.format_money(payment.amount_minor, self.head.currency, self.locale)
            url = url_for("payments.show", reference=payment.reference)
            rows.append((icon, words.format(amount), url, payment.decided_ms or payment.sent_ms))
        return rows

    @property
    def paid_elsewhere(self) -> list[str]:
        known = [(payment.amount_minor, payment) for payment in reversed(self.elsewhere)]
        rest = self.head.paid_elsewhere_minor - sum(minor for minor, _payment in known)
        amounts = [*known, *([(rest, None)] if rest > 0 and not self.is_credit else [])]
        currency, locale = self.head.currency, self.locale
        return [
            self.elsewhere_text(f"Paid elsewhere: {money.format_money(minor, currency, locale)}", payment)
            for minor, payment in amounts
        ]

    def elsewhere_text(self, what: str, payment) -> str:
        """`what`, with the date and the reference if the books have them."""
        if payment is None:
            return what
        day = format_day(payment.paid_on, self.locale) if payment.paid_on else ""
        if not day and payment.recorded_ms:
            day = f"recorded {format_day(today(from_ms(payment.recorded_ms), company().time_zone), self.locale)}"
        return ", ".join(filter(None, (what, day, payment.reference)))

    def amount(self, minor: int) -> str:
        return money.format_amount(minor, self.head.currency, self.locale)

    def quantity(self, text: str) -> str:
        return decimal_text(text, self.locale, 0)

    def rate(self, text: str) -> str:
        return decimal_text(text, self.locale, money.exponent(self.head.currency))


def decimal_text(text: str, locale: str, decimals: int) -> str:
    """Decimal text in the reader's format with at least `decimals` decimals. Text that is no number stays unchanged."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or value.adjusted() >= MAX_WHOLE or value.as_tuple().exponent < -MAX_DECIMALS:
        return text
    pattern = "#,##0." + "0" * decimals + "#" * (MAX_DECIMALS - decimals)
    return format_decimal(value, format=pattern, locale=locale, decimal_quantization=False)
