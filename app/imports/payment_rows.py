"""Reads rows of a file as payments received: one row for each payment and invoice; rows with the same reference are
one payment."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from app.imports.csv_reader import Progress
from app.imports.customer_finder import CustomerFinder
from app.imports.parsing import Values
from app.imports.payment_columns import METHODS
from app.imports.report import FileProblem, quote
from app.imports.staging import StagingTable, execute
from app.imports.table import Table
from app.models import Invoice
from app.transactions.received import METHODS as TITLES
from app.transactions.received import PaymentDetails

MAX_ROWS = 20_000
TOO_MANY = f"The file has more than {MAX_ROWS:,} payments. Split it into several files."


class Part(NamedTuple):
    row: int
    number: str
    minor: int


@dataclass(frozen=True, slots=True)
class FilePayment:
    """A payment in the file, with a part for each invoice."""

    customer_id: int
    customer_number: str
    received_on: date
    method: str
    reference: str
    currency: str
    parts: list[Part] = field(default_factory=list)

    @property
    def row(self) -> int:
        return self.parts[0].row

    @property
    def amount_minor(self) -> int:
        return sum(part.minor for part in self.parts)

    @property
    def key(self) -> tuple:
        return self.customer_id, self.received_on, self.method, self.reference, self.currency

    @property
    def method_and_reference(self) -> str:
        return " ".join(filter(None, (TITLES[self.method], self.reference)))

    def details(self, ids: dict[tuple[int, str], Invoice]) -> PaymentDetails:
        parts = {ids[self.customer_id, part.number].id: part.minor for part in self.parts}
        return PaymentDetails(self.received_on, self.method, self.reference, self.currency, parts)


class PaymentReader:
    """Reads the rows of `table`. `currency` is for rows that name none; without it, the invoice's currency is used.
    Payments after `today` are not possible."""

    def __init__(self, table: Table, values: Values, customers: CustomerFinder, currency: str, today: date):
        self.table, self.values, self.customers, self.today = table, values, customers, today
        self.currency, self.problems, self.title = currency, values.problems, table.title
        self.payments: list[FilePayment] = []

    def read(self, progress: Progress) -> None:
        rows = []
        for row, cells in self.wanted(progress):
            self.values.row = row
            rows.append((row, cells, self.customers.find(cells, False)))
        invoices = named_invoices({(found[0], cells.number) for _row, cells, found in rows if found})
        together: dict[tuple, FilePayment] = {}
        for row, cells, customer in rows:
            self.values.row = row
            before = self.problems.count
            known = invoices.get((customer[0], cells.number)) if customer else None
            payment, part = self.payment(row, cells, customer or (0, ""), known.currency if known else "")
            if not customer or self.problems.count != before:
                continue
            one = together.setdefault(payment.key if payment.reference else (row,), payment)
            if any(other.number == part.number for other in one.parts):
                self.problems.add(
                    row,
                    self.title("number"),
                    f"{quote(part.number)} is in another row of the same payment. Keep one of them, with the sum.",
                )
            one.parts.append(part)
        self.payments = list(together.values())

    def wanted(self, progress: Progress) -> list[tuple[int, Any]]:
        """The rows, without payments of which a row is left out."""
        rows = []
        for row, cells in self.table.rows(self.problems):
            rows.append((row, cells))
            if len(rows) > MAX_ROWS:
                raise FileProblem(TOO_MANY)
            progress.row(row, self.table.source)
        left_out = {
            self.payment_in_file(row, cells) for row, cells in rows if row in self.table.source.corrected.left_out
        }
        return [(row, cells) for row, cells in rows if self.payment_in_file(row, cells) not in left_out]

    def payment_in_file(self, row: int, cells: Any) -> tuple:
        """The cells that all rows of a payment share, as written."""
        shared = (cells.customer, cells.customer_name, cells.received_on, cells.method, cells.reference, cells.currency)
        return shared if cells.reference else (row,)

    def payment(self, row: int, cells: Any, customer: tuple[int, str], known: str) -> tuple[FilePayment, Part]:
        values, title = self.values, self.title
        iso = values.date(cells.received_on, title("received_on")) if cells.received_on else ""
        received_on = date.fromisoformat(iso) if iso else date.min
        if not cells.received_on:
            values.report(title("received_on"), "is empty. Write the day on which it was received.")
        elif received_on > self.today:
            values.report(title("received_on"), f"{quote(cells.received_on)} is in the future.")
        method = METHODS.get(cells.method.casefold(), "")
        if not method:
            values.report(title("method"), f"{quote(cells.method)} is none of {', '.join(TITLES.values())}.")
        if not values.identifier(cells.number, title("number")):
            values.report(title("number"), "is empty. A payment names the invoice that it pays; write a row for each.")
        currency = cells.currency or self.currency or known
        code = values.currency(currency, title("currency")) if currency else ""
        minor = values.amount(cells.amount, code, title("amount")) if code else 0
        if not cells.amount or (code and minor <= 0 and cells.amount.strip("0., ") == ""):
            values.report(title("amount"), "is empty or zero. Write what was received.")
        elif minor < 0:
            values.report(
                title("amount"),
                f"{quote(cells.amount)} is below zero. Money that went back is no payment: leave it out.",
            )
        return FilePayment(*customer, received_on, method, cells.reference, code), Part(row, cells.number, minor)


def named_invoices(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Invoice]:
    """The invoices with these (customer id, number) pairs."""
    table = StagingTable("named_invoice", {"customer_id": "BIGINT", "number": "TEXT"})
    for pair in pairs:
        table.add(pair)
    table.flush()
    ids = [
        id_
        for (id_,) in execute(
            "SELECT i.id FROM named_invoice n JOIN invoice i"
            " ON i.customer_id = n.customer_id AND i.kind = 'invoice' AND i.number = n.number"
        )
    ]
    found: dict[tuple[int, str], Invoice] = {}
    for start in range(0, len(ids), 1_000):
        some = Invoice.select().where(Invoice.id.in_(ids[start : start + 1_000]))
        found |= {(one.customer_id, one.number): one for one in some}
    return found


def all_parts(payments: list[FilePayment]) -> Iterator[tuple[FilePayment, Part]]:
    for payment in payments:
        for part in payment.parts:
            yield payment, part
