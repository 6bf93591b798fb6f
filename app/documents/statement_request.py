"""The requested statement: its kind and period, from the query string."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app import dates
from app.documents.queries import Period
from app.documents.statement import ACTIVITY, OPEN, period_of

MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
MAX_MONTHS = 12


@dataclass(frozen=True)
class StatementRequest:
    """`errors` is {field: message}, `typed` is {field: text}."""

    kind: str
    since: date
    until: date
    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, args: Mapping, today: date, locale: str) -> "StatementRequest":
        """By default, the activity from the start of last month until today. Open items have only an end date."""
        first = dates.previous_month(today)
        kind = OPEN if args.get("kind") == OPEN else ACTIVITY
        days, typed, errors = {"since": first, "until": today}, {}, {}
        for name in days if kind == ACTIVITY else ("until",):
            text = args.get(name, "").strip()
            found = dates.read(text, locale) if text else days[name]
            if found is None:
                errors[name] = dates.format_hint(locale)
            typed[name] = found.isoformat() if found else ""
            days[name] = found or days[name]
        if kind == ACTIVITY and not errors and days["since"] > days["until"]:
            errors["until"] = dates.WRONG_ORDER
        if kind == OPEN:
            days["since"] = days["until"]
        return cls(kind, days["since"], days["until"], typed, errors)

    @property
    def query(self) -> dict[str, str]:
        return {"kind": self.kind, "since": self.since.isoformat(), "until": self.until.isoformat()}

    def period(self, time_zone: str) -> Period:
        return period_of(self.since, self.until, time_zone)


def months_until(today: date) -> list[date]:
    """The first days of the last MAX_MONTHS months, the current one first."""
    first, found = today.replace(day=1), []
    for _ in range(MAX_MONTHS):
        found.append(first)
        first = dates.previous_month(first)
    return found


def month_of(text: str) -> tuple[date, date] | None:
    """The first and last day of a month like '2026-11'."""
    found = MONTH.fullmatch(text)
    try:
        first = date(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None
    if first is None or not dates.FIRST_YEAR <= first.year <= dates.LAST_YEAR:
        return None
    return first, (first + timedelta(31)).replace(day=1) - timedelta(1)
