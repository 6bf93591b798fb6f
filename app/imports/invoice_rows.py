"""Rows of a file as invoices and credit memos: one row a line, grouped by number, each checked."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from app import money
from app.imports.amount_columns import mark
from app.imports.columns import Table
from app.imports.dates import days_of, due_on
from app.imports.invoice_columns import (
    CREDIT_TYPES,
    DRAFT_STATUSES,
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
from app.imports.parsing import Values
from app.imports.portal_payments import REST
from app.imports.report import quote
from app.imports.total_rows import SumRows
from app.models import Invoice

RATE = re.compile(r"\d{1,9}(?:[.,]\d{1,15})?", re.ASCII)
NEGATIVE = {
    "paid": ": money went back. Write what is still paid after that.",
    "due": ": more is paid and credited than the total. Write the surplus as a credit memo of its own.",
}
ONE_SIGN = "has another sign than the total. All amounts of a credit memo have one sign."


@dataclass(slots=True)
class Head:
    """The cells that all rows of one document share, and what became of them."""

    row: int
    cells: tuple[str, ...]
    books: tuple | None = None
    key: tuple | None = None
    sign: int = 1
    currency: str = ""
    lines: list[tuple] = field(default_factory=list)
    beside_lines: tuple = ()
    says_due: bool = False
    says_open: bool = False


class DocumentReader:
    """Turns the rows of `table` into documents for `intake`.

    The table's columns are, in this order: type, status, customer, number, issued_on, due_on, currency,
    po_number, terms, memo, bill_to, total, tax, paid, credits, due; the source's own; the LINE_COLUMNS columns.
    `named` are the currencies that headings name, by field. `find_customer(reader, cells)` gives
    (id or None, number), or None after it has complained.
    """

    def __init__(
        self,
        table: Table,
        values: Values,
        currency: str,
        find_customer: Callable,
        bill_to: Callable,
        named: dict[str, str] | None = None,
    ):
        self.table, self.values, self.problems = table, values, values.problems
        self.default_currency, self.find_customer, self.bill_to = currency, find_customer, bill_to
        self.title = {column.field: title for column, title in zip(table.columns, table.titles, strict=True)}
        self.named = named or {}
        self.place = {column.field: place for place, column in enumerate(table.columns)}
        self.tells_paid = table.has("paid", "credits", "due")
        self.left_out: Counter = Counter()
        self.sum_rows = SumRows()
        self.due_before_issue = self.due_by_terms = self.without_due = 0

    def read(self, intake, watch) -> None:
        """Stage every document; bad rows go to the problems."""
        head = None
        for row, cells in self.table.rows(self.problems):
            shared, line = cells[:-LINE_FIELDS], cells[-LINE_FIELDS:]
            self.values.row = row
            watch(row, self.table.source)
            if text := self.sum_rows.text_of(shared, line, head):
                self.table.left_out.append((row, text))
                continue
            if head is None or (shared != head.cells and not self.continues(head, shared)):
                self.stage(head, intake)
                head = self.start(row, shared, intake)
            if head.books and any(line):
                head.lines.append(self.line(line, head))
                self.sum_rows.add_line(head.sign * head.lines[-1][3])
        self.stage(head, intake)
        intake.finish()

    def continues(self, head: Head, shared: tuple[str, ...]) -> bool:
        """Whether a row with other cells belongs to the document above.

        It does when it has its number, customer, type and status, or leaves them out. What else it
        contradicts is reported.
        """
        number, customer = shared[3], shared[2]
        if number not in ("", head.cells[3]) or customer not in ("", head.cells[2]):
            return False
        if not number and any(shared[4:]):
            return False  # a document whose number was forgotten, rather than a line of the one above
        if shared[0] not in ("", head.cells[0]) or shared[1] not in ("", head.cells[1]):
            return False
        for column, title, cell, first in zip(self.table.columns, self.table.titles, shared, head.cells, strict=False):
            if head.books and cell not in ("", first) and column.field not in PAYMENT_FIELDS:
                self.values.complain(
                    title,
                    f"{quote(cell)} is not what row {head.row:,} says for the same "
                    f"{quote(head.cells[3])}: {quote(first)}.",
                )
        return True

    def stage(self, head: Head | None, intake) -> None:
        if head is not None and head.books:
            if head.lines:
                head.lines += [(name, "", "", minor) for name, minor in head.beside_lines if minor]
            intake.add(
                head.row, head.key, head.books, head.lines, self.payment(head.cells), head.says_due, head.says_open
            )

    def start(self, row: int, cells: tuple[str, ...], intake) -> Head:
        """The first row of a document: its cells checked, unless it is left out."""
        head, before = Head(row, cells), self.problems.count
        kind, number = self.kind(cells[0], cells[11]), cells[3]
        if kind is None or self.is_left_out(cells[1]):
            return head
        self.values.identifier(number, self.title["number"])
        if not number:
            self.values.complain(self.title["number"], "is empty. Every document has its number.")
        void = cells[1].casefold() in VOID_STATUSES
        customer = self.find_customer(self, cells, void)
        if void:
            self.left_out["voided"] += 1
            if customer and number:
                intake.void(row, (*customer, kind, number))
            return head
        books = self.books(head, kind, cells)
        if self.problems.count == before:
            head.key, head.books = (*customer, kind, number), books
            self.sum_rows.add_document(head.sign * books[7])
        return head

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
            self.values.complain(self.title["type"], f"{quote(text)} is not a type. Write Invoice or Credit Memo.")
        return None

    def is_left_out(self, text: str) -> bool:
        """Drafts are the company's own business; an unknown status is reported."""
        status = text.casefold()
        if status in VALID_STATUSES or status in VOID_STATUSES or PARTIAL_STATUS.fullmatch(status):
            return False
        if status in DRAFT_STATUSES:
            self.left_out["not approved yet"] += 1
        else:
            self.values.complain(
                self.title["status"],
                f"{quote(text)} is not a status. Write Open, Paid, Draft or Voided, or leave it empty.",
            )
        return True

    def books(self, head: Head, kind: str, cells: tuple[str, ...]) -> tuple:
        """The columns of the books, in the order of invoice_intake.BOOKS."""
        values, title = self.values, self.title
        code = cells[6] or self.default_currency
        currency = values.currency(code, title["currency"]) if code or self.table.has("currency") else ""
        issued, due = self.dates(kind, cells[4], cells[5], cells[8])
        head.currency = currency
        self.check_currencies(currency, cells)
        if not cells[11]:
            values.complain(title["total"], "is empty. Write what the document comes to, tax included.")
        total = values.amount(cells[11], currency, title["total"])
        if total < 0 and kind == Invoice.CREDIT_MEMO:
            head.sign, total = -1, -total
        elif total < 0:
            values.complain(
                title["total"], f"{quote(cells[11])} is negative. If it is a credit, write Credit Memo as its type."
            )
        tax = self.positive(head, cells[12], "tax") if cells[12] else 0
        before = self.problems.count
        paid, credits = self.settled(head, total, cells)
        if self.problems.count == before:
            self.check_rate(currency, cells)
        head.says_due, status = bool(cells[15]), cells[1].casefold()
        head.says_open = not any(cells[13:16]) and status not in PAID_STATUSES | UNCLEAR_STATUSES
        head.beside_lines = self.beside_lines(head, cells)
        return (currency, issued, due, cells[8], cells[7], cells[9], self.bill_to(cells), total, tax, paid, credits)

    def check_currencies(self, currency: str, cells: tuple[str, ...]) -> None:
        """Report amounts that are plainly not in `currency`: by their heading, or by the exchange rate of the row."""
        for name, code in self.named.items():
            place = self.place[name]
            if currency and code != currency and place < len(cells) and cells[place]:
                self.values.complain(
                    self.title[name],
                    f"is in {code}, but {self.title['currency']} is {currency}. "
                    "Export the amounts in the currency of the document.",
                )

    def check_rate(self, currency: str, cells: tuple[str, ...]) -> None:
        """Ask about amounts that may be in the home currency: the row has a rate, and Total's heading no currency."""
        text = cells[self.place["exchange_rate"]] if self.table.has("exchange_rate") else ""
        is_one = RATE.fullmatch(text) and Decimal(text.replace(",", ".")) == 1
        if text and not is_one and not mark(self.table.title("total"))[0]:
            rate, total = self.title["exchange_rate"], self.title["total"]
            self.values.complain(
                rate,
                f"is {quote(text)}, so {total} may be in your own currency instead of "
                f"{currency or 'that of the document'}. Export the columns “… (Foreign "
                f"Currency)”; or, if all amounts are in the currency of the document, leave the "
                f'rate out: --map "{quote(rate)[1:-1]}="',
            )

    def is_at_rate(self, minor: int, total: int, cells: tuple[str, ...]) -> bool:
        """Whether an amount is the total at the exchange rate of the row, and so in another currency."""
        text = cells[self.place["exchange_rate"]] if self.table.has("exchange_rate") else ""
        if minor < 2 or not RATE.fullmatch(text) or not (rate := Decimal(text.replace(",", "."))):
            return False
        return rate != 1 and min(abs(minor - total * rate), abs(minor - total / rate)) <= 1

    def beside_lines(self, head: Head, cells: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """(description, amount) of what the total has beside the lines; it becomes lines too."""
        if not self.table.has("shipping", "discount"):
            return ()
        shipping, discount = (
            head.sign * self.values.amount(text, head.currency, self.title[name])
            for name in ("shipping", "discount")
            for text in (cells[self.place[name]],)
        )
        return ("Shipping", shipping), ("Discount", -abs(discount))

    def payment(self, cells: tuple[str, ...]) -> tuple[str | None, str]:
        """The date and the reference of the last payment, as far as the file has them. A date that can't be read is
        part of the reference: nothing depends on it."""
        if not self.table.has(*PAYMENT_FIELDS):
            return None, ""
        paid_on, method, reference = (cells[self.place[name]] for name in PAYMENT_FIELDS)
        day = self.values.date_if_clear(paid_on) if paid_on else ""
        return day or None, " ".join(filter(None, (method, reference, "" if day else paid_on)))[:255]

    def dates(self, kind: str, issued: str, due: str, terms: str) -> tuple[str, str | None]:
        """ISO dates; no due date when the file has no column for it and no terms, so that a known one stays."""
        if not issued:
            self.values.complain(self.title["issued_on"], "is empty. Every document has its date.")
        first = self.values.date(issued, self.title["issued_on"]) if issued else ""
        if kind == Invoice.CREDIT_MEMO and not due:
            last = first if self.table.has("due_on") else None
        else:
            last = self.due_date(due, first, terms)
        if last and first > last:
            self.due_before_issue += 1
        return first, last

    def due_date(self, due: str, issued: str, terms: str) -> str | None:
        """The due date, or what the terms say, which some systems write in its place; without both, the date."""
        if due and (due.isdigit() or days_of(due) is None):
            return self.values.date(due, self.title["due_on"])
        if not (due or terms):
            self.without_due += 1
            return issued if self.table.has("due_on") else None
        if days_of(due or terms) is None:
            self.values.complain(
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
            self.values.complain(self.title[name], f"{quote(text)} {why}")
        return amount

    def settled(self, head: Head, total: int, shared: tuple[str, ...]) -> tuple[int | None, int | None]:
        """(paid elsewhere, credited). Two of paid, credits and due give the third; Paid alone is paid in full.

        Both are None when the file has none of them, and REST is paid when only the status says so.
        """
        status, cells = shared[1], shared[13:16]
        has_paid, has_credits, has_due = cells
        if total < 0:
            return 0, 0
        is_paid = status.casefold() in PAID_STATUSES
        if not any(cells):
            unsaid = 0 if self.tells_paid else None
            if PARTIAL_STATUS.fullmatch(status):
                self.values.complain(
                    self.title["status"],
                    f"{quote(status)} doesn't say how much was paid. Add a "
                    "column Amount due to the file, with what is open.",
                )
            return (REST if is_paid else unsaid), unsaid
        before = self.problems.count
        paid = self.positive(head, has_paid, "paid") if has_paid else 0
        credits = self.positive(head, has_credits, "credits") if has_credits else 0
        due = self.positive(head, has_due, "due") if has_due else 0
        for name, minor in (("paid", paid), ("due", due)):
            if self.is_at_rate(minor, total, shared):
                self.values.complain(
                    self.title[name],
                    f"is {self.title['total']} at the {self.title['exchange_rate']} "
                    "of the row, so it is in another currency. Export both in one.",
                )
        if self.problems.count > before:
            return paid, credits
        if has_due and not has_paid:
            paid = total - credits - due
        elif has_due and not has_credits:
            credits = total - paid - due
        left = total - paid - credits
        if paid < 0 or credits < 0 or left < 0 or (has_due and left != due):
            self.contradicts(total, head.currency, cells)
        elif is_paid and left and not has_paid and not has_due:
            return REST, credits
        elif is_paid and left:
            self.values.complain(
                self.title["status"],
                f"{quote(status)} does not go with {money.to_decimal(left, head.currency)} left to pay.",
            )
        return paid, credits

    def contradicts(self, total: int, currency: str, cells: tuple[str, str, str]) -> None:
        names = ("paid", "credits", "due")
        given = [f"{self.title[name]} {text}" for name, text in zip(names, cells, strict=True) if text]
        if not currency:
            return
        written = money.to_decimal(total, currency)
        if not cells[2]:
            self.values.complain(self.title["total"], f"{' and '.join(given)} is more than the total, {written}.")
            return
        self.values.complain(
            self.title["total"],
            f"{written} does not go with {', '.join(given)}: what is paid, credited and due must add up to the total.",
        )

    def line(self, cells: tuple[str, ...], head: Head) -> tuple:
        """(description, quantity, unit price, amount) of one line."""
        values, title = self.values, self.title
        quantity = values.decimal(cells[1], title["quantity"])
        price = values.decimal(cells[2], title["unit_price"])
        if cells[3]:
            amount = head.sign * values.amount(cells[3], head.currency, title["line_amount"])
        elif quantity and price:
            exact = Decimal(quantity) * Decimal(price) * 10 ** money.exponent(head.currency)
            if abs(exact) > money.MAX_MINOR:
                values.complain(title["quantity"], f"times {title['unit_price']} is more than an amount can be.")
                exact = Decimal(0)
            amount = head.sign * int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        else:
            amount = 0
        return cells[0], quantity, price, amount
