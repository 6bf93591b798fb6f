"""Parses amounts that people type, in the notation of a locale.

A notation is data, which the pay page passes to pay.js. Both parse in the same way: translate the characters, match
the pattern, join its groups. tests/notations.json has test cases for both.
"""

import re
from contextlib import suppress
from functools import lru_cache
from itertools import product

from babel import Locale

from app import money

MAX_TYPED = 40
SPACES = "\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000"
APOSTROPHES = "\u2018\u2019\u02bc\u00b4`"
# Characters of East Asian keyboards.
FULL_WIDTH = {"\uff0e": ".", "\uff0c": ",", **{chr(0xFF10 + digit): str(digit) for digit in range(10)}}
INVISIBLE = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
# The zero of each numbering system that is a locale's default.
ZEROS = {"arab": 0x660, "arabext": 0x6F0, "beng": 0x9E6, "deva": 0x966, "mymr": 0x1040, "tibt": 0xF20}
# Local currency signs where CLDR has only the code, or only one of several signs.
HOME_SIGNS = {
    "CHF": ("Fr.", "SFr."),
    "CNY": ("元", "￥"),
    "CZK": ("Kč",),
    "DKK": ("kr", "kr."),
    "HUF": ("Ft",),
    "ISK": ("kr", "kr."),
    "JPY": ("円", "￥"),
    "NOK": ("kr", "kr."),
    "PLN": ("zł",),
    "SEK": ("kr", "kr."),
    "USD": ("US$",),
}
EXAMPLE_UNITS = 2500
UNIT_DECIMALS = 6  # for quantities and unit prices
PROGRAMS = "en_US"


class Notation:
    """The notation of amounts with up to `decimals` decimals in a locale, with or without one of `names`.

    `marks` maps characters to the ones that they stand for. `pattern` is a regular expression for Python and
    JavaScript. Its first group has the units; of the other groups, the one that matched has the fraction.
    """

    def __init__(self, locale: str, decimals: int, names: frozenset[str] = frozenset()):
        self.decimals = decimals
        self.point, self.group, by_two = money.separators(locale)
        self.marks = marks(locale, self.point, self.group)
        self.pattern = pattern(self.point, self.plain(self.group), by_two, decimals, sorted(map(self.plain, names)))
        self.compiled = re.compile(self.pattern, re.IGNORECASE)

    @property
    def data(self) -> dict:
        return {"marks": self.marks, "pattern": self.pattern, "decimals": self.decimals, "longest": MAX_TYPED}

    def plain(self, text: str) -> str:
        return "".join(self.marks.get(sign, sign) for sign in text).strip()

    def read(self, text: str) -> int:
        """Minor units of a currency with `decimals`. Raises AmountError for text that is not an amount in this
        notation, or that is ambiguous because another notation would read another amount."""
        text = text.strip()
        found = self.compiled.fullmatch(self.plain(text)) if len(text) <= MAX_TYPED else None
        if not found:
            raise money.AmountError(text[:MAX_TYPED])
        units, *fractions = found.groups()
        fraction = next(filter(None, fractions), "")[: self.decimals]
        return int(re.sub("[^0-9]", "", units) + fraction.ljust(self.decimals, "0"))


@lru_cache(256)
def notation(currency: str, locale: str) -> Notation:
    """The notation of amounts in `currency`, with or without its code or sign."""
    return Notation(locale, money.exponent(currency), names(currency, locale))


@lru_cache(256)
def unit_price(currency: str, locale: str) -> Notation:
    """The notation of prices in `currency` with up to UNIT_DECIMALS decimals."""
    return Notation(locale, UNIT_DECIMALS, names(currency, locale))


@lru_cache(64)
def bare(decimals: int, locale: str) -> Notation:
    return Notation(locale, decimals)


@lru_cache(64)
def of_any_currency(decimals: int, locale: str) -> Notation:
    signs = {name for currency in money.CURRENCIES for name in names(currency, locale)}
    return Notation(locale, decimals, frozenset(signs))


def amounts_typed(text: str, locale: str) -> tuple[tuple[int, int], ...]:
    """A typed amount, with or without a currency, as ((decimals, minor units), …): ((2, 118650), (3, 1186500)). Text
    that can't be read in the locale is read in PROGRAMS notation."""
    if not any(sign.isdigit() for sign in text):
        return ()
    found = {}
    for reader, decimals in product((locale, PROGRAMS), (0, 2, 3)):
        with suppress(money.AmountError):
            found.setdefault(decimals, of_any_currency(decimals, reader).read(text))
    return tuple(sorted(found.items()))


def example(currency: str, locale: str, most_minor: int) -> str:
    """An example of at most `most_minor` in the locale's notation: '2.500,00'."""
    return money.format_amount(min(EXAMPLE_UNITS * 10 ** money.exponent(currency), most_minor), currency, locale)


def names(currency: str, locale: str) -> frozenset[str]:
    """The signs and codes of a currency: in the locale, in English, without the letters of 'CA$', and local ones."""
    signs = {money.symbol(currency, locale), money.symbol(currency, "en_US")}
    short = {re.sub("[A-Z]", "", sign) for sign in signs}
    return frozenset({currency, *signs, *short, *HOME_SIGNS.get(currency, ())} - {""})


def marks(locale: str, point: str, group: str) -> dict[str, str]:
    found = {
        **FULL_WIDTH,
        **dict.fromkeys(SPACES, " "),
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(INVISIBLE, ""),
    }
    parsed = Locale.parse(locale)
    own = parsed.number_symbols.get(parsed.default_numbering_system, {})
    if digits := own_digits(locale):
        found |= {own.get("decimal", point): point, own.get("group", group): group, **digits}
    return {sign: found.get(stands, stands) for sign, stands in found.items() if sign != stands}


def own_digits(locale: str) -> dict[str, str]:
    """{digit: ASCII digit} of the locale's default numbering system. Empty if that is ASCII."""
    zero = ZEROS.get(Locale.parse(locale).default_numbering_system)
    return {chr(zero + digit): str(digit) for digit in range(10)} if zero else {}


def pattern(point: str, group: str, by_two: bool, decimals: int, names: list[str]) -> str:
    """Groups of digits must be complete and separated by one mark: the locale's, a space or an apostrophe."""
    dividers = [literal(mark) for mark in dict.fromkeys((group, " ", "'")) if mark]
    units = ["[0-9]{1,9}", *(f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}}){{1,2}}" for mark in dividers)]
    if by_two:
        units.append(f"[0-9]{{1,2}}(?:{literal(group)}[0-9]{{2}}){{0,2}}{literal(group)}[0-9]{{3}}")
    # "1.000" is a thousand in many locales, so three decimals are allowed only if neither . nor , can separate groups.
    most = max(decimals, 2 if group in (".", ",") else 3)
    fractions = [f"{literal(point)}({fraction(decimals, most)})", f"{literal(point)}[-\u2013\u2014]{{0,2}}"]
    other = "," if point == "." else "."
    if other != group:
        fractions.append(f"{literal(other)}({fraction(min(decimals, 2), 2)})")
    named = f"(?:{'|'.join(map(literal, names))})?" if names else ""
    return f"{named} ?({'|'.join(units)})(?:{'|'.join(fractions)})? ?{named}"


def fraction(decimals: int, most: int) -> str:
    """Up to `decimals` digits, or up to `most` if the rest are zeros."""
    if not decimals:
        return f"0{{1,{most}}}"
    return f"[0-9]{{1,{decimals}}}0{{0,{most - decimals}}}"


def literal(text: str) -> str:
    # re.escape also escapes characters that JavaScript doesn't allow to be escaped.
    return re.sub(r"([.*+?^${}()|\[\]\\/])", r"\\\1", text)
