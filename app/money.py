"""Money is integer minor units: 1050 with USD is $10.50, with JPY is ¥1,050. notation.py reads what people type."""

import re
from copy import copy
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal, get_currency_symbol, list_currencies

from app.bidi import isolated_for

CURRENCIES = frozenset(list_currencies())
# Decimals as in ISO 4217 and at Braintree; all other currencies have 2. Babel and browsers use CLDR instead, which
# omits decimals that people don't use: HUF, RSD and ALL would lose their hundredths in some browsers.
NO_DECIMALS = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
MAX_MINOR = 10**12  # the largest amount, in minor units of any currency
MAX_CHARGE_MINOR = 10**15  # the largest charge, which can pay several invoices


class AmountError(ValueError):
    """Not an amount in the currency."""


def exponent(currency: str) -> int:
    """How many decimals `currency` has in ISO 4217: 2 for USD, 0 for JPY, 3 for KWD."""
    return 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def at_least(amount: str, currency: str) -> int:
    """Decimal text in minor units, rounded up: '10.005' is 1001 in USD."""
    return int(Decimal(amount).scaleb(exponent(currency)).to_integral_value(ROUND_CEILING))


def to_decimal(minor: int, currency: str) -> Decimal:
    """The amount in the gateway's format: Decimal('10.50'), always with the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


def from_decimal(amount: Decimal, currency: str) -> int:
    """A gateway's amount in minor units. Raises AmountError unless it is from 1 to MAX_CHARGE_MINOR and has no more
    decimals than the currency."""
    # Check the size first, because int() of 1E+999990 would take a minute.
    if amount.is_finite() and to_decimal(1, currency) <= amount <= to_decimal(MAX_CHARGE_MINOR, currency):
        minor = int(amount.scaleb(exponent(currency)))
        if to_decimal(minor, currency) == amount:
            return minor
    raise AmountError(f"not an amount in {currency}: {amount:.6g}")


def format_money(minor: int, currency: str, locale: str) -> str:
    """'$1,234.50' in en_US, '1.234,50 $' in de_DE."""
    return _pattern(currency, locale, True).format(minor)


def format_amount(minor: int, currency: str, locale: str) -> str:
    """The amount without its currency: '1,234.50'."""
    return _pattern(currency, locale, False).format(minor)


def plain_amount(minor: int, currency: str) -> str:
    """The amount in a format that doesn't depend on the locale: '1234.50 USD'."""
    return f"{to_decimal(minor, currency):f} {currency}"


@lru_cache(1024)
def _pattern(currency: str, locale: str, with_currency: bool) -> "_Pattern":
    return _Pattern(currency, locale, with_currency)


class _Pattern:
    """Formats amounts of a currency in a locale like Babel, from one example that Babel formatted. Calling Babel for
    each of a page's hundred amounts would take longer than the rest of the page. Babel formats negative amounts.
    """

    def __init__(self, currency: str, locale: str, with_currency: bool):
        self.currency, self.locale, self.with_currency = currency, locale, with_currency
        self.decimals = exponent(currency)
        example = self.ask(10**13 - 1)
        digits = [match.span() for match in re.finditer("9+", example)]
        self.prefix, self.suffix = example[: digits[0][0]], example[digits[-1][1] :]
        whole = digits[:-1] if self.decimals else digits
        self.point = example[whole[-1][1] : digits[-1][0]] if self.decimals else ""
        self.group = example[whole[0][1] : whole[1][0]] if len(whole) > 1 else ""
        self.last = whole[-1][1] - whole[-1][0]
        self.scale = 10**self.decimals
        self.others = whole[-2][1] - whole[-2][0] if len(whole) > 1 else self.last
        self.is_plain = (self.point, self.group, self.last, self.others) == (".", ",", 3, 3)

    def ask(self, minor: int) -> str:
        amount = to_decimal(minor, self.currency)
        if self.with_currency:
            pattern = copy(Locale.parse(self.locale).currency_formats["standard"])
            pattern.frac_prec = (self.decimals, self.decimals)
            written = pattern.apply(amount, Locale.parse(self.locale), currency=self.currency, currency_digits=False)
            return isolated_for(self.locale, written)
        pattern = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        return format_decimal(amount, format=pattern, locale=self.locale)

    def format(self, minor: int) -> str:
        if minor < 0:
            return self.ask(minor)
        if self.is_plain:
            whole, part = divmod(minor, self.scale)
            return f"{self.prefix}{whole:,}.{part:0{self.decimals}}{self.suffix}"
        digits = str(minor).rjust(self.decimals + 1, "0")
        cut = len(digits) - self.decimals
        return f"{self.prefix}{self.grouped(digits[:cut])}{self.point}{digits[cut:]}{self.suffix}"

    def grouped(self, digits: str) -> str:
        if len(digits) <= self.last:
            return digits
        if self.last == self.others == 3:
            return f"{int(digits):,}".replace(",", self.group)
        head, parts = digits[: -self.last], [digits[-self.last :]]
        while head:
            parts.append(head[-self.others :])
            head = head[: -self.others]
        return self.group.join(reversed(parts))


def separators(locale: str) -> tuple[str, str, bool]:
    """What stands before decimals, what between groups of digits, and whether these have two digits but for the last:
    as amounts are written."""
    written = _pattern("USD", locale, True)
    return written.point, written.group or _pattern("USD", locale, False).group, written.others == 2


def symbol(currency: str, locale: str) -> str:
    return get_currency_symbol(currency, locale=locale)
