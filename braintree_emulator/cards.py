"""Test cards: their numbers and brands, what each of them does, and the validation of a typed card.

Only the published test numbers below are accepted. Any other number is refused before anything is stored, so that no
real card can end up in an emulator.
"""

import re
from dataclasses import dataclass
from datetime import datetime

FieldError = tuple[str, str, str]  # code, field, message


@dataclass(frozen=True, slots=True)
class Brand:
    """`name` is what the server SDKs call it, `code` is GraphQL's brandCode."""

    name: str
    code: str
    pattern: str
    cvv_length: int = 3


BRANDS = (
    Brand("American Express", "AMERICAN_EXPRESS", "3[47]", 4),
    Brand("Diners Club", "DINERS", "3(0[0-5]|6|8)"),
    Brand("JCB", "JCB", "35"),
    Brand("Elo", "ELO", "506699"),
    Brand("Visa", "VISA", "4"),
    Brand("MasterCard", "MASTERCARD", "5[1-5]|2[2-7]"),
    Brand("Discover", "DISCOVER", "6011|65|64[4-9]"),
    Brand("UnionPay", "UNION_PAY", "62"),
    Brand("Maestro", "UK_MAESTRO", "6304|5018"),
)
UNKNOWN = Brand("Unknown", "UNKNOWN", "")

ORDINARY = """
4111111111111111 4005519200000004 4009348888881881 4012000033330026 4012000077777777
4012888888881881 4217651111111119 4500600000000061 4242424242424242 4023898493988028
5555555555554444 2223000048400011 2223016768739313 378282246310005 371449635398431
36259600000004 6011111111111117 6011000991300009 3530111333300000 6304000000000000
5018000000000009 6212345678901232 5066991111111118
""".split()  # noqa: SIM905

# The issuer declines with 2000, or the processor fails with 3000, whatever the amount.
DECLINED = ["4000111111111115", "5105105105105100", "378734493671000", "6011000990139424", "38520000009814"]
PROCESSOR_FAILURE = ["3566002020360505"]

# The result of a 3-D Secure lookup in the browser. Numbers that end in 1000 to 1117 are Braintree's older list, the
# others its current one, per brand.
CHALLENGE = "challenge"
CHALLENGE_FAILED = "challenge_failed"
CHALLENGE_UNAVAILABLE = "challenge_unavailable"
THREE_D_SECURE = {
    "authenticate_successful": [
        *("4000000000001000", "4000000000002701", "5200000000001005", "5200000000002235"),
        *("340000000002708", "6011000000002117"),
    ],
    "authenticate_frictionless_failed": ["4000000000001018", "4000000000002925", "5200000000002276"],
    "authenticate_attempt_successful": ["4000000000001026", "4000000000002719", "5200000000002482"],
    "authenticate_unable_to_authenticate": ["4000000000001034", "4000000000002313"],
    "authenticate_rejected": ["4000000000001042", "4000000000002537"],
    "authentication_unavailable": ["4000000000001059"],
    "lookup_error": ["4000000000001067"],
    "lookup_server_error": ["4000000000001075"],
    "lookup_bypassed": ["4000000000001083"],
    CHALLENGE: ["4000000000001091", "4000000000002503", "5200000000001096", "5200000000002151"],
    CHALLENGE_FAILED: ["4000000000001109", "4000000000002370", "5200000000002490"],
    CHALLENGE_UNAVAILABLE: ["4000000000001117", "4000000000002420"],
}
SCENARIOS = {number: name for name, numbers in THREE_D_SECURE.items() for number in numbers}
TEST_NUMBERS = {*ORDINARY, *DECLINED, *PROCESSOR_FAILURE, *SCENARIOS}

# What each card does, in the order in which the page of test cards lists them.
GROUPS = {
    "Pays": ORDINARY,
    "The bank declines, whatever the amount": DECLINED,
    "The bank asks, and you confirm or cancel": THREE_D_SECURE[CHALLENGE],
    "The bank asks, and refuses whatever you answer": THREE_D_SECURE[CHALLENGE_FAILED],
    "The bank asks, and then cannot confirm": THREE_D_SECURE[CHALLENGE_UNAVAILABLE],
    "The bank confirms without asking": THREE_D_SECURE["authenticate_successful"],
    "The bank refuses without asking": THREE_D_SECURE["authenticate_frictionless_failed"],
    "The bank takes no part, and its card network confirms": THREE_D_SECURE["authenticate_attempt_successful"],
    "The bank cannot tell whose card it is": THREE_D_SECURE["authenticate_unable_to_authenticate"],
    "The bank rejects the authentication": THREE_D_SECURE["authenticate_rejected"],
    "3-D Secure is not available": THREE_D_SECURE["authentication_unavailable"],
    "The 3-D Secure lookup ends in an error": THREE_D_SECURE["lookup_error"],
    "The 3-D Secure server does not answer": THREE_D_SECURE["lookup_server_error"],
    "3-D Secure is bypassed": THREE_D_SECURE["lookup_bypassed"],
    "The processor fails": PROCESSOR_FAILURE,
}

SHIFTED = {"authenticate_successful", "authenticate_attempt_successful"}
ENROLLMENT = {
    "lookup_error": "U",
    "lookup_server_error": "U",
    "lookup_bypassed": "B",
    "authentication_unavailable": "U",
}


def brand_of(number: str) -> Brand:
    return next((brand for brand in BRANDS if re.match(brand.pattern, number)), UNKNOWN)


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def scenario_of(number: str) -> str:
    """A key of THREE_D_SECURE."""
    return SCENARIOS.get(number, "authenticate_successful")


def behavior_of(number: str) -> str:
    """'', 'declined' or 'processor_failure'."""
    return (number in DECLINED and "declined") or (number in PROCESSOR_FAILURE and "processor_failure") or ""


def cvv_result(cvv: str) -> str:
    """The CVV response code: M, N (200), U (201), S (301), or I when no CVV was sent."""
    if not cvv:
        return "I"
    return {"200": "N", "2000": "N", "201": "U", "2011": "U", "301": "S", "3011": "S"}.get(cvv, "M")


def avs_result(value: str) -> str:
    """The AVS response code for a postal code or a house number: M, N (20000 or 200), U (20001 or 201), I when there
    was none, E (30000) for a system error, S (30001) for an issuer that does not take part."""
    if not value.strip():
        return "I"
    answers = {"20000": "N", "200": "N", "20001": "U", "201": "U", "30000": "E", "30001": "S"}
    return answers.get(value.split()[0], "M")


def three_d_secure_info(status: str, brand: str = "Visa", reference: str = "") -> dict:
    """The SDK's ThreeDSecureInfo, as a dict, for an authentication that ended with `status`. The directory server's
    ids are made from `reference`."""
    shifted = status in SHIFTED
    enrolled = ENROLLMENT.get(status, "Y")
    strong = (brand == "MasterCard" and "02") or "05"
    weak = (brand == "MasterCard" and "01") or "06"
    eci = (strong if status == "authenticate_successful" else weak) if shifted else "07"
    letter = {
        "authenticate_successful": "Y",
        "authenticate_attempt_successful": "A",
        "authenticate_rejected": "R",
        "authenticate_unable_to_authenticate": "U",
    }.get(status, "N")
    return {
        "enrolled": enrolled,
        "status": status,
        "liability_shifted": shifted,
        "liability_shift_possible": enrolled == "Y",
        "cavv": "AAABAWFlmQAAAABjRWWZEEFgFz8=" if shifted else None,
        "xid": None,
        "eci_flag": eci,
        "three_d_secure_version": "2.2.0",
        "ds_transaction_id": f"ds-{reference}" if reference else None,
        "acs_transaction_id": f"acs-{reference}" if reference else None,
        "three_d_secure_server_transaction_id": f"3ds-{reference}" if reference else None,
        "pares_status": letter,
        "authentication": {"trans_status": letter, "trans_status_reason": None},
        "lookup": {"trans_status": letter, "trans_status_reason": None},
    }


def is_expired(month: str, year: str, now: datetime) -> bool:
    return (int(year), int(month)) < (now.year, now.month)


class CardRefused(Exception):
    """The card cannot be tokenized. `errors` has (code, field, message) for each reason; fields are number, cvv,
    expirationDate, expirationMonth and expirationYear."""

    def __init__(self, errors: list[FieldError]):
        self.errors = errors
        super().__init__("; ".join(message for _code, _field, message in errors))


def validate(number: str, month: str, year: str, cvv: str) -> None:
    """Raises CardRefused with every error. Codes and messages are Braintree's."""
    errors = [*number_errors(number), *expiry_errors(month, year), *cvv_errors(cvv, number)]
    if errors:
        raise CardRefused(errors)


def number_errors(number: str) -> list[FieldError]:
    if not number:
        return [("81714", "number", "Credit card number is required.")]
    if not re.fullmatch("[0-9]{12,19}", number):
        return [("81716", "number", "Credit card number must be 12-19 digits.")]
    if not passes_luhn(number):
        return [("81715", "number", "Credit card number is invalid.")]
    if number not in TEST_NUMBERS:
        return [("81717", "number", "Credit card number is not an accepted test number.")]
    return []


def expiry_errors(month: str, year: str) -> list[FieldError]:
    if not month and not year:
        return [("81709", "expirationDate", "Expiration date is required.")]
    if not re.fullmatch("0?[1-9]|1[0-2]", month or ""):
        return [("81712", "expirationMonth", "Expiration month is invalid.")]
    if not re.fullmatch("[0-9]{2}|20[0-9]{2}", year or ""):
        return [("81713", "expirationYear", "Expiration year is invalid.")]
    return []


def cvv_errors(cvv: str, number: str) -> list[FieldError]:
    length = brand_of(number).cvv_length
    if cvv and not re.fullmatch(f"[0-9]{{{length}}}", cvv):
        return [("81707", "cvv", "CVV must be 4 digits for American Express and 3 digits for other card types.")]
    return []
