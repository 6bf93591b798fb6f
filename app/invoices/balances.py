"""Balances as the tiles and the bar show them. Amounts stay minor units; widths are of 1000."""

from datetime import date

from app import money
from app.invoices.queries.invoice_totals import Balance
from app.web.formatting import written_day

GAP = 4
AGES = (
    ("k0", "Not yet due", "not yet due"),
    ("k1", "1–30 days late", "1 to 30 days late"),  # noqa: RUF001
    ("k2", "31–60 days late", "31 to 60 days late"),  # noqa: RUF001
    ("k2 k3", "Over 60 days", "over 60 days late"),
)


class Currency:
    """What is owed in one currency, in words; `balance` has the numbers.

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
        self.next_day = written_day(date.fromisoformat(balance.next_due), locale) if balance.next_due else ""
        late = (balance.late_30, balance.late_60, balance.late_more)
        amounts = (balance.open_minor - sum(late), *late)
        self.ages = [
            (*age, money.format_money(minor, self.code, locale), minor)
            for age, minor in zip(AGES, amounts, strict=True)
        ]
        self.bars = bars([(kind, minor) for kind, _label, _spoken, _amount, minor in self.ages if minor > 0])


def bars(parts: list[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Bars side by side, as wide as their share, never thinner than 6, with gaps between them."""
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
    """Every currency in which there is something to pay, to wait for, or in credit."""
    return tuple(Currency(balance, locale) for balance in balances)
