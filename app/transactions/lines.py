"""The typed lines of a document: four texts each, parsed in the notation of the reader's locale."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest

from babel.numbers import format_decimal

from app import money, notation
from app.invoices.document import decimal_text
from app.printable import quote
from app.transactions.documents import EnteredLine
from app.web import field_parsers
from app.web.limits import longest

NAMES = ("description", "quantity", "unit_price", "line_amount")
LABELS = dict(zip(NAMES, ("Description", "Quantity", "Unit price", "Amount"), strict=True))
MAX_LINES = 200
MAX_UNITS = 999_999_999  # the largest whole number that a notation reads
EMPTY_LINES = 3  # in a new form


@dataclass
class TypedLine:
    """One row of the form. `errors` is {name: text}. `amount_minor` is None until the line is read without errors."""

    description: str = ""
    quantity: str = ""
    unit_price: str = ""
    line_amount: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    amount_minor: int | None = None

    @classmethod
    def of(cls, line: EnteredLine, currency: str, locale: str) -> "TypedLine":
        return cls(
            line.description,
            decimal_text(line.quantity, locale, 0),
            decimal_text(line.unit_price, locale, money.exponent(currency)),
            "" if line.unit_price else money.format_amount(line.amount_minor, currency, locale),
            amount_minor=line.amount_minor,
        )

    @property
    def is_blank(self) -> bool:
        return not any(getattr(self, name).strip() for name in NAMES)

    def read(self, currency: str, locale: str) -> EnteredLine | None:
        """None if the line is not valid; then `errors` is set."""
        for name in NAMES:
            if len(getattr(self, name)) > longest(name):
                self.errors[name] = f"{LABELS[name]} must have {longest(name):,} characters or fewer"
        description = self._parsed("description", field_parsers.several_lines, self.description) or ""
        if not description and "description" not in self.errors:
            self.errors["description"] = "Enter a description"
        quantity = self._decimal("quantity", notation.bare(notation.UNIT_DECIMALS, locale), locale)
        price = self._decimal("unit_price", notation.unit_price(currency, locale), locale)
        typed = self._amount(currency, locale)
        if self.errors:
            return None
        amount = self._total(quantity, price, typed, currency, locale)
        if amount is None:
            return None
        self.amount_minor = amount
        return EnteredLine(description, plain(quantity), plain(price), amount)

    def _total(self, quantity, price, typed: int | None, currency: str, locale: str) -> int | None:
        if price is None:
            if typed is None:
                self.errors["line_amount"] = "Enter a unit price or an amount"
            return typed
        exact = (Decimal(1) if quantity is None else quantity) * price
        amount = int(exact.scaleb(money.exponent(currency)).to_integral_value(ROUND_HALF_UP))
        if abs(amount) > money.MAX_MINOR:
            most = money.format_amount(money.MAX_MINOR, currency, locale)
            self.errors["unit_price"] = f"Quantity times unit price is too much for one line: it can be {most} at most"
            return None
        if typed is not None and typed != amount:
            came = money.format_amount(amount, currency, locale)
            self.errors["line_amount"] = f"Quantity times unit price is {came}. Clear the amount, or correct it"
            return None
        return amount

    def _parsed(self, name: str, parse, text: str):
        if name in self.errors:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.errors[name] = str(error)
            return None

    def _decimal(self, name: str, number_notation, locale: str) -> Decimal | None:
        text = getattr(self, name).strip()
        if not text or name in self.errors:
            return None
        sign, bare = split_sign(text)
        try:
            return sign * Decimal(number_notation.read(bare)).scaleb(-notation.UNIT_DECIMALS)
        except money.AmountError:
            self.errors[name] = number_hint(bare, locale)
            return None

    def _amount(self, currency: str, locale: str) -> int | None:
        sign, bare = split_sign(self.line_amount.strip())
        if not bare and sign > 0:
            return None
        minor = self._parsed("line_amount", lambda text: field_parsers.amount(text, currency, locale), bare)
        return None if minor is None else sign * minor


def number_hint(text: str, locale: str) -> str:
    """A message that says what to type instead of `text`."""
    point, group, _by_two = money.separators(locale)
    other = "," if point == "." else "."
    if re.fullmatch(r"[0-9]{10,}", re.split(f"[{point}]", text)[0].replace(group, "")):
        return f"Enter a number of {format_decimal(MAX_UNITS, locale=locale)} or less"
    if re.fullmatch(r"[0-9.,' \u00a0\u202f]*[0-9]", text) and other in text:
        return f"Write decimals after “{point}”, like {field_parsers.localized('2.5', locale)}, not after “{other}”"
    like = field_parsers.localized("2.5", locale)
    return f"{quote(text)} is not a number with at most {notation.UNIT_DECIMALS} decimals. Enter one like {like}"


def split_sign(text: str) -> tuple[int, str]:
    # A discount is a line with a negative amount.
    return (-1, text[1:].strip()) if text.startswith(field_parsers.MINUS) else (1, text)


def plain(value: Decimal | None) -> str:
    """Decimal text without trailing zeros: '12.5'."""
    return "" if value is None else f"{value.normalize():f}"


def typed_lines(form) -> list[TypedLine]:
    """The lines of the request, including blank ones; at most one more than MAX_LINES."""
    rows = zip_longest(*(form.getlist(name) for name in NAMES), fillvalue="")
    return [TypedLine(*row) for _, row in zip(range(MAX_LINES + 1), rows, strict=False)]
