"""What a sale comes to: the test values of Braintree's sandbox, and the processor's response codes.

README.md lists the test amounts, cards, security codes, postal codes and nonces, and the differences from Braintree.
"""

from dataclasses import dataclass
from decimal import Decimal

from braintree_emulator import cards
from braintree_emulator.nonces import FRESH, Nonces

RESPONSE_TEXTS = {
    "1000": "Approved",
    "2000": "Do Not Honor",
    "2001": "Insufficient Funds",
    "2002": "Limit Exceeded",
    "2003": "Cardholder's Activity Limit Exceeded",
    "2004": "Expired Card",
    "2005": "Invalid Credit Card Number",
    "2006": "Invalid Expiration Date",
    "2007": "No Account",
    "2008": "Card Account Length Error",
    "2009": "No Such Issuer",
    "2010": "Card Issuer Declined CVV",
    "2011": "Voice Authorization Required",
    "2012": "Processor Declined - Possible Lost Card",
    "2013": "Processor Declined - Possible Stolen Card",
    "2014": "Processor Declined - Fraud Suspected",
    "2015": "Transaction Not Allowed",
    "2016": "Duplicate Transaction",
    "2017": "Cardholder Stopped Billing",
    "2018": "Cardholder Stopped All Billing",
    "2019": "Invalid Transaction",
    "2020": "Violation",
    "2021": "Security Violation",
    "2022": "Declined - Updated Cardholder Available",
    "2023": "Processor Does Not Support This Feature",
    "2024": "Card Type Not Enabled",
    "2025": "Set Up Error - Merchant",
    "2026": "Invalid Merchant ID",
    "2027": "Set Up Error - Amount",
    "2028": "Set Up Error - Hierarchy",
    "2029": "Set Up Error - Card",
    "2030": "Set Up Error - Terminal",
    "2031": "Encryption Error",
    "2032": "Surcharge Not Permitted",
    "2033": "Inconsistent Data",
    "2034": "No Action Taken",
    "2035": "Partial Approval For Amount In Group III Version",
    "2036": "Authorization could not be found",
    "2037": "Already Reversed",
    "2038": "Processor Declined",
    "2039": "Invalid Authorization Code",
    "2040": "Invalid Store",
    "2041": "Declined - Call For Approval",
    "2042": "Invalid Client ID",
    "2043": "Error - Do Not Retry, Call Issuer",
    "2044": "Declined - Call Issuer",
    "2045": "Invalid Merchant Number",
    "2046": "Declined",
    "2047": "Call Issuer. Pick Up Card.",
    "2048": "Invalid Amount",
    "2049": "Invalid SKU Number",
    "2050": "Invalid Credit Plan",
    "2051": "Credit Card Number does not match method of payment",
    "2052": "Invalid level III Purchase",
    "2053": "Card reported as lost or stolen",
    "2054": "Reversal amount does not match authorization amount",
    "2055": "Invalid Transaction Division Number",
    "2056": "Transaction amount exceeds the transaction division limit",
    "2057": "Issuer or Cardholder has put a restriction on the card",
    "2058": "Merchant not Mastercard SecureCode enabled",
    "2059": "Address Verification Failed",
    "2060": "Address Verification and Card Security Code Failed",
    "2061": "Invalid Transaction Data",
    "2062": "Invalid Tax Amount",
    "2064": "Invalid Currency Code",
    "2078": "Invalid Secure Payment Data",
    "2099": "Cardholder Authentication Required",
    "2101": "Additional authorization required",
    "2102": "Incorrect PIN",
    "2103": "PIN try exceeded",
    "2104": "Offline Issuer Declined",
    "2105": "Cannot Authorize at this time (Life cycle)",
    "2106": "Cannot Authorize at this time (Policy)",
    "2107": "Card Not Activated",
    "2108": "Closed Card",
    "3000": "Processor Network Unavailable - Try Again",
    "4001": "Settlement Declined",
    "4002": "Settlement Pending",
}
# Those up to 2108 after which the same card may be tried again. From 2109 on every code is soft.
SOFT_DECLINES = set(
    """
    2000 2001 2002 2003 2016 2025 2026 2034 2035 2038 2040 2042 2046 2048 2057 2062 2078 2080 2092 2099
    2101 2102 2103 2104 2105 2106
    """.split()  # noqa: SIM905
)


def response_type(code: str | None) -> str | None:
    """processor-response-type: whether retrying the card may help."""
    if code is None:
        return None
    if code == "1000":
        return "approved"
    return "soft_declined" if code in SOFT_DECLINES or code > "2108" else "hard_declined"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is authorized, processor_declined, failed or gateway_rejected."""

    status: str
    code: str | None = None
    rejection: str | None = None

    @property
    def text(self) -> str:
        if self.rejection:
            return f"Gateway Rejected: {self.rejection}"
        return RESPONSE_TEXTS.get(self.code, "Processor Declined")


APPROVED = Outcome("authorized", "1000")


def rejected(reason: str) -> Outcome:
    return Outcome("gateway_rejected", rejection=reason)


def outcome_of_amount(amount: Decimal) -> Outcome:
    """Test amounts count whatever the currency: 2500 yen is declined, too."""
    if 2000 <= amount < 3000:
        return Outcome("processor_declined", str(int(amount)))
    if 3000 <= amount < 3001:
        return Outcome("failed", "3000")
    if amount == 5001:
        return rejected("application_incomplete")
    return APPROVED


def settlement_of_amount(amount: Decimal) -> str:
    """The status in which settlement of an authorized amount ends."""
    if 4001 <= amount < 4002:
        return "settlement_declined"
    return "settlement_pending" if 4002 <= amount < 4003 else "settled"


def outcome_of_card(card: dict, now, postal_code_rule: bool = False) -> Outcome:
    """By the card, its CVV and AVS response codes, and the merchant's rules about them. With `postal_code_rule` a card
    without a postal code is rejected."""
    behavior = card.get("behavior")
    if behavior in ("fraud", "risk_threshold"):
        return rejected(behavior)
    cvv, avs = card["cvv_result"] == "N", "N" in (card["avs_postal"], card["avs_street"])
    avs = avs or (postal_code_rule and card["avs_postal"] == "I")
    if cvv or avs:
        return rejected("avs_and_cvv" if cvv and avs else "cvv" if cvv else "avs")
    if behavior == "declined":
        return Outcome("processor_declined", "2000")
    if behavior == "processor_failure":
        return Outcome("failed", "3000")
    if cards.is_expired(card["month"], card["year"], now):
        return Outcome("processor_declined", "2004")
    return APPROVED


VALID = {
    "visa": "4111111111111111",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "jcb": "3530111333300000",
    "dinersclub": "36259600000004",
    "maestro": "6304000000000000",
}
VALID_VISAS = """business commercial consumer corporate country-of-issuance-cad country-of-issuance-usa debit
durbin-regulated healthcare issuing-bank-network-only no-indicators payroll prepaid prepaid-reloadable
purchase unknown-indicators""".split()  # noqa: SIM905
DECLINED_BY_BRAND = {
    "visa": "4000111111111115",
    "mastercard": "5105105105105100",
    "amex": "378734493671000",
    "discover": "6011000990139424",
}
NONCE_STATUSES = {
    "two-visa-error-on-lookup": "lookup_error",
    "two-visa-successful-frictionless-authentication": "authenticate_successful",
    "two-visa-successful-step-up-authentication": "authenticate_successful",
    "two-visa-timeout-on-lookup": "lookup_server_error",
    "visa-attempts-non-participating": "authenticate_attempt_successful",
    "visa-authentication-unavailable": "authenticate_unable_to_authenticate",
    "visa-bypassed-authentication": "lookup_bypassed",
    "visa-failed-authentication": "authenticate_failed",
    "visa-failed-signature": "authenticate_signature_verification_failed",
    "visa-full-authentication": "authenticate_successful",
    "visa-lookup-timeout": "lookup_server_error",
    "visa-mpi-authenticate-error": "authenticate_error",
    "visa-mpi-lookup-error": "lookup_error",
    "visa-not-enrolled": "lookup_not_enrolled",
    "visa-unavailable": "authentication_unavailable",
}
CONSUMED, LUHN_INVALID = "fake-consumed-nonce", "fake-luhn-invalid-nonce"
NUMBERS = {
    "fake-valid-nonce": VALID["visa"],
    **{f"fake-valid-{name}-nonce": number for name, number in VALID.items()},
    **{f"fake-valid-{name}-nonce": VALID["visa"] for name in VALID_VISAS},
    **{f"fake-processor-declined-{name}-nonce": number for name, number in DECLINED_BY_BRAND.items()},
    "fake-processor-failure-jcb-nonce": cards.PROCESSOR_FAILURE[0],
    "fake-gateway-rejected-fraud-nonce": VALID["visa"],
    "fake-gateway-rejected-risk-thresholds-nonce": VALID["visa"],
    **{f"fake-three-d-secure-{name}-nonce": "4000000000001000" for name in NONCE_STATUSES},
}
BEHAVIORS = {
    "fake-gateway-rejected-fraud-nonce": "fraud",
    "fake-gateway-rejected-risk-thresholds-nonce": "risk_threshold",
}


def nonce_record(nonces: Nonces, name: str) -> dict | None:
    """The record of one of the SDK's test nonces, which can be used any number of times."""
    number = NUMBERS.get(name)
    if number is None:
        return None
    brand = cards.brand_of(number)
    status = NONCE_STATUSES.get(name.removeprefix("fake-three-d-secure-").removesuffix("-nonce"))
    card = {
        "bin": number[:6],
        "last4": number[-4:],
        "brand": brand.name,
        "brand_code": brand.code,
        "month": "12",
        "year": str(nonces.clock().year + 2),
        "cardholder_name": "",
        "fingerprint": nonces.fingerprint(number),
        "behavior": BEHAVIORS.get(name) or cards.behavior_of(number),
        "three_d_secure_scenario": cards.scenario_of(number),
        "cvv_result": "I",
        "postal_code": "",
        "avs_postal": "I",
        "avs_street": "I",
    }
    return {
        "nonce": name,
        "type": "CreditCard",
        "state": FRESH,
        "created_ms": nonces.now_ms(),
        "bin": card["bin"],
        "last4": card["last4"],
        "brand": brand.name,
        "card": card,
        "three_d_secure_info": status and cards.three_d_secure_info(status, brand.name),
        "payment_method_token": None,
        "customer_id": None,
    }
