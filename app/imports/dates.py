"""Parsing dates as programs write them, and finding the order of day and month in a file."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from babel import Locale

LONGEST = 60
YEARS = range(1900, 2200)
PIVOT = 70  # two-digit years below it are 20xx, the others 19xx
# fmt: off
LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ca",
    "et", "lt", "lv", "hr", "sl", "is", "el", "bg", "uk",
)
# fmt: on
ISO = re.compile(r"(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})\.?", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?", re.ASCII)
TIME = re.compile(
    r"(?:\s*,\s*|\s+|(?<=\d)T)(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
    r"(?:\s?[ap]\.?\s?m\.?)?(?:\s?(?:Z|[A-Z]{3,4})?(?:[+-]\d{1,2}(?::?\d{2})?)?)?$",
    re.ASCII | re.IGNORECASE,
)
SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
EXCEL_DAY_0 = date(1899, 12, 30)
SERIALS = range(29_221, 73_051)  # 1980 to 2099
TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")
BETWEEN = re.compile(r"[\s.,/'\u2019-]*")
FILLERS = {"st", "nd", "rd", "th", "er", "o", "a", "de", "del", "of", "the", "den", "le", "el", "di", "d"}


class Numeric(NamedTuple):
    """A date of three numbers whose order is not known yet. `sign` is the separator."""

    first: int
    second: int
    year: int
    sign: str
    is_short: bool

    def order(self) -> str:
        """ "dmy" or "mdy" if only that is possible, "" if both or neither are."""
        if self.first > 12 >= self.second and not (self.is_short and self.sign == "-"):  # 26-10-28 may be in 2026
            return "dmy"
        return "mdy" if self.second > 12 >= self.first else ""

    def parts(self, order: str) -> tuple[int, int, int]:
        if order == "ymd" and self.is_short:
            return full_year(self.first), self.second, self.year % 100
        first, second = (self.second, self.first) if order == "dmy" else (self.first, self.second)
        return self.year, first, second


def full_year(year: int) -> int:
    return year + (2000 if year < PIVOT else 1900)


def parse(text: str) -> tuple[int, int, int] | Numeric | None:
    """(year, month, day) as written, ignoring the time and its zone; Numeric; or None if it is no date."""
    text = plain(text)
    text = TIME.sub("", text).rstrip(" ,")
    if found := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := NUMBERS.fullmatch(text):
        year, is_short = int(found[4]), len(found[4]) == 2
        return Numeric(int(found[1]), int(found[3]), full_year(year) if is_short else year, found[2], is_short)
    return in_words(text)


def plain(text: str) -> str:
    if not text.isascii():
        text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(text.split())


def in_words(text: str) -> tuple[int, int, int] | None:
    """Dates like `28. Oktober 2026`, `Oct 28, 2026`, `28-Oct-26` or `Saturday, November 28, 2026`."""
    if BETWEEN.sub("", TOKENS.sub("", text)):
        return None
    months, kept = month_names(), []
    for token in TOKENS.findall(text):
        name = without_accents(token)
        if token.isdigit():
            kept.append(token)
        elif name in months:
            kept.append(months[name])
        elif name not in FILLERS and name not in day_names():
            return None
    kinds = ["number" if isinstance(part, str) else "month" for part in kept]
    if sorted(kinds) != ["month", "number", "number"]:
        return None
    place = kinds.index("month")
    day, year = (kept[i] for i in range(3) if i != place)
    if len(day) == 4 and place == 1:
        day, year = year, day
    elif len(day) == 4 and place == 0:
        return None
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    return full_year(int(year)) if len(year) == 2 else int(year), kept[place], int(day)


@cache
def month_names() -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for language in reversed(LANGUAGES):
        names = names_of(Locale.parse(language).months)
        for name, months in names.items():
            found[name] = months if language == "en" else found.get(name, set()) | months
    found |= {"sept": {9}, "maerz": {3}, "mrz": {3}}
    return {name: min(months) for name, months in found.items() if len(months) == 1}


@cache
def day_names() -> frozenset[str]:
    return frozenset(name for language in LANGUAGES for name in names_of(Locale.parse(language).days))


def names_of(data) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in data[context][width].items():
                if (name := without_accents(name.rstrip("."))).isalpha():
                    found.setdefault(name, set()).add(number)
    return found


def without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


def from_serial(text: str) -> str:
    """The ISO date of Excel's day number, or "" if it can't be one."""
    found = SERIAL.fullmatch(text)
    if not found or int(found[1]) not in SERIALS:
        return ""
    return (EXCEL_DAY_0 + timedelta(int(found[1]))).isoformat()


@dataclass
class DateSurvey:
    """What the rows of a file tell about its dates.

    `seen` has the first (row, text) for each order that is the only possible one. `serial` has the columns that hold
    only Excel's day numbers, each with its first (row, text).
    """

    seen: dict[str, tuple[int, str]] = field(default_factory=dict)
    serial: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def order(self) -> str:
        return next(iter(self.seen)) if len(self.seen) == 1 else ""


def survey(rows: Iterable[tuple[int, list[str]]], places: dict[str, int]) -> DateSurvey:
    """The DateSurvey of `rows` of (number, cells). `places` is {title: index} of the date columns."""
    result = DateSurvey()
    known: set[tuple[str, str]] = set()
    others: set[str] = set()
    for row, cells in rows:
        for title, place in places.items():
            text = cells[place].strip() if place < len(cells) else ""
            if not text or (title, text) in known or len(text) > LONGEST:
                continue
            if len(known) < 50_000:
                known.add((title, text))
            if from_serial(text):
                result.serial.setdefault(title, (row, text))
                continue
            others.add(title)
            read = parse(text)
            if isinstance(read, Numeric) and (order := read.order()):
                result.seen.setdefault(order, (row, text))
    for title in others:
        result.serial.pop(title, None)
    return result
