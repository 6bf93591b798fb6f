"""Suggestions for a new form: the next free number and the currency."""

import re

from babel import Locale, UnknownLocaleError
from babel.numbers import get_territory_currencies

from app.models import Audit, Customer, Invoice
from app.number_spellings import SURE, plain, spellings

NEWEST = 200  # how many documents are searched for the highest number
MAX_TAKEN = 100
MAX_SIMILAR = 500
SERIAL = re.compile(r"(.*?)([0-9]{1,12})", re.ASCII | re.DOTALL)
FIRST = {Invoice.INVOICE: ("INV-", "1001"), Invoice.CREDIT_MEMO: ("CM-", "1001")}


def next_number(kind: str) -> str:
    """The next number in the series of the document of this kind that was entered last (imported documents may have
    numbers of another series). '' if too many numbers are taken."""
    entered = Audit.last(f"{kind}_entered")
    last = [entered.subject.partition(":")[2]] if entered else []
    found = [match for number in last + Invoice.newest_numbers(kind, NEWEST) if (match := SERIAL.fullmatch(number))]
    if not found:
        prefix, digits = FIRST[kind]
        return first_free(kind, prefix, digits, int(digits))
    prefix = found[0][1]
    digits = max((match[2] for match in found if match[1] == prefix), key=int)
    return first_free(kind, prefix, digits, int(digits) + 1)


def number_after(kind: str, number: str) -> str:
    """The first number after `number` that no customer has. '' if it doesn't end with digits, or if too many are
    taken."""
    match = SERIAL.fullmatch(number)
    return first_free(kind, match[1], match[2], int(match[2]) + 1) if match else ""


def first_free(kind: str, prefix: str, digits: str, serial: int) -> str:
    """Numbers are padded with zeros to the length of `digits`."""
    candidates = (f"{prefix}{one:0{len(digits)}}" for one in range(serial, serial + MAX_TAKEN))
    return next((number for number in candidates if not Invoice.has_number(kind, number)), "")


def similar_number(customer: Customer, kind: str, number: str) -> str:
    """A number of the customer's other documents that may be `number` in another spelling, such as INV-3 for 'inv 3'.
    '' if there is none."""
    text = plain(number)
    serial = max(re.findall("[0-9]+", text), key=len, default="").lstrip("0")
    others = Invoice.numbers_with(customer, kind, serial or text, MAX_SIMILAR)
    return next((other for other in others if other != number and keys_of(other) & keys_of(number)), "")


def keys_of(number: str) -> set[str]:
    return {spelling.key for spelling in spellings(number) if spelling.need == SURE}


def usual_currency(locale: str) -> str:
    """The currency of the locale's country: EUR for de_DE."""
    try:
        territory = Locale.parse(locale).territory
    except (UnknownLocaleError, ValueError):
        territory = None
    return (get_territory_currencies(territory) or ["USD"])[0] if territory else "USD"
