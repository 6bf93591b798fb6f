"""Spellings of document numbers by people and spreadsheets, to find numbers that may be the same."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

SURE, LIKELY, FAINT = 0, 1, 2  # how many of date and total must also agree before people are asked
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PRECISION = 15  # digits that a spreadsheet keeps; it replaces the others with zeros
USUAL = re.compile(r"([A-Za-z]+)-?([1-9][0-9]{0,14})", re.ASCII)
GROUPED = re.compile(r"\d{1,3}(?:[,.' ’]\d{3})+")  # noqa: RUF001
NO_CENTS = re.compile(r"(?<=\d)[.,]0{1,2}$")
DECIMAL = re.compile(r"(\d+)[.,](\d*[1-9])0+")
SCIENTIFIC = re.compile(r"(\d+(?:[.,]\d+)?)e\+?(\d{1,2})")
TOKENS = re.compile(r"[^\W\d_]+|\d+")
DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})(?:[-/. ](\d{1,4}))?(?:[t ][\d:.]+z?)?")
MONTH_FIRST = re.compile(r"([a-z]{3,9})[-/. ]?(\d{1,4})")
MONTH_LAST = re.compile(r"(\d{1,4})[-/. ]?([a-z]{3,9})")


class Spelling(NamedTuple):
    """Two numbers with the same `key` may be the same if as many of date and total agree as the larger `need` says, and
    if at least one of them has a `form` that a spreadsheet may have produced."""

    key: str
    need: int
    form: bool = True


@lru_cache(4096)
def spellings(number: str) -> tuple[Spelling, ...]:
    """The most certain spelling comes first."""
    if usual := USUAL.fullmatch(number):
        letters, digits = usual[1].casefold(), usual[2]
        found = [Spelling(letters + digits, SURE), Spelling(f"#{digits}", FAINT, form=False)]
        return (*found, *as_date(letters + digits))
    text = plain(number[:255])
    found = [Spelling(key_of(text), SURE)]
    if value := expanded(text):
        found.append(Spelling(value, LIKELY))
    if decimal := DECIMAL.fullmatch(text):
        found.append(Spelling(f"{key_of(decimal[1])}.{decimal[2].lstrip('0')}", LIKELY))
    found += shortened(text)
    tokens = TOKENS.findall(text)
    if digits := [token for token in tokens if token.isdecimal()]:
        only = len(digits) == len(tokens)
        found.append(Spelling("#" + joined(digits), FAINT, form=only))
    return (*found, *as_date(text))


def plain(number: str) -> str:
    text = unicodedata.normalize("NFKC", number).casefold()
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            "-" if unicodedata.category(c) == "Pd" or c == "\N{MINUS SIGN}" else c
            for c in text
            if unicodedata.category(c) not in ("Cf", "Cc")
        )
    text = " ".join(text.split()).strip("='\"`‘’“” ")  # noqa: RUF001
    text = NO_CENTS.sub("", text)
    return re.sub(r"\D", "", text) if GROUPED.fullmatch(text) else text


def key_of(text: str) -> str:
    # Adjacent numbers stay separate.
    return joined(TOKENS.findall(text)) or text


def joined(tokens: list[str]) -> str:
    parts, before = [], False
    for token in tokens:
        is_number = token.isdecimal()
        parts.append(("." if before and is_number else "") + (str(int(token)) if is_number else token))
        before = is_number
    return "".join(parts)


def expanded(text: str) -> str:
    # "1.0e+05" is 100000.
    found = SCIENTIFIC.fullmatch(text)
    if not found:
        return ""
    value = Decimal(found[1].replace(",", ".")).scaleb(int(found[2]))
    return f"{value:.0f}" if value == value.to_integral_value() else ""


def shortened(text: str) -> list[Spelling]:
    # A spreadsheet keeps fifteen digits and replaces the others with zeros.
    if not text.isdecimal() or len(text.lstrip("0")) <= PRECISION:
        return []
    digits = str(int(text))
    kept = digits[:PRECISION].ljust(len(digits), "0")
    return [Spelling(f"long{kept}", LIKELY, form=digits == kept)]


def as_date(text: str) -> list[Spelling]:
    # A spreadsheet reads "10-17" as a date and writes "17-Oct".
    if found := DATE.fullmatch(text):
        parts = [int(part) for part in found.groups() if part]
        if len(parts) == 2:
            return [Spelling(parts_key(parts), LIKELY, form=False)]
        return dated(*(parts if len(found[1]) == 4 else parts[::-1]))
    found = MONTH_FIRST.fullmatch(text) or MONTH_LAST.fullmatch(text)
    if not found:
        return []
    word, number = found.groups() if found[2].isdecimal() else (found[2], found[1])
    return [Spelling(parts_key([MONTHS.index(word[:3]) + 1, int(number)]), LIKELY)] if word[:3] in MONTHS else []


def dated(year: int, second: int, third: int) -> list[Spelling]:
    # The original may have had a year or not, and a day or not.
    keys = {parts_key([year, second, third]), parts_key([second, third])}
    if 1 in (second, third):
        keys.add(parts_key([year, max(second, third)]))
    return [Spelling(key, LIKELY) for key in sorted(keys)]


def parts_key(parts: list[int]) -> str:
    return "date" + "-".join(str(part) for part in sorted(part % 100 for part in parts))
