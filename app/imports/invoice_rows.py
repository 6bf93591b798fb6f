"""Reads rows of a file as invoices and credit memos: one row per line, grouped by number, each checked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app import money
from app.imports.csv_reader import Progress
from app.imports.customer_finder import CustomerFinder
from app.imports.invoice_amounts import InvoiceAmounts
from app.imports.invoice_columns import (
    CREDIT_TYPES,
    DRAFT_STATUSES,
    IDENTITY_FIELDS,
    INVOICE_TYPES,
    LINE_FIELDS,
    OTHER_TYPES,
    PAID_STATUSES,
    PARTIAL_STATUS,
    PAYMENT_FIELDS,
    UNCLEAR_STATUSES,
    VALID_STATUSES,
    VOID_STATUSES,
)
from app.imports.invoice_upsert import InvoiceUpsert
from app.imports.parsing import Values
from app.imports.report import quote
from app.imports.staged_invoices import DocumentValues, Ids, Key, Payment, StagedLine
from app.imports.table import Table
from app.imports.total_rows import TotalLines
from app.imports.xero_contacts import XeroContacts
from app.models import Invoice
from app.terms import days_of, due_date

NO_PAYMENT = Payment()
NO_IDS = Ids()


@dataclass(slots=True)
class DocumentRows:
    """The rows of a document: the cells of its first row, and all `rows` so far. Its other rows share the cells
    before those of the line."""

    row: int
    cells: Any
    shared: tuple[str, ...]
    rows: list[int] = field(default_factory=list)
    books: DocumentValues | None = None
    key: Key | None = None
    sign: int = 1
    currency: str = ""
    lines: list[StagedLine] = field(default_factory=list)
    beside_lines: tuple[tuple[str, int], ...] = ()
    says_due: bool = False
    says_open: bool = False
    is_left_out: bool = False


class InvoiceReader:
    """Stages the rows of `table`, whose columns end with LINE_COLUMNS, as documents for `upsert`.

    `heading_currencies` are the currencies that headings name, by field. `customers` finds a row's customer, and
    `bill_to` returns the billing address of a row. Payments after `today` are not possible.
    """

    def __init__(
        self,
        table: Table,
        values: Values,
        upsert: InvoiceUpsert,
        customers: CustomerFinder | XeroContacts,
        bill_to: Callable[[Any], str],
        currency: str,
        heading_currencies: dict[str, str],
        today: date,
    ):
        self.table, self.values, self.problems, self.upsert = table, values, values.problems, upsert
        self.default_currency, self.customers, self.bill_to = currency, customers, bill_to
        table.on_unread = upsert.add_unread
        self.title = {column.field: title for column, title in zip(table.columns, table.titles, strict=True)}
        self.amounts = InvoiceAmounts(table, values, self.title, heading_currencies)
        self.has_payment, self.has_beside_lines = table.has(*PAYMENT_FIELDS), table.has("shipping", "discount")
        # In the time zone of the books, it may already be tomorrow.
        self.last_day = (today + timedelta(days=1)).isoformat()
        self.left_out: Counter[str] = Counter()
        self.total_lines = TotalLines()
        self.due_before_issue = self.due_by_terms = self.without_due = 0

    def read(self, progress: Progress) -> None:
        head = None
        for row, cells in self.table.rows(self.problems):
            shared = cells[:-LINE_FIELDS]
            self.values.row = row
            progress.row(row, self.table.source)
            if text := self.total_lines.text_of(cells, head):
                self.table.left_out.append((row, text))
                continue
            if head is None or (shared != head.shared and not self.continues(head, cells, shared)):
                self.stage(head)
                head = DocumentRows(row, cells, shared)
                if row not in self.table.source.corrected.left_out:
                    self.start(head)
            head.rows.append(row)
            if row in self.table.source.corrected.left_out:
                head.books, head.is_left_out = None, True
            if head.books and any(cells[-LINE_FIELDS:]):
                head.lines.append(self.line(cells, head))
                self.total_lines.add_line(head.sign * head.lines[-1].amount_minor)
        self.stage(head)
        self.upsert.finish()

    def continues(self, head: DocumentRows, cells: Any, shared: tuple[str, ...]) -> bool:
        """True if a row with other cells belongs to the document above. It does if it has the same number, customer,
        type and status, or leaves them empty. Other contradictions are reported."""
        first = head.cells
        if cells.number not in ("", first.number) or cells.customer not in ("", first.customer):
            return False
        if not cells.number and any(shared[IDENTITY_FIELDS:]):
            return False  # a document whose number was forgotten, rather than a line of the one above
        if cells.type not in ("", first.type) or cells.status not in ("", first.status):
            return False
        for name, cell, cell_above in zip(cells._fields, shared, head.shared, strict=False):
            if head.books and cell not in ("", cell_above) and name not in PAYMENT_FIELDS:
                self.values.report(
                    self.title[name],
                    f"{quote(cell)} is not what row {head.row:,} says for the same "
                    f"{quote(first.number)}: {quote(cell_above)}.",
                )
        return True

    def stage(self, head: DocumentRows | None) -> None:
        if head is not None and head.is_left_out:
            self.problems.forget(set(head.rows))
        if head is not None and head.books and head.key:
            if head.lines:
                head.lines += [StagedLine(name, "", "", minor) for name, minor in head.beside_lines if minor]
            payment = self.payment(head.cells) if self.has_payment else NO_PAYMENT
            ids = self.ids(head.cells)
            self.upsert.add(head.row, head.key, head.books, head.lines, ids, payment, head.says_due, head.says_open)
        elif head is not None and head.cells.number:
            self.upsert.add_unread(head.cells.number)

    def start(self, head: DocumentRows) -> None:
        cells, before = head.cells, self.problems.count
        kind = self.kind(cells.type, cells.total)
        if kind is None or self.is_left_out(cells.status):
            return
        self.values.identifier(cells.number, self.title["number"])
        if not cells.number:
            self.values.report(self.title["number"], "is empty. Every document needs a number.")
        is_void = cells.status.casefold() in VOID_STATUSES
        customer = self.customers.find(cells, is_void)
        if is_void:
            self.left_out["voided"] += 1
            if customer and cells.number:
                self.upsert.add_void(head.row, Key(*customer, kind, cells.number), self.ids(cells))
            return
        books = self.books(head, kind)
        if self.has_payment and cells.paid_on and self.values.date_if_clear(cells.paid_on) > self.last_day:
            self.values.report(
                self.title["paid_on"],
                f"{quote(cells.paid_on)} is in the future. Write the day on which the payment was received.",
            )
        if customer and self.problems.count == before:
            head.key, head.books = Key(*customer, kind, cells.number), books
            self.total_lines.add_document(head.sign * books.total_minor)

    def ids(self, cells: Any) -> Ids:
        return Ids(cells.internal_id, cells.external_id) if self.upsert.with_ids else NO_IDS

    def kind(self, text: str, total: str) -> str | None:
        """invoice or credit_memo; None if the row is left out or the type is unknown."""
        name = text.casefold().replace("_", " ")
        if name in CREDIT_TYPES or (name == "accrec" and total.startswith("-")):
            return Invoice.CREDIT_MEMO
        if name in INVOICE_TYPES:
            return Invoice.INVOICE
        if name in OTHER_TYPES:
            self.left_out[f"of type {text}"] += 1
        else:
            self.values.report(self.title["type"], f"{quote(text)} is not a type. Write Invoice or Credit Memo.")
        return None

    def is_left_out(self, text: str) -> bool:
        # Customers must not see drafts.
        status = text.casefold()
        if status in VALID_STATUSES or status in VOID_STATUSES or PARTIAL_STATUS.fullmatch(status):
            return False
        if status in DRAFT_STATUSES:
            self.left_out["not approved yet"] += 1
        else:
            self.values.report(
                self.title["status"],
                f"{quote(text)} is not a status. Write Open, Paid, Draft or Voided, or leave it empty.",
            )
        return True

    def books(self, head: DocumentRows, kind: str) -> DocumentValues:
        values, title, cells, amounts = self.values, self.title, head.cells, self.amounts
        code = cells.currency or self.default_currency
        currency = values.currency(code, title["currency"]) if code or self.table.has("currency") else ""
        issued, due = self.dates(kind, cells.issued_on, cells.due_on, cells.terms)
        head.currency = currency
        amounts.check_currencies(cells, currency)
        head.sign, total = amounts.total(cells, currency, kind)
        tax = amounts.positive(cells.tax, "tax", currency, head.sign) if cells.tax else 0
        before = self.problems.count
        paid, credits = amounts.settled(cells, currency, head.sign, total)
        if self.problems.count == before:
            amounts.check_rate(cells, currency)
        head.says_due, status = bool(cells.due), cells.status.casefold()
        head.says_open = not (
            cells.paid or cells.credits or cells.due or status in PAID_STATUSES or status in UNCLEAR_STATUSES
        )
        if self.has_beside_lines:
            head.beside_lines = amounts.beside_lines(cells, currency, head.sign)
        return DocumentValues(
            currency,
            issued or None,
            due or None,
            cells.terms,
            cells.po_number,
            cells.memo,
            self.bill_to(cells),
            total,
            tax,
            paid,
            credits,
        )

    def payment(self, cells: Any) -> Payment:
        # A date that can't be read becomes part of the reference. Nothing depends on it.
        day = self.values.date_if_clear(cells.paid_on) if cells.paid_on else ""
        parts = (cells.payment_method, cells.payment_reference, "" if day else cells.paid_on)
        return Payment(day or None, " ".join(filter(None, parts))[:255])

    def dates(self, kind: str, issued: str, due: str, terms: str) -> tuple[str, str | None]:
        """ISO dates. If the file has neither a due date nor terms, no due date, so that a known one stays."""
        if not issued:
            self.values.report(self.title["issued_on"], "is empty. Every document needs a date.")
        first = self.values.date(issued, self.title["issued_on"]) if issued else ""
        if kind == Invoice.CREDIT_MEMO and not due:
            last = first if self.table.has("due_on") else None
        else:
            last = self.due_date(due, first, terms)
        if last and first > last:
            self.due_before_issue += 1
        return first, last

    def due_date(self, due: str, issued: str, terms: str) -> str | None:
        if due and (due.isdigit() or days_of(due) is None):
            return self.values.date(due, self.title["due_on"])
        if not (due or terms):
            # Without the column, a known due date stays: see InvoiceUpsert.without_due.
            self.without_due += self.table.has("due_on")
            return issued if self.table.has("due_on") else None
        if days_of(due or terms) is None:
            self.values.report(
                self.title["due_on"],
                f"is empty, and the terms {quote(terms)} don't say in how many days it is due. Write the date.",
            )
            return issued
        self.due_by_terms += 1
        last = due_date(due or terms, date.fromisoformat(issued)) if issued else None
        return last.isoformat() if last else ""

    def notes(self) -> list[str]:
        found = []
        if self.due_by_terms:
            found.append(f"Due dates that were calculated from the terms: {self.due_by_terms:,}.")
        if without_due := self.without_due + self.upsert.without_due:
            found.append(f"Invoices without a due date or terms, which are due on their own date: {without_due:,}.")
        return found

    def line(self, cells: Any, head: DocumentRows) -> StagedLine:
        values, title = self.values, self.title
        quantity = values.decimal(cells.quantity, title["quantity"])
        price = values.decimal(cells.unit_price, title["unit_price"])
        amount = 0
        if cells.line_amount:
            amount = head.sign * values.amount(cells.line_amount, head.currency, title["line_amount"])
        elif quantity and price:
            exact = Decimal(quantity) * Decimal(price) * 10 ** money.exponent(head.currency)
            if abs(exact) > money.MAX_MINOR:
                values.report(title["quantity"], f"times {title['unit_price']} is more than an amount can be.")
                exact = Decimal(0)
            amount = head.sign * int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        return StagedLine(cells.description, quantity, price, amount)
