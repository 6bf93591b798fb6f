"""Importing payments received by check, transfer or in cash, as Accept Customer Payments records them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.clock import today
from app.imports.answers import ALL
from app.imports.columns import match
from app.imports.csv_reader import NO_CORRECTIONS, NO_PROGRESS, Corrections, Progress
from app.imports.customer_finder import CustomerFinder
from app.imports.customers import notes
from app.imports.known_payments import known_payments
from app.imports.mapping import NO_MAPPING, Mapping, heading_counter
from app.imports.parsing import Values
from app.imports.payment_columns import PAYMENT_COLUMNS
from app.imports.payment_rows import FilePayment, Part, PaymentReader, all_parts, named_invoices
from app.imports.plan import Change, ImportPlan, PlannedRow, RowOutcome
from app.imports.report import MAX_PROBLEMS, Problems, Question, Rejected, quote
from app.imports.sources import open_source
from app.models import Allocation, Company, Customer, Invoice, PaymentElsewhere, public_id
from app.models.audit import Actor
from app.money import plain_amount
from app.transactions.received import CannotRecord, record

MAX_NEW = 500  # in one transaction, which blocks payments
HINTS = {"customer": "It is the number that the customer has in the customers file."}
COUNTED = "payments that were here or in your books already, as you answered"
IN_DOUBT = "Say which: --in-doubt record, or --in-doubt leave-out."
PART_OF = "Part of the payment in row {row:,}, which can't be recorded as it is."
TOO_MANY = "The file has {count:,} new payments; the maximum is {most:,}. Split it into several files."


@dataclass(frozen=True)
class PaymentOptions:
    """How to read a file where it doesn't tell itself. `another` are unclear payments ("row 5") to record, `counted`
    are unclear payments to leave out; both may contain ALL."""

    currency: str = ""
    date_format: str | None = None
    decimal: str | None = None
    mapping: Mapping = NO_MAPPING
    another: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    most_problems: int = MAX_PROBLEMS
    corrected: Corrections = NO_CORRECTIONS
    now: datetime | None = None


def plan(path: Path, company: Company, options: PaymentOptions, *, progress: Progress = NO_PROGRESS) -> "PaymentPlan":
    """Read the payments of the file at `path`. Call it within `staging_database`. Raises FileProblem if it can't be
    read."""
    counter = heading_counter(PAYMENT_COLUMNS, also=options.mapping.headings)
    with open_source(path, counter, corrected=options.corrected) as source:
        table = match(source, PAYMENT_COLUMNS, HINTS, options.mapping)
        problems = Problems(options.most_problems, source.origin.place)
        values = Values(problems, options.date_format, decimal=options.decimal)
        values.detect_formats(table)
        finder = CustomerFinder(table, values, None)
        day = today(options.now or datetime.now(UTC), company.time_zone)
        reader = PaymentReader(table, values, finder, options.currency, day)
        reader.read(progress)
        return PaymentPlan(reader, options)


class PaymentPlan(ImportPlan):
    what = "payments"

    def __init__(self, reader: PaymentReader, options: PaymentOptions):
        self.payments, self.table, self.title, self.options = reader.payments, reader.table, reader.title, options
        self.locked: set[int] = set()
        self.read_notes = [*reader.customers.notes(), *reader.values.notes, *notes(reader.table)]
        super().__init__(reader.table.source.name, reader.problems, Counter())

    def _lock(self) -> bool:
        before, self.locked = self.locked, {invoice.id for invoice in self.invoices.values()}
        Invoice.lock(sorted(self.locked))
        return not self.locked <= before

    def _check(self) -> None:
        self.notes, self.left_out = [*self.read_notes], Counter()
        self.invoices = named_invoices({(one.customer_id, part.number) for one, part in all_parts(self.payments)})
        self.known = known_payments({one.customer_id for one in self.payments})
        before = self.problems.count
        payments = [one for one in self.payments if self.can_be_paid(one)]
        self.undecided = {one.row for one in self.payments} - {one.row for one in payments}
        self.recorded: list[FilePayment] = []
        self.open_after: dict[int, tuple[int, int]] = {}  # by the row of a part: what is open before and after it
        self.record_new(payments)
        self.new, self.unchanged = len(self.recorded), len(payments) - len(self.recorded)
        if self.new > MAX_NEW and self.problems.count == before:
            why = TOO_MANY.format(count=self.new, most=MAX_NEW)
            self.problems.add(self.payments[0].row, "", why)

    def can_be_paid(self, payment: FilePayment) -> bool:
        """True if all its invoices are here. Otherwise a problem is added."""
        before = self.problems.count
        for part in payment.parts:
            invoice = self.invoices.get((payment.customer_id, part.number))
            if invoice is None:
                self.problems.add(part.row, self.title("number"), no_invoice(payment, part))
            elif invoice.is_void:
                self.problems.add(part.row, self.title("number"), f"{quote(part.number)} is void. Leave the row out.")
            elif invoice.currency != payment.currency:
                why = (
                    f"{quote(part.number)} is in {invoice.currency}, and the payment in {payment.currency}. Correct it."
                )
                self.problems.add(part.row, self.title("currency"), why)
        return self.problems.count == before

    def record_new(self, payments: list[FilePayment]) -> None:
        ids = [one.id for one in self.invoices.values()]
        in_books: dict[int, set[int]] = {}
        paying: set[int] = set()
        every = list(self.invoices.values())
        for start in range(0, len(ids), 1_000):
            in_books |= PaymentElsewhere.in_books(every[start : start + 1_000])
            paying |= Allocation.being_paid(ids[start : start + 1_000])
        left = {one.id: one.open_minor for one in self.invoices.values()}
        for payment in [one for one in payments if not self.known.match(one, one.details(self.invoices))]:
            doubt = " ".join(filter(None, (self.known.doubt(payment), self.in_books(payment, in_books))))
            if doubt and self.is_decided(payment, doubt):
                continue
            self.recorded.append(payment)
            for part in payment.parts:
                self.take(payment, part, left, paying)

    def in_books(self, payment: FilePayment, in_books: dict[int, set[int]]) -> str:
        for part in payment.parts:
            if part.minor in in_books.get(self.invoices[payment.customer_id, part.number].id, ()):
                paid = plain_amount(part.minor, payment.currency)
                return f"your books have a payment of {paid} for {quote(part.number)}, which counts already."
        return ""

    def is_decided(self, payment: FilePayment, doubt: str) -> bool:
        """True if a payment that may already be here needs no further handling: it is left out, or a question is
        asked."""
        number = f"row {payment.row}"
        if number in self.options.counted or (ALL in self.options.counted and number not in self.options.another):
            self.left_out[COUNTED] += 1
            return True
        if number in self.options.another or ALL in self.options.another:
            return False
        why = f"{payment.method_and_reference}: {doubt} Is this another payment?"
        self.problems.add(payment.row, self.title("amount"), why, Question("another", number), IN_DOUBT)
        self.undecided.add(payment.row)
        return True

    def take(self, payment: FilePayment, part: Part, left: dict[int, int], paying: set[int]) -> None:
        invoice = self.invoices[payment.customer_id, part.number]
        before = left[invoice.id]
        left[invoice.id] = before - part.minor
        self.open_after[part.row] = before, before - part.minor
        if part.minor > before:
            open_now, paid = plain_amount(max(before, 0), payment.currency), plain_amount(part.minor, payment.currency)
            above = " after the rows above" if before != invoice.open_minor else ""
            why = f"{paid} is more than {quote(part.number)} has open{above}: {open_now}. Write that, or less."
            self.problems.add(part.row, self.title("amount"), why)
        elif invoice.id in paying:
            why = f"The customer is paying {quote(part.number)} online right now. Read the file again in some minutes."
            self.problems.add(part.row, self.title("number"), why)

    def _planned(self) -> Iterator[PlannedRow]:
        for payment, part in all_parts(self.payments):
            opened = self.open_after.get(part.row)
            changes = (Change("open_minor", *opened),) if opened else ()
            outcome = RowOutcome.NEW if opened else RowOutcome.UNCHANGED
            name = f"{payment.method_and_reference}, {payment.received_on}"
            reason = PART_OF.format(row=payment.row) if payment.row in self.undecided else ""
            outcome = self.refused if reason else outcome
            about = (part.row, payment.customer_number, "payment", part.number, outcome, changes, reason, name)
            yield PlannedRow(*about, payment.currency, part.minor)

    def _write_rest(self, actor: Actor | None) -> None:
        assert actor is not None, "A person has received a payment."
        customers = {one.id: one for one in Customer.select().where(Customer.id.in_(list(self.paying_customers)))}
        for payment in self.recorded:
            details = payment.details(self.invoices)
            try:  # what it may have been instead was asked about
                record(customers[payment.customer_id], details, actor, public_id(), is_confirmed_different=True)
            except CannotRecord as refused:
                problems = Problems()
                problems.add(payment.row, self.title("amount"), "can't be paid now. Read the file again.")
                raise Rejected(problems) from refused

    @property
    def paying_customers(self) -> set[int]:
        return {payment.customer_id for payment in self.recorded}


def no_invoice(payment: FilePayment, part: Part) -> str:
    number = quote(part.number)
    theirs = Invoice.get_or_none(Invoice.customer == payment.customer_id, Invoice.number == part.number)
    if theirs is not None:
        return f"{number} is a credit memo, and a payment pays an invoice. Correct the number."
    other = Invoice.select().where(Invoice.kind == Invoice.INVOICE, Invoice.number == part.number).first()
    if other is not None:
        whose = f"{quote(other.customer.name)} ({quote(other.customer.number)[1:-1]})"
        return f"{number} is an invoice of {whose}. Correct the number, or the customer."
    return f"This customer has no invoice {number}. Correct the number, or import the invoice first."
