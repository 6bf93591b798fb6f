"""How a charge at the gateway describes itself: its invoices, their customer, and the payer.

The description is sent as the transaction's line items, which need no set-up in the Control Panel. With it, a charge
can be booked even if this database has lost it. Each line is an invoice with its amount; the first one also describes
the payment:

    name "INV-1041", description "PAY-7GKX… maya@cedarlane.example 77", product code = portal id, amount

Beyond MAX_LINES invoices, all but the first share lines, three each, as "KEY=MINOR KEY=MINOR KEY=MINOR" in the
description. A number that is too long, or has characters that these fields don't allow, is replaced by a digest.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_LINES, NAME, DESCRIPTION, CODE = 249, 35, 127, 12  # Braintree's limits
CUSTOMER, PACKED, PER_LINE = 36, 28, 3
NO_PAYER = "-"
PLAIN = re.compile(r"[!-~]([ -~]*[!-~])?")  # printable ASCII, no space at the ends
WORD = re.compile(r"[A-Za-z0-9._/#-]+")
SEVERAL = re.compile(r"[0-9]+ invoices")


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """A line item as the gateway stores it; `amount_minor` is in the charge's currency."""

    name: str
    description: str
    code: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ChargeDescription:
    """What the lines of a charge say. `customer` and the first item of each part are keys, see `key_of`. `payer` is
    an email address, or '' if it did not fit. `parts` are (invoice key, minor units)."""

    portal_id: str
    reference: str
    payer: str
    customer: str
    parts: tuple[tuple[str, int], ...]


def key_of(number: str, most: int, allowed: re.Pattern = PLAIN) -> str:
    """The number itself if it fits, otherwise '#' and a digest of 16 hexadecimal digits."""
    fits = len(number) <= most and allowed.fullmatch(number) and not SEVERAL.fullmatch(number)
    return number if fits and not number.startswith("#") else f"#{hashlib.sha256(number.encode()).hexdigest()[:16]}"


def keys_of_customer(number: str) -> set[str]:
    return {key_of(number, CUSTOMER)}


def keys_of_invoice(number: str) -> set[str]:
    return {key_of(number, NAME), key_of(number, PACKED, WORD)}


def write(
    portal_id: str, reference: str, payer: str, customer: str, parts: Sequence[tuple[str, int]]
) -> tuple[ChargeLine, ...]:
    (first, minor), *rest = parts
    lines = [ChargeLine(key_of(first, NAME), heading(reference, payer, customer), portal_id, minor)]
    if len(parts) <= MAX_LINES:
        lines += [ChargeLine(key_of(number, NAME), reference, portal_id, minor) for number, minor in rest]
    else:
        lines += [packed(rest[at : at + PER_LINE], portal_id) for at in range(0, len(rest), PER_LINE)]
    return tuple(lines)


def heading(reference: str, payer: str, customer: str) -> str:
    customer = key_of(customer, CUSTOMER)
    fits = PLAIN.fullmatch(payer) and " " not in payer and len(f"{reference} {payer} {customer}") <= DESCRIPTION
    return f"{reference} {payer if fits else NO_PAYER} {customer}"


def packed(parts: Sequence[tuple[str, int]], portal_id: str) -> ChargeLine:
    words = (f"{key_of(number, PACKED, WORD)}={minor}" for number, minor in parts)
    return ChargeLine(f"{len(parts)} invoices", " ".join(words), portal_id, sum(minor for _, minor in parts))


def read(lines: Iterable[ChargeLine]) -> ChargeDescription | None:
    """What these lines say; None if they weren't written by a portal like this one."""
    lines = list(lines)
    heading = re.fullmatch(r"(PAY-[A-Z0-9]{10}) (\S+) (.+)", lines[0].description) if lines else None
    if not heading or not lines[0].code or any(line.code != lines[0].code for line in lines):
        return None
    parts = [part for line in lines for part in parts_of(line)]
    if sum(minor for _, minor in parts) != sum(line.amount_minor for line in lines):
        return None
    reference, payer, customer = heading.groups()
    return ChargeDescription(lines[0].code, reference, "" if payer == NO_PAYER else payer, customer, tuple(parts))


def parts_of(line: ChargeLine) -> list[tuple[str, int]]:
    if not SEVERAL.fullmatch(line.name):
        return [(line.name, line.amount_minor)]
    return [(key, int(minor)) for key, minor in re.findall(r"(\S+)=([0-9]{1,15})(?= |$)", line.description)]
