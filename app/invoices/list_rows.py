"""The rows of the list as text."""

from datetime import date
from html import escape
from typing import NamedTuple

from app import money
from app.invoices.labels import distance, state
from app.invoices.queries.invoice_list import Row
from app.web.formatting import written_day


class Line(NamedTuple):
    """One row of the table, every text of it HTML already: what the books wrote is escaped, the rest is ours.

    `label` is empty when nothing can be paid, `late` is " late" or empty, `nil` is " nil" when nothing is left.
    """

    id: str
    number: str
    issued_on: str
    issued: str
    due_on: str
    due: str
    due_sub: str
    late: str
    chip: str
    amount: str
    amount_sub: tuple[str, ...]
    balance: str
    balance_sub: str
    nil: str
    label: str


def line_of(row: Row, today: date, locale: str, symbols: bool) -> Line:
    """`symbols` writes the currency with every amount."""
    write = money.format_money if symbols else money.format_amount
    currency, open_minor, is_invoice = row.currency, row.open_minor, row.kind == "invoice"
    owed = is_invoice and open_minor > 0
    number = escape(row.number)
    due, late, away = due_words(row.due_on, today, locale)
    amount_sub, balance_sub, label = (), "" if is_invoice or not open_minor else "credit left", ""
    if owed:
        label = f"Pay {number}, {money.format_money(open_minor, currency, locale)}"
        taken = ((row.paid_minor, "paid"), (row.credited_minor, "credited"))
        amount_sub = tuple(f"{write(minor, currency, locale)} {word}" for minor, word in taken if minor)
    if row.processing_minor:
        balance_sub = f"{write(row.processing_minor, currency, locale)} processing"
    return Line(
        row.public_id,
        number,
        row.issued_on,
        day(row.issued_on, locale),
        row.due_on if is_invoice else "",
        due if is_invoice else "",
        away if owed else "",
        " late" if owed and late else "",
        state(row, owed and late),
        write(row.total_minor, currency, locale),
        amount_sub,
        write(open_minor, currency, locale),
        balance_sub,
        "" if open_minor or row.processing_minor else " nil",
        label,
    )


def day(iso: str, locale: str) -> str:
    return written_day(date.fromisoformat(iso), locale)


def due_words(iso: str, today: date, locale: str) -> tuple[str, bool, str]:
    """The date, whether it has gone by, and how far away it is."""
    due = date.fromisoformat(iso)
    return written_day(due, locale), due < today, distance(due, today)
