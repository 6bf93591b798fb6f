"""Rows of a file as invoices and credit memos: one row a line, grouped by number, each checked."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app import money
from app.imports.amount_columns import mark
from app.imports.csv_reader import Progress
from app.imports.customer_lookup import CustomerFinder, XeroContacts
from app.imports.dates import days_of, due_on
from app.imports.invoice_columns import (
    CREDIT_TYPES,
    DRAFT_STATUSES,
    IDENTITY_FIELDS,
    INVOICE_TYPES,
    LINE_FIELDS,
    LINE_NAMES,
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
from app.imports.portal_payments import REST
from app.imports.report import quote
from app.imports.staged_invoices import Books, Ids, Key, Line, Payment
from app.imports.table import Table
from app.imports.total_rows import TotalLines
from app.models import Invoice

RATE = re.compile(r"\d{1,9}(?:[.,]\d{1,15})?", re.ASCII)
NEGATIVE = {
    "paid": ": money went back. Write what is still paid after that.",
    "due": ": more is paid and credited than the total. Write the surplus as a credit memo of its own.",
}
SETTLED_FIELDS = ("paid", "credits", "due")
NO_PAYMENT = Payment()
NO_IDS = Ids()
ONE_SIGN = "has another sign than the total. All amounts of a credit memo have one sign."


@dataclass(slots=True)
class Head:
    """The cells of the first row of a document, of which its other rows share those before the line's."""

    row: int
    cells: Any
    shared: tuple[str, ...]
    books: Books | None = None
    key: Key | None = None
    sign: int = 1
    currency: str = ""
    lines: list[Line] = field(default_factory=list)
    beside_lines: tuple[tuple[str, int], ...] = ()
    says_due: bool = False
    says_open: bool = False


class InvoiceReader:
    """Stages the rows of `table`, whose columns end with LINE_COLUMNS, as documents for `upsert`.

    `heading_currencies` are those that headings name, by field. `customers` finds the customer of a row, and `bill_to`
    gives the address of one.
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
    ):
        self.table, self.values, self.problems, self.upsert = table, values, values.problems, upsert
        self.default_currency, self.customers, self.bill_to = currency, customers, bill_to
        self.title = {column.field: title for column, title in zip(table.columns, table.titles, strict=True)}
        self.heading_currencies = heading_currencies
        self.has_rate, self.has_payment = table.has("exchange_rate"), table.has(*PAYMENT_FIELDS)
        self.has_beside_lines = table.has("shipping", "discount")
        self.tells_paid = table.has("paid", "credits", "due")
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
                head = self.start(Head(row, cells, shared))
            if head.books and any(cells[-LINE_FIELDS:]):
                head.lines.append(self.line(cells, head))
                self.total_lines.add_line(head.sign * head.lines[-1].amount_minor)
        self.stage(head)
        self.upsert.finish()

    def continues(self, head: Head, cells: Any, shared: tuple[str, ...]) -> bool:
        # Whether a row with other cells belongs to the document above. It does when it has its number,
        # customer, type and status, or leaves them out. What else it contradicts is reported.
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

    def stage(self, head: Head | None) -> None:
        if head is not None and head.books and head.key:
            if head.lines:
                head.lines += [Line(name, "", "", minor) for name, minor in head.beside_lines if minor]
            payment = self.payment(head.cells) if self.has_payment else NO_PAYMENT
            ids = self.ids(head.cells)
            self.upsert.add(head.row, head.key, head.books, head.lines, ids, payment, head.says_due, head.says_open)

    def start(self, head: Head) -> Head:
        cells, before = head.cells, self.problems.count
        kind = self.kind(cells.type, cells.total)
        if kind is None or self.is_left_out(cells.status):
            return head
        self.values.identifier(cells.number, self.title["number"])
        if not cells.number:
            self.values.report(self.title["number"], "is empty. Every document has its number.")
        is_void = cells.status.casefold() in VOID_STATUSES
        customer = self.customers.find(cells, is_void)
        if is_void:
            self.left_out["voided"] += 1
            if customer and cells.number:
                self.upsert.add_void(head.row, Key(*customer, kind, cells.number), self.ids(cells))
            return head
        books = self.books(head, kind)
        if customer and self.problems.count == before:
            head.key, head.books = Key(*customer, kind, cells.number), books
            self.total_lines.add_document(head.sign * books.total_minor)
        return head

    def ids(self, cells: Any) -> Ids:
        return Ids(cells.internal_id, cells.external_id) if self.upsert.with_ids else NO_IDS

    def kind(self, text: str, total: str) -> str | None:
        """invoice or credit_memo; None when this is left out or is nothing we know."""
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
        # Drafts are the company's own business.
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

    def books(self, head: Head, kind: str) -> Books:
        values, title, cells = self.values, self.title, head.cells
        code = cells.currency or self.default_currency
        currency = values.currency(code, title["currency"]) if code or self.table.has("currency") else ""
        issued, due = self.dates(kind, cells.issued_on, cells.due_on, cells.terms)
        head.currency = currency
        self.check_currencies(currency, cells)
        if not cells.total:
            values.report(title["total"], "is empty. Write what the document comes to, tax included.")
        total = values.amount(cells.total, currency, title["total"])
        if total < 0 and kind == Invoice.CREDIT_MEMO:
            head.sign, total = -1, -total
        elif total < 0:
            values.report(
                title["total"], f"{quote(cells.total)} is negative. If it is a credit, write Credit Memo as its type."
            )
        tax = self.positive(head, cells.tax, "tax") if cells.tax else 0
        before = self.problems.count
        paid, credits = self.settled(head, total)
        if self.problems.count == before:
            self.check_rate(currency, cells)
        head.says_due, status = bool(cells.due), cells.status.casefold()
        head.says_open = not (
            cells.paid or cells.credits or cells.due or status in PAID_STATUSES or status in UNCLEAR_STATUSES
        )
        if self.has_beside_lines:
            head.beside_lines = self.beside_lines(head)
        return Books(
            currency,
            issued,
            due,
            cells.terms,
            cells.po_number,
            cells.memo,
            self.bill_to(cells),
            total,
            tax,
            paid,
            credits,
        )

    def check_currencies(self, currency: str, cells: Any) -> None:
        for name, code in self.heading_currencies.items():
            if currency and code != currency and name not in LINE_NAMES and getattr(cells, name):
                self.values.report(
                    self.title[name],
                    f"is in {code}, but {self.title['currency']} is {currency}. "
                    "Export the amounts in the currency of the document.",
                )

    def check_rate(self, currency: str, cells: Any) -> None:
        # With a rate, and a Total whose heading names no currency, amounts may be in the home currency.
        text = cells.exchange_rate if self.has_rate else ""
        is_one = RATE.fullmatch(text) and Decimal(text.replace(",", ".")) == 1
        if text and not is_one and not mark(self.title["total"])[0]:
            rate, total = self.title["exchange_rate"], self.title["total"]
            self.values.report(
                rate,
                f"is {quote(text)}, so {total} may be in your own currency instead of "
                f"{currency or 'that of the document'}. Export the columns “… (Foreign "
                f"Currency)”; or, if all amounts are in the currency of the document, leave the "
                f'rate out: --map "{quote(rate)[1:-1]}="',
            )

    def is_at_rate(self, minor: int, total: int, cells: Any) -> bool:
        text = cells.exchange_rate if self.has_rate else ""
        if minor < 2 or not RATE.fullmatch(text) or not (rate := Decimal(text.replace(",", "."))):
            return False
        return rate != 1 and min(abs(minor - total * rate), abs(minor - total / rate)) <= 1

    def beside_lines(self, head: Head) -> tuple[tuple[str, int], ...]:
        cells = head.cells
        shipping = self.values.amount(cells.shipping, head.currency, self.title["shipping"])
        discount = self.values.amount(cells.discount, head.currency, self.title["discount"])
        return ("Shipping", head.sign * shipping), ("Discount", -abs(discount))

    def payment(self, cells: Any) -> Payment:
        # A date that can't be read is part of the reference: nothing depends on it.
        day = self.values.date_if_clear(cells.paid_on) if cells.paid_on else ""
        parts = (cells.payment_method, cells.payment_reference, "" if day else cells.paid_on)
        return Payment(day or None, " ".join(filter(None, parts))[:255])

    def dates(self, kind: str, issued: str, due: str, terms: str) -> tuple[str, str | None]:
        """ISO dates; no due date when the file has no column for it and no terms, so that a known one stays."""
        if not issued:
            self.values.report(self.title["issued_on"], "is empty. Every document has its date.")
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
            self.without_due += 1
            return issued if self.table.has("due_on") else None
        if days_of(due or terms) is None:
            self.values.report(
                self.title["due_on"],
                f"is empty, and the terms {quote(terms)} don't say in how many days it is due. Write the date.",
            )
            return issued
        self.due_by_terms += 1
        return due_on(due or terms, issued)

    def notes(self) -> list[str]:
        found = []
        if self.due_by_terms:
            found.append(f"Due dates that were calculated from the terms: {self.due_by_terms:,}.")
        if self.without_due:
            found.append(
                f"Invoices without a due date or terms, which are due on their own date: {self.without_due:,}."
            )
        return found

    def positive(self, head: Head, text: str, name: str) -> int:
        amount = head.sign * self.values.amount(text, head.currency, self.title[name])
        if amount < 0:
            why = f"is negative{NEGATIVE.get(name, '.')}" if head.sign > 0 else ONE_SIGN
            self.values.report(self.title[name], f"{quote(text)} {why}")
        return amount

    def settled(self, head: Head, total: int) -> tuple[int | None, int | None]:
        """(paid elsewhere, credited). Two of paid, credits and due give the third; Paid alone is paid in full.

        Both are None when the file has none of them, and REST is paid when only the status says so.
        """
        cells = head.cells
        if total < 0:
            return 0, 0
        is_paid = cells.status.casefold() in PAID_STATUSES
        if not (cells.paid or cells.credits or cells.due):
            unsaid = 0 if self.tells_paid and self.table.source.origin.states_balances else None
            if PARTIAL_STATUS.fullmatch(cells.status):
                self.values.report(
                    self.title["status"],
                    f"{quote(cells.status)} doesn't say how much was paid. Add a "
                    "column Amount due to the file, with what is open.",
                )
            return (REST if is_paid else unsaid), unsaid
        before = self.problems.count
        paid = self.positive(head, cells.paid, "paid") if cells.paid else 0
        credits = self.positive(head, cells.credits, "credits") if cells.credits else 0
        due = self.positive(head, cells.due, "due") if cells.due else 0
        for name, minor in (("paid", paid), ("due", due)):
            if self.is_at_rate(minor, total, cells):
                self.values.report(
                    self.title[name],
                    f"is {self.title['total']} at the {self.title['exchange_rate']} "
                    "of the row, so it is in another currency. Export both in one.",
                )
        if self.problems.count > before:
            return paid, credits
        if cells.due and not cells.paid:
            paid = total - credits - due
        elif cells.due and not cells.credits:
            credits = total - paid - due
        left = total - paid - credits
        if paid < 0 or credits < 0 or left < 0 or (cells.due and left != due):
            self.report_wrong_sum(total, head)
        elif is_paid and left and not cells.paid and not cells.due:
            return REST, credits
        elif is_paid and left:
            self.values.report(
                self.title["status"],
                f"{quote(cells.status)} does not go with {money.to_decimal(left, head.currency)} left to pay.",
            )
        return paid, credits

    def report_wrong_sum(self, total: int, head: Head) -> None:
        if not head.currency:
            return
        given = [f"{self.title[name]} {text}" for name in SETTLED_FIELDS if (text := getattr(head.cells, name))]
        written = money.to_decimal(total, head.currency)
        if head.cells.due:
            given_all = ", ".join(given)
            reason = f"{written} does not go with {given_all}: what is paid, credited and due must add up to the total."
        else:
            reason = f"{' and '.join(given)} is more than the total, {written}."
        self.values.report(self.title["total"], reason)

    def line(self, cells: Any, head: Head) -> Line:
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
        return Line(cells.description, quantity, price, amount)
