"""Finds payments of a file that are already recorded, or may be."""

from collections import defaultdict

from app.imports.payment_rows import FilePayment
from app.models import PaymentElsewhere, ReceivedPayment
from app.models.base import tuples
from app.money import plain_amount
from app.transactions.received import PaymentDetails


def identity(payment: FilePayment | ReceivedPayment) -> tuple:
    reference = payment.reference.casefold()
    return payment.customer_id, payment.received_on, payment.method, reference, payment.currency


class KnownPayments:
    """The recorded payments of some customers. Each matches at most one payment of the file."""

    def __init__(self) -> None:
        self.same: dict[tuple, list[ReceivedPayment]] = defaultdict(list)
        self.alike: dict[tuple, list[ReceivedPayment]] = defaultdict(list)
        self.matched: set[int] = set()

    def add(self, payment: ReceivedPayment, parts: dict[int, int]) -> None:
        self.same[identity(payment), frozenset(parts.items())].append(payment)
        self.alike[identity(payment), payment.amount_minor].append(payment)
        if payment.reference:
            self.alike[payment.customer_id, payment.reference.casefold()].append(payment)

    def match(self, payment: FilePayment, details: PaymentDetails) -> bool:
        """True if the payment is recorded, with the same day, method, reference and parts. Match all before asking
        about any."""
        same = self.same[identity(payment), frozenset(details.parts.items())]
        if same:
            self.matched.add(same.pop().id)
            return True
        return False

    def doubt(self, payment: FilePayment) -> str:
        """The recorded payment that it may be, although something differs; or ""."""
        by_reference = self.alike[payment.customer_id, payment.reference.casefold()]  # has none without a reference
        alike = [*self.alike[identity(payment), payment.amount_minor], *by_reference]
        other = next((one for one in alike if one.id not in self.matched), None)
        if other is None:
            return ""
        known = f"{plain_amount(other.amount_minor, other.currency)} of {other.received_on}"
        if payment.reference:
            return f"a payment with this reference is here already, with other details ({known})."
        return f"a payment of the same day and amount is here already, for other invoices ({known})."


def known_payments(customer_ids: set[int]) -> KnownPayments:
    known, ids = KnownPayments(), sorted(customer_ids)
    for start in range(0, len(ids), 1_000):
        some = ReceivedPayment.customer.in_(ids[start : start + 1_000])
        parts: dict[int, dict[int, int]] = defaultdict(dict)
        of_part = (PaymentElsewhere.received_payment, PaymentElsewhere.invoice, PaymentElsewhere.amount_minor)
        for payment_id, invoice_id, minor in tuples(
            PaymentElsewhere.select(*of_part).join(ReceivedPayment).where(some)
        ):
            parts[payment_id][invoice_id] = minor
        for payment in ReceivedPayment.select().where(some).order_by(ReceivedPayment.id):
            known.add(payment, parts[payment.id])
    return known
