"""A document's total, and what is paid, credited and due, from a row of a file."""

import re
from decimal import Decimal
from typing import Any

from app import money
from app.imports.amount_columns import split_currency
from app.imports.invoice_columns import LINE_NAMES, PAID_STATUSES, PARTIAL_STATUS
from app.imports.parsing import Values
from app.imports.portal_payments import PAID_REMAINDER
from app.imports.report import quote
from app.imports.table import Table
from app.models import Invoice

RATE = re.compile(r"\d{1,9}(?:[.,]\d{1,15})?", re.ASCII)
NEGATIVE = {
    "paid": ": money went back. Write what is still paid after that.",
    "due": ": more is paid and credited than the total. Write the surplus as a credit memo of its own.",
}
SETTLED_FIELDS = ("paid", "credits", "due")
ONE_SIGN = "has another sign than the total. All amounts of a credit memo have one sign."


class InvoiceAmounts:
    """Minor units. `sign` is -1 in a credit memo whose amounts are written as negative; the results are positive.
    `title` has the headings of the fields, `heading_currencies` the currencies that headings name, by field."""

    def __init__(self, table: Table, values: Values, title: dict[str, str], heading_currencies: dict[str, str]):
        self.table, self.values, self.problems = table, values, values.problems
        self.title, self.heading_currencies = title, heading_currencies
        self.has_rate, self.tells_paid = table.has("exchange_rate"), table.has("paid", "credits", "due")

    def total(self, cells: Any, currency: str, kind: str) -> tuple[int, int]:
        """(sign, total)"""
        if not cells.total:
            self.values.report(self.title["total"], "is empty. Write what the document comes to, tax included.")
        total = self.values.amount(cells.total, currency, self.title["total"])
        if total < 0 and kind == Invoice.CREDIT_MEMO:
            return -1, -total
        if total < 0:
            why = f"{quote(cells.total)} is negative. If it is a credit, write Credit Memo as its type."
            self.values.report(self.title["total"], why)
        return 1, total

    def check_currencies(self, cells: Any, currency: str) -> None:
        for name, code in self.heading_currencies.items():
            if currency and code != currency and name not in LINE_NAMES and getattr(cells, name):
                self.values.report(
                    self.title[name],
                    f"is in {code}, but {self.title['currency']} is {currency}. "
                    "Export the amounts in the currency of the document.",
                )

    def check_rate(self, cells: Any, currency: str) -> None:
        # If there is a rate, and the heading of Total names no currency, amounts may be in the home currency.
        text = cells.exchange_rate if self.has_rate else ""
        is_one = RATE.fullmatch(text) and Decimal(text.replace(",", ".")) == 1
        if text and not is_one and not split_currency(self.title["total"])[0]:
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

    def beside_lines(self, cells: Any, currency: str, sign: int) -> tuple[tuple[str, int], ...]:
        shipping = self.values.amount(cells.shipping, currency, self.title["shipping"])
        discount = self.values.amount(cells.discount, currency, self.title["discount"])
        return ("Shipping", sign * shipping), ("Discount", -abs(discount))

    def positive(self, text: str, name: str, currency: str, sign: int) -> int:
        amount = sign * self.values.amount(text, currency, self.title[name])
        if amount < 0:
            why = f"is negative{NEGATIVE.get(name, '.')}" if sign > 0 else ONE_SIGN
            self.values.report(self.title[name], f"{quote(text)} {why}")
        return amount

    def settled(self, cells: Any, currency: str, sign: int, total: int) -> tuple[int | None, int | None]:
        """(paid elsewhere, credited). Two of paid, credits and due give the third. The status Paid alone means paid in
        full.

        Both are None if the file has none of them. If only the status says that it is paid, PAID_REMAINDER is paid.
        """
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
            return (PAID_REMAINDER if is_paid else unsaid), unsaid
        before = self.problems.count
        paid = self.positive(cells.paid, "paid", currency, sign) if cells.paid else 0
        credits = self.positive(cells.credits, "credits", currency, sign) if cells.credits else 0
        due = self.positive(cells.due, "due", currency, sign) if cells.due else 0
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
            self.report_wrong_sum(cells, currency, total)
        elif is_paid and left and not cells.paid and not cells.due:
            return PAID_REMAINDER, credits
        elif is_paid and left:
            self.values.report(
                self.title["status"],
                f"{quote(cells.status)} does not go with {money.to_decimal(left, currency)} left to pay.",
            )
        return paid, credits

    def report_wrong_sum(self, cells: Any, currency: str, total: int) -> None:
        if not currency:
            return
        given = [f"{self.title[name]} {text}" for name in SETTLED_FIELDS if (text := getattr(cells, name))]
        written = money.to_decimal(total, currency)
        if cells.due:
            given_all = ", ".join(given)
            reason = f"{written} does not go with {given_all}: what is paid, credited and due must add up to the total."
        else:
            reason = f"{' and '.join(given)} is more than the total, {written}."
        self.values.report(self.title["total"], reason)
