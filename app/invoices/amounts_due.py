"""Formats the amounts a customer owes, and the selection to pay, for the tiles, bars and panel of the list."""

from collections.abc import Sequence
from datetime import date

from flask import url_for

from app import money
from app.invoices.labels import distance
from app.invoices.queries.invoice_totals import Balance
from app.models.company import is_accepted
from app.web.formatting import format_day

MAX_LINES = 8
GAP = 4
AGES = (
    ("k0", "Not yet due", "not yet due"),
    ("k1", "1–30 days late", "1 to 30 days late"),  # noqa: RUF001
    ("k2", "31–60 days late", "31 to 60 days late"),  # noqa: RUF001
    ("k2 k3", "Over 60 days", "over 60 days late"),
)


class Currency:
    """Formatted amounts due in one currency; `balance` has the numbers.

    `ages` are (class, label, spoken, amount, minor), `bars` (class, x, width).
    """

    def __init__(self, balance: Balance, locale: str):
        self.balance = balance
        self.code = balance.currency
        self.is_owed = balance.open_minor > 0 or balance.processing_minor > 0
        self.due, self.processing, self.overdue, self.next, self.credit = (
            money.format_money(minor, self.code, locale)
            for minor in (
                balance.open_minor,
                balance.processing_minor,
                balance.overdue_minor,
                balance.next_minor,
                balance.credit_minor,
            )
        )
        self.next_day = format_day(date.fromisoformat(balance.next_due), locale) if balance.next_due else ""
        late = (balance.late_30, balance.late_60, balance.late_more)
        amounts = (balance.open_minor - sum(late), *late)
        self.ages = [
            (*age, money.format_money(minor, self.code, locale), minor)
            for age, minor in zip(AGES, amounts, strict=True)
        ]
        self.bars = bars([(kind, minor) for kind, _label, _spoken, _amount, minor in self.ages if minor > 0])


def bars(parts: list[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Bars side by side, with widths in proportion, at least 6 wide and with gaps between them."""
    room = 1000 - GAP * (len(parts) - 1)
    total, x, drawn = sum(minor for _kind, minor in parts), 0, []
    for kind, minor in parts:
        width = min(max(6, round(room * minor / total)), 1000 - x)
        drawn.append((kind, x, width))
        x += width + GAP
    if drawn and x - GAP != 1000:
        widest = max(range(len(drawn)), key=lambda n: drawn[n][2])
        spare = 1000 - (x - GAP)
        drawn = [
            (kind, at + spare * (n > widest), width + spare * (n == widest))
            for n, (kind, at, width) in enumerate(drawn)
        ]
    return drawn


def currencies(balances: tuple[Balance, ...], locale: str) -> tuple[Currency, ...]:
    return tuple(Currency(balance, locale) for balance in balances)


class CurrencyGroup:
    """The selected invoices in one currency, and the link to pay them."""

    __slots__ = ("currency", "lines", "total", "url")

    def __init__(self, currency: str, rows: list, today: date, locale: str):
        self.currency = currency
        shown, rest = (rows, []) if len(rows) <= MAX_LINES else (rows[: MAX_LINES - 2], rows[MAX_LINES - 2 :])
        self.lines = [
            (row.number, late_text(row, today), money.format_money(row.open_minor, currency, locale)) for row in shown
        ]
        if rest:
            rest_minor = sum(row.open_minor for row in rest)
            self.lines.append((f"{len(rest)} more", "", money.format_money(rest_minor, currency, locale)))
        self.total = money.format_money(sum(row.open_minor for row in rows), currency, locale)
        self.url = f"{url_for('payments.new')}?" + "&".join(f"invoice={row.public_id}" for row in rows)


class SelectedInvoices:
    """`rows` are open invoices. `offered`: paying is possible at all. Only invoices in `accepted` currencies
    (Company.currencies) can be selected. `has_choice`: the page has something to select."""

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
        rows = [row for row in rows if is_accepted(row.currency, accepted)]
        by_currency = {}
        for row in sorted(rows, key=lambda row: (row.due_on, row.number)):
            by_currency.setdefault(row.currency, []).append(row)
        self.count = len(rows)
        self.ids = {row.public_id for row in rows}
        self.groups = [CurrencyGroup(currency, its, today, locale) for currency, its in by_currency.items()]

    @property
    def mixed(self) -> bool:
        return len(self.groups) > 1


def late_text(row, today: date) -> str:
    due = date.fromisoformat(row.due_on)
    return distance(due, today) if due < today else ""
