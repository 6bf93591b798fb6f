"""Test cards: which numbers exist, their brands, and what each of them does.

Only the published test numbers below are cards here; any other number is refused before anything
is kept, so that nobody's real card can end up in a demo.
"""

import re
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Brand:
    """`name` is the server side's word, `code` GraphQL's brandCode."""

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

# These fail when a bank is asked: declined with 2000, or a processor failure (3000).
DECLINED = ["4000111111111115", "5105105105105100", "378734493671000", "6011000990139424", "38520000009814"]
PROCESSOR_FAILURE = ["3566002020360505"]

# What a bank does when asked for 3-D Secure: the result's status for the browser flow. Numbers ending
# in …1000 to …1117 are Braintree's older list, the others (per brand) its present one.
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

SHIFTED = {"authenticate_successful", "authenticate_attempt_successful"}
ENROLMENT = {
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
    """What 3-D Secure does with this number: a key of THREE_D_SECURE."""
    return SCENARIOS.get(number, "authenticate_successful")


def behaviour_of(number: str) -> str:
    """'' , 'declined' or 'processor_failure'."""
    return (number in DECLINED and "declined") or (number in PROCESSOR_FAILURE and "processor_failure") or ""


def cvv_result(cvv: str) -> str:
    """The bank's answer to a security code: M, N (200), U (201), S (301), or I when none was sent."""
    if not cvv:
        return "I"
    return {"200": "N", "2000": "N", "201": "U", "2011": "U", "301": "S", "3011": "S"}.get(cvv, "M")


def avs_result(value: str) -> str:
    """The bank's answer to a postal code (or house number): M, N (20000 or 200), U (20001 or 201), I when there was
    none; E (30000) for a system error and S (30001) for a bank that takes no part."""
    if not value.strip():
        return "I"
    answers = {"20000": "N", "200": "N", "20001": "U", "201": "U", "30000": "E", "30001": "S"}
    return answers.get(value.split()[0], "M")


def three_d_secure_info(status: str, brand: str = "Visa", reference: str = "") -> dict:
    """What Braintree says of a finished 3-D Secure authentication with this `status`.

    Keys are those of the SDK's ThreeDSecureInfo (underscores). `reference` is 32 hex digits or so.
    """
    shifted = status in SHIFTED
    enrolled = ENROLMENT.get(status, "Y")
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
