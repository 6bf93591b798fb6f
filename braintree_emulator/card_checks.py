"""What a typed card must be. Codes and words are Braintree's."""

import re

from braintree_emulator import cards

Fault = tuple[str, str, str]


class CardRefused(Exception):
    """The card can't be tokenised. `errors` has (code, field, message) for each reason.

    Fields are number, cvv, expirationDate, expirationMonth and expirationYear.
    """

    def __init__(self, errors: list[Fault]):
        self.errors = errors
        super().__init__("; ".join(message for _code, _field, message in errors))


def check(number: str, month: str, year: str, cvv: str) -> None:
    """Raises CardRefused with everything that is wrong."""
    errors = [*number_errors(number), *expiry_errors(month, year), *cvv_errors(cvv, number)]
    if errors:
        raise CardRefused(errors)


def number_errors(number: str) -> list[Fault]:
    if not number:
        return [("81714", "number", "Credit card number is required.")]
    if not re.fullmatch("[0-9]{12,19}", number):
        return [("81716", "number", "Credit card number must be 12-19 digits.")]
    if not cards.passes_luhn(number):
        return [("81715", "number", "Credit card number is invalid.")]
    if number not in cards.TEST_NUMBERS:
        return [("81717", "number", "Credit card number is not an accepted test number.")]
    return []


def expiry_errors(month: str, year: str) -> list[Fault]:
    if not month and not year:
        return [("81709", "expirationDate", "Expiration date is required.")]
    if not re.fullmatch("0?[1-9]|1[0-2]", month or ""):
        return [("81712", "expirationMonth", "Expiration month is invalid.")]
    if not re.fullmatch("[0-9]{2}|20[0-9]{2}", year or ""):
        return [("81713", "expirationYear", "Expiration year is invalid.")]
    return []


def cvv_errors(cvv: str, number: str) -> list[Fault]:
    length = cards.brand_of(number).cvv_length
    if cvv and not re.fullmatch(f"[0-9]{{{length}}}", cvv):
        return [
            (
                "81707",
                "cvv",
                "CVV must be 4 digits for American Express and 3 digits for other card types.",
            )
        ]
    return []
