"""What a new form proposes: the next free number and the currency."""

import re

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from app.models import Invoice

NEWEST = 200  # documents among which the highest number is looked for
MOST_TAKEN = 100
SERIAL = re.compile(r"(.*?)([0-9]{1,12})", re.ASCII | re.DOTALL)
FIRST = {Invoice.INVOICE: ("INV-", "1001"), Invoice.CREDIT_MEMO: ("CM-", "1001")}


def next_number(kind: str) -> str:
    """The first number after those of the newest documents that no customer has; '' if many of them are taken."""
    found = [match for number in Invoice.newest_numbers(kind, NEWEST) if (match := SERIAL.fullmatch(number))]
    if not found:
        prefix, digits = FIRST[kind]
        serial = int(digits)
    else:
        prefix = found[0][1]
        digits = max((match[2] for match in found if match[1] == prefix), key=int)
        serial = int(digits) + 1
    for candidate in range(serial, serial + MOST_TAKEN):
        number = f"{prefix}{candidate:0{len(digits)}}"
        if not Invoice.has_number(kind, number):
            return number
    return ""


def usual_currency(locale: str) -> str:
    """The currency of the country of a locale: EUR for de_DE."""
    try:
        territory = Locale.parse(locale).territory
    except (UnknownLocaleError, ValueError):
        territory = None
    return (get_territory_currencies(territory) or ["USD"])[0] if territory else "USD"
