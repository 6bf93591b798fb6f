"""Merchant accounts, one per currency, and amounts as text with the currency's decimals."""

import re
from dataclasses import dataclass
from decimal import Decimal

LARGEST_MINOR = 2**32 - 1
CURRENCIES = "USD EUR GBP JPY KWD CAD AUD NZD CHF SEK NOK DKK PLN MXN HUF".split()  # noqa: SIM905
DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    currency: str
    default: bool = False

    @property
    def decimals(self) -> int:
        return DECIMALS.get(self.currency, 2)


def id_for(currency: str) -> str:
    """The id that a currency's account has, if there is one."""
    return f"demo_{currency.lower()}"


ACCOUNTS = {id_for(c): Account(id_for(c), c, default=c == "USD") for c in CURRENCIES}
DEFAULT = ACCOUNTS["demo_usd"]


def find(account_id: str | None) -> Account | None:
    """The account with that id; the default one for None."""
    return ACCOUNTS.get(account_id) if account_id else DEFAULT


def parse_amount(text: str | None, account: Account) -> int | str:
    """Minor units, or the validation error code of what is wrong with `text`.

    "49", "49.5" and "49.00" are the same in USD. JPY allows no decimals other than zeros, KWD three.
    """
    text = (text or "").strip()
    if not text:
        return "81502"
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        return "81501"
    if not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,3})?", text):
        return "81503"
    minor = Decimal(text).scaleb(account.decimals)
    if minor != minor.to_integral_value():
        return "81503"
    if minor == 0:
        return "81531"
    return "81528" if minor > LARGEST_MINOR else int(minor)


def format_amount(minor: int, currency: str) -> str:
    decimals = DECIMALS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-decimals):.{decimals}f}"


def to_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(format_amount(minor, currency))
