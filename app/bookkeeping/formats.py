"""The columns that each accounting system imports, as documented by the system (docs/bookkeeping.md)."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from app import dates
from app.bookkeeping.queries.entries import Entry
from app.csv_export import csv_row
from app.money import to_decimal

Rows = Iterator[tuple]


@dataclass(frozen=True)
class Format:
    """`rows(entry, write_date)` yields the rows of an entry. `most_rows` is the most that a file may have. With
    `one_currency`, a file has only one currency, that of a bank account. `has_bom` is for files that people open in
    Excel."""

    key: str
    title: str
    hint: str
    heading: tuple[str, ...]
    rows: Callable[[Entry, Callable[[date], str]], Rows]
    most_rows: int
    one_currency: bool = False
    has_bom: bool = False
    writes_iso: bool = False

    def rows_of(self, entry: Entry, locale: str) -> list[tuple]:
        return list(self.rows(entry, date.isoformat if self.writes_iso else lambda day: dates.numeric(day, locale)))

    def file(self, rows: list[tuple]) -> bytes:
        text = "".join(map(csv_row, [self.heading, *rows]))
        return text.encode("utf-8-sig" if self.has_bom else "utf-8")


def without_internal_ids(content: bytes) -> int:
    """The number of entries in a NetSuite file that lack the internal ID of their customer or an invoice."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8")))
    return len({row["External ID"] for row in rows if lacks_id(row)})


def lacks_id(row: dict[str, str]) -> bool:
    return not row["Customer Internal ID"] or bool(row.get("Invoice Number") and not row["Invoice Internal ID"])


def plain_rows(entry: Entry, write: Callable[[date], str]) -> Rows:
    amount = to_decimal(entry.amount_minor, entry.currency)
    card = f"{entry.attempt.card_type} {entry.attempt.last_four}".strip()
    for number, invoice, applied, unapplied in applied_rows(entry):
        yield (
            entry.kind,
            entry.external_id,
            entry.attempt.reference,
            write(entry.day),
            entry.customer.number,
            entry.customer.name,
            entry.currency,
            amount if number == 0 else "",
            invoice.number if invoice else "",
            applied,
            unapplied,
            card,
            entry.transaction_id,
        )


def netsuite_rows(entry: Entry, write: Callable[[date], str]) -> Rows:
    # Rows with the same External ID are one payment, so each row repeats the payment's values.
    for _number, invoice, applied, unapplied in applied_rows(entry):
        yield (
            entry.external_id,
            entry.customer.internal_id,  # the customer's number could be the internal id of another record
            entry.customer.number,
            entry.customer.name,
            write(entry.day),
            entry.currency,
            to_decimal(entry.amount_minor, entry.currency),
            invoice.internal_id if invoice else "",
            invoice.number if invoice else "",
            applied,
            unapplied,
            entry.transaction_id,
            entry.kind,
        )


def applied_rows(entry: Entry) -> Iterator[tuple]:
    """(index of the row, invoice or None, applied amount, unapplied amount), amounts as decimals. Only the first row
    has an unapplied amount, which is '' if it is zero."""
    unapplied = to_decimal(entry.unapplied_minor, entry.currency) if entry.unapplied_minor else ""
    if not entry.parts:
        yield 0, None, "", unapplied
    for number, part in enumerate(entry.parts):
        applied = to_decimal(part.amount_minor, entry.currency)
        yield number, part.invoice, applied, unapplied if number == 0 else ""


def bank_lines(entry: Entry) -> Iterator[tuple]:
    """(invoice number or '', decimal amount): one line per invoice, so that it matches the invoice's amount due."""
    lines = [(part.invoice.number, part.amount_minor) for part in entry.parts]
    if entry.unapplied_minor:
        lines.append(("", entry.unapplied_minor))
    for number, minor in lines:
        yield number, to_decimal(minor, entry.currency)


def xero_rows(entry: Entry, write: Callable[[date], str]) -> Rows:
    for number, amount in bank_lines(entry):
        what = f"{entry.kind} {entry.attempt.reference}, Braintree {entry.transaction_id}"
        description = what if number else f"{what}, not applied to an invoice"
        yield write(entry.day), amount, entry.customer.name, description, number or entry.attempt.reference, ""


def quickbooks_rows(entry: Entry, write: Callable[[date], str]) -> Rows:
    for number, amount in bank_lines(entry):
        invoice = f"invoice {number}" if number else "not applied to an invoice"
        words = f"{entry.customer.name}, {invoice}, {entry.kind} {entry.attempt.reference}, {entry.transaction_id}"
        yield write(entry.day), words, amount


NETSUITE = Format(
    "netsuite",
    "NetSuite",
    "Import as Customer Payment, a row for each invoice that is paid. Reversals and refunds are below zero.",
    (
        "External ID",
        "Customer Internal ID",
        "Customer Number",
        "Customer",
        "Date",
        "Currency",
        "Payment Amount",
        "Invoice Internal ID",
        "Invoice Number",
        "Applied Amount",
        "Unapplied Amount",
        "Braintree Transaction ID",
        "Kind",
    ),
    netsuite_rows,
    10_000,
)
XERO = Format(
    "xero",
    "Xero",
    "Import as a statement of the account that Braintree pays into.",
    ("*Date", "*Amount", "Payee", "Description", "Reference", "Check Number"),
    xero_rows,
    1_000,
    one_currency=True,
)
QUICKBOOKS = Format(
    "quickbooks",
    "QuickBooks Online",
    "Upload as transactions of the account that Braintree pays into.",
    ("Date", "Description", "Amount"),
    quickbooks_rows,
    1_000,
    one_currency=True,
)
PLAIN = Format(
    "csv",
    "CSV",
    "For Excel and every other system, with all columns.",
    (
        "Kind",
        "External ID",
        "Payment",
        "Date",
        "Customer number",
        "Customer name",
        "Currency",
        "Amount",
        "Invoice number",
        "Applied amount",
        "Unapplied amount",
        "Card",
        "Braintree transaction ID",
    ),
    plain_rows,
    10_000,
    has_bom=True,
    writes_iso=True,
)
FORMATS = {one.key: one for one in (NETSUITE, XERO, QUICKBOOKS, PLAIN)}
