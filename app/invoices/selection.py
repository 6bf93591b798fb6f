"""What is ticked: lines and totals, one group per currency, for a payment is in one currency."""

from collections.abc import Sequence
from datetime import date

from flask import url_for

from app import money
from app.invoices.labels import distance
from app.models.company import is_taken

MAX_LINES = 8


class CurrencyGroup:
    """The ticked invoices of one currency, and the link that pays them."""

    __slots__ = ("currency", "lines", "total", "url")

    def __init__(self, currency: str, rows: list, today: date, locale: str):
        self.currency = currency
        shown, rest = (rows, []) if len(rows) <= MAX_LINES else (rows[: MAX_LINES - 2], rows[MAX_LINES - 2 :])
        self.lines = [
            (row.number, late_words(row, today), money.format_money(row.open_minor, currency, locale)) for row in shown
        ]
        if rest:
            rest_minor = sum(row.open_minor for row in rest)
            self.lines.append((f"{len(rest)} more", "", money.format_money(rest_minor, currency, locale)))
        self.total = money.format_money(sum(row.open_minor for row in rows), currency, locale)
        self.url = f"{url_for('payments.new')}?" + "&".join(f"invoice={row.public_id}" for row in rows)


class TickedInvoices:
    """`rows` are invoices on which something is open. `offered` is whether paying is possible at all;
    of other currencies than the `accepted` ones (Company.currencies) nothing can be ticked. `has_choice` is whether
    there is anything to tick where it is shown."""

    def __init__(
        self,
        rows: Sequence,
        today: date,
        locale: str,
        offered: bool = True,
        accepted: str = "",
        has_choice: bool = True,
    ):
        self.offered, self.has_choice = offered, has_choice
        rows = [row for row in rows if is_taken(row.currency, accepted)]
        by_currency = {}
        for row in sorted(rows, key=lambda row: (row.due_on, row.number)):
            by_currency.setdefault(row.currency, []).append(row)
        self.count = len(rows)
        self.ids = {row.public_id for row in rows}
        self.groups = [CurrencyGroup(currency, its, today, locale) for currency, its in by_currency.items()]

    @property
    def mixed(self) -> bool:
        return len(self.groups) > 1


def late_words(row, today: date) -> str:
    due = date.fromisoformat(row.due_on)
    return distance(due, today) if due < today else ""
