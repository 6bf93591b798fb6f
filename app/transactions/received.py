"""Payments received by check, bank transfer or in cash, which an administrator records, corrects and removes.

Each change is one transaction with the invoices locked. A customer who pays online at the same time is asked again, so
that nothing is paid twice.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.clock import to_ms
from app.models import Allocation, Audit, Customer, Invoice, PaymentElsewhere, ReceivedPayment, one_transaction
from app.models.audit import Actor
from app.money import plain_amount
from app.transactions.documents import Stale

METHODS = {
    ReceivedPayment.CHECK: "Check",
    ReceivedPayment.TRANSFER: "Bank transfer",
    ReceivedPayment.CASH: "Cash",
    ReceivedPayment.OTHER: "Other",
}


class Problem(NamedTuple):
    """Why an invoice can't be paid: less than the amount is open, an online payment is under way, or the books have a
    payment of the same amount, which may be this one."""

    open_minor: int
    is_paying: bool
    is_in_books: bool


class CannotRecord(Exception):
    """The payment can't be recorded. `problems` is {public id of the invoice: Problem}. `may_be_duplicate` is True if a
    payment like it is recorded already."""

    def __init__(self, problems: dict[str, Problem], *, may_be_duplicate: bool = False):
        self.problems, self.may_be_duplicate = problems, may_be_duplicate
        super().__init__("not recorded")


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """The data of a payment. `parts` is {invoice id: minor units}, all above zero, of invoices in `currency`."""

    received_on: date
    method: str
    reference: str
    currency: str
    parts: dict[int, int]

    @property
    def amount_minor(self) -> int:
        return sum(self.parts.values())

    @property
    def method_and_reference(self) -> str:
        return " ".join(filter(None, (METHODS[self.method], self.reference)))

    @property
    def columns(self) -> dict:
        return {
            "received_on": self.received_on,
            "method": self.method,
            "reference": self.reference,
            "currency": self.currency,
            "amount_minor": self.amount_minor,
        }


@one_transaction
def record(
    customer: Customer, details: PaymentDetails, actor: Actor, public_id: str, *, is_confirmed_different: bool
) -> ReceivedPayment:
    """`is_confirmed_different` skips the checks for a duplicate among recorded payments and those in the books. Raises
    CannotRecord, and IntegrityError if a payment has this public id."""
    allocate(customer.id, {}, details, is_confirmed_different)
    if not is_confirmed_different and has_similar_payment(customer, details):
        raise CannotRecord({}, may_be_duplicate=True)
    payment = ReceivedPayment.create(
        public_id=public_id,
        customer=customer,
        actor=actor.email,
        recorded_ms=to_ms(actor.now),
        **details.columns,
    )
    insert_parts(payment, details)
    note(payment, customer, "recorded", actor, amount=total_of(details), how=details.method_and_reference)
    return payment


def has_similar_payment(customer: Customer, details: PaymentDetails) -> bool:
    """True if the customer has a payment with the same day, amount, method and reference."""
    alike = ReceivedPayment.of_day(customer, details.received_on, details.amount_minor, details.currency)
    return (details.method, details.reference.casefold()) in {(one.method, one.reference.casefold()) for one in alike}


@one_transaction
def change(
    payment: ReceivedPayment, details: PaymentDetails, version: str, actor: Actor, *, is_confirmed_different: bool
) -> bool:
    """False if nothing differed. Raises CannotRecord, Stale."""
    current = locked_payment(payment, version)
    before = details_of(current)
    if before == details:
        return False
    allocate(current.customer_id, before.parts, details, is_confirmed_different)
    PaymentElsewhere.delete().where(PaymentElsewhere.received_payment == current.id).execute()
    ReceivedPayment.update(version=current.version + 1, **details.columns).where(
        ReceivedPayment.id == current.id
    ).execute()
    insert_parts(current, details)
    was, to = (f"{total_of(one)}, {one.method_and_reference}, {one.received_on}" for one in (before, details))
    note(current, current.customer, "changed", actor, was=was, to=to, version=current.version + 1)
    return True


@one_transaction
def remove(payment: ReceivedPayment, version: str, actor: Actor) -> None:
    """Remove the payment, so that its amounts are open again. Raises Stale."""
    current = locked_payment(payment, version)
    before = details_of(current)
    add_paid_elsewhere(before.parts, -1)
    PaymentElsewhere.delete().where(PaymentElsewhere.received_payment == current.id).execute()
    note(current, current.customer, "removed", actor, amount=total_of(before), how=before.method_and_reference)
    current.delete_instance()


def locked_payment(payment: ReceivedPayment, version: str) -> ReceivedPayment:
    current = ReceivedPayment.locked(payment.id)
    if current is None or str(current.version) != version:
        raise Stale
    return current


def details_of(payment: ReceivedPayment) -> PaymentDetails:
    parts = {part.invoice_id: part.amount_minor for part in payment.parts}
    return PaymentDetails(payment.received_on, payment.method, payment.reference, payment.currency, parts)


def allocate(customer_id: int, before: dict[int, int], details: PaymentDetails, is_confirmed_different: bool) -> None:
    """Lock the invoices, check that each part is still open, and replace the parts `before` with those of `details`.
    Raises CannotRecord, also for a part that the books may have already, unless `is_confirmed_different`."""
    add_paid_elsewhere(before, -1, also=list(details.parts))
    invoices = {one.id: one for one in Invoice.with_ids(customer_id, details.currency, list(details.parts))}
    problems = {}
    paying = Allocation.being_paid(list(details.parts))
    in_books = {} if is_confirmed_different else PaymentElsewhere.in_books(list(invoices.values()))
    for invoice_id, minor in details.parts.items():
        invoice, was_minor = invoices[invoice_id], before.get(invoice_id, 0)
        is_paying = invoice_id in paying and minor > was_minor
        is_in_books = minor in in_books.get(invoice_id, ()) and minor != was_minor
        if minor > invoice.open_minor or is_paying or is_in_books:
            problems[invoice.public_id] = Problem(invoice.open_minor, is_paying, is_in_books)
    if problems:
        raise CannotRecord(problems)
    add_paid_elsewhere(details.parts, 1)


def add_paid_elsewhere(parts: dict[int, int], sign: int, also: list[int] = ()) -> None:
    # Locks the invoices in the same order as checkout does.
    ids = sorted({*parts, *also})
    Invoice.lock(ids)
    for invoice_id, minor in parts.items():
        paid = Invoice.paid_elsewhere_minor + sign * minor
        Invoice.update(paid_elsewhere_minor=paid).where(Invoice.id == invoice_id).execute()
    Invoice.recount(ids)


def insert_parts(payment: ReceivedPayment, details: PaymentDetails) -> None:
    PaymentElsewhere.insert_many(
        [
            {
                "invoice": invoice_id,
                "customer": payment.customer_id,
                "amount_minor": minor,
                "paid_on": details.received_on,
                "listed_on": details.received_on,
                "reference": details.method_and_reference,
                "recorded_ms": payment.recorded_ms,
                "received_payment": payment.id,
            }
            for invoice_id, minor in details.parts.items()
        ]
    ).execute()


def total_of(details: PaymentDetails) -> str:
    return plain_amount(details.amount_minor, details.currency)


def note(payment: ReceivedPayment, customer: Customer, what: str, actor: Actor, **facts) -> None:
    Audit.write_by(actor, f"received_{what}", f"received:{payment.public_id}", customer=customer.number, **facts)
