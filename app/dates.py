"""Dates as people type them: ISO 8601, or day, month and year in the order of the reader's locale."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, get_date_format

from app.notation import own_digits

MAX_TYPED = 40
WRONG_ORDER = "The To date must be on or after the From date"
FIRST_YEAR, LAST_YEAR = 1971, 8999
EXAMPLE = date(2026, 11, 30)
ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
PARTS = re.compile(r"[0-9]+|[^0-9\s.,/-]+")
LETTERS_DOT = re.compile(r"\.(?![0-9])")
INVISIBLE = re.compile("[\u200e\u200f\u061c\u2066-\u2069]")


def read(text: str, locale: str) -> date | None:
    """The date that `text` means in `locale`: '2026-11-30', '30.11.2026' or '30. Nov. 2026' in de. None for anything
    else: the year must have four digits and the position that it has in the locale, since other texts are ambiguous."""
    if len(text) > MAX_TYPED:
        return None
    text = INVISIBLE.sub("", text).strip().translate(str.maketrans(own_digits(locale)))
    return read_iso(text) or _in_parts(PARTS.findall(LETTERS_DOT.sub("", text)), locale)


def read_range(typed: Mapping[str, str], locale: str) -> tuple[date | None, date | None, dict[str, str]]:
    """The dates typed as `since` and `until`, None for an empty or invalid one; and an error message by field."""
    days = {name: read(typed[name], locale) if typed[name] else None for name in ("since", "until")}
    errors = {name: format_hint(locale) for name, day in days.items() if typed[name] and day is None}
    since, until = days.values()
    if since and until and since > until:
        errors["until"] = WRONG_ORDER
    return since, until, errors


def previous_month(day: date) -> date:
    """The first day of the month before that of `day`."""
    return (day.replace(day=1) - timedelta(1)).replace(day=1)


def read_iso(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if ISO.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def format_hint(locale: str) -> str:
    return f"Enter a date, like {numeric(EXAMPLE, locale)}"


def numeric(day: date, locale: str) -> str:
    """The date in digits, with a four-digit year: '30.11.2026' in de."""
    pattern = re.sub("y+", "y", INVISIBLE.sub("", get_date_format("short", locale).pattern))
    return format_date(day, pattern, locale=locale)


def _in_parts(parts: list[str], locale: str) -> date | None:
    numbers = [part for part in parts if part.isascii() and part.isdigit()]
    names = [part.casefold() for part in parts if part not in numbers and part.casefold() not in fillers(locale)]
    year_first = bool(numbers) and len(numbers[0]) == 4
    if len(numbers) == 3 and not names:
        found = dict(zip("yMd" if year_first else order(locale), numbers, strict=True))
    elif len(numbers) == 2 and len(names) == 1 and names[0] in months(locale):
        found = {"y": numbers[not year_first], "M": str(months(locale)[names[0]]), "d": numbers[year_first]}
    else:
        return None
    if len(found["y"]) != 4 or max(len(found["M"]), len(found["d"])) > 2:
        return None
    return read_iso(f"{found['y']}-{found['M']:0>2}-{found['d']:0>2}")


@lru_cache(64)
def order(locale: str) -> str:
    letters = re.sub("[^dMy]", "", get_date_format("short", locale).pattern)
    return "".join(dict.fromkeys(letters))


@lru_cache(64)
def months(locale: str) -> dict[str, int]:
    forms = Locale.parse(locale).months
    named = [forms[use][width].items() for use in ("format", "stand-alone") for width in ("wide", "abbreviated")]
    return {name.replace(".", "").casefold(): number for items in named for number, name in items}


@lru_cache(64)
def fillers(locale: str) -> frozenset[str]:
    """Words in the locale's dates that are neither digits nor months, such as 'de' in es and the characters in ja."""
    written = " ".join(format_date(EXAMPLE, width, locale=locale) for width in ("short", "medium", "long"))
    parts = PARTS.findall(LETTERS_DOT.sub("", INVISIBLE.sub("", written)))
    return frozenset(part.casefold() for part in parts if not part.isdigit()) - months(locale).keys()
