"""What amounts, cards and nonces with a meaning do, as in Braintree's sandbox.

Amounts, whatever the currency (2500 yen is declined, too):
  0.01-1999.99, 3001-4000.99, 4003 and more   approved
  2000-2999.99                                declined by the processor with that code
  3000-3000.99                                failed, processor code 3000
  4001-4001.99                                approved; settlement is declined later
  4002-4002.99                                approved; settlement stays pending
  5001.00                                     rejected by the gateway: application_incomplete
Security code 200 (2000 for American Express): rejected, cvv. Postal code 20000 or house number 200:
rejected, avs; both: avs_and_cvv. 201/20001 "not verified", 30000 "system error" and 301/30001 "bank takes no part"
pass. Without a postal code: rejected, avs, where the merchant's rule says so (DemoGateway.postal_code_rule).
Cards: 4000111111111115, 5105105105105100, 378734493671000, 6011000990139424 and 38520000009814 are
declined (2000), 3566002020360505 fails (3000), an expired card is declined (2004). What 3-D Secure does
with a card is in cards.THREE_D_SECURE. Numbers that are not in cards.TEST_NUMBERS are refused (81717).
Nonces: the SDK's test nonces for cards (below), any number of times; those for other instruments are
refused with 91577. options.three_d_secure.required wants a nonce with liability shifted.
Duplicates: same amount, order id, card and expiry within 30 s of a successful sale are rejected, unless
an api_request_key is sent.

Unlike the sandbox: 4001 concerns cards as well, failing cards fail sales and not only verifications,
expired cards are noticed, and rules for cvv and avs are always on.
"""

from dataclasses import dataclass
from decimal import Decimal

from braintree_emulator import cards, processor
from braintree_emulator.vault import FRESH, Vault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sale comes to. `status` is authorized, processor_declined, failed or gateway_rejected."""

    status: str
    code: str | None = None
    rejection: str | None = None

    @property
    def text(self) -> str:
        if self.rejection:
            return f"Gateway Rejected: {self.rejection}"
        return processor.TEXTS.get(self.code, "Processor Declined")


APPROVED = Outcome("authorized", "1000")


def rejected(reason: str) -> Outcome:
    return Outcome("gateway_rejected", rejection=reason)


def outcome_of_amount(amount: Decimal) -> Outcome:
    """By the amount alone, whatever the currency."""
    if 2000 <= amount < 3000:
        return Outcome("processor_declined", str(int(amount)))
    if 3000 <= amount < 3001:
        return Outcome("failed", "3000")
    if amount == 5001:
        return rejected("application_incomplete")
    return APPROVED


def settlement_of_amount(amount: Decimal) -> str:
    """What settlement comes to, in the end, for an authorised amount."""
    if 4001 <= amount < 4002:
        return "settlement_declined"
    return "settlement_pending" if 4002 <= amount < 4003 else "settled"


def outcome_of_card(card: dict, now, postal_code_rule: bool = False) -> Outcome:
    """By what the card is, the bank's answer to cvv and address, and the merchant's rules about them. With
    `postal_code_rule` a card without a postal code is rejected."""
    behaviour = card.get("behaviour")
    if behaviour in ("fraud", "risk_threshold"):
        return rejected(behaviour)
    cvv, avs = card["cvv_result"] == "N", "N" in (card["avs_postal"], card["avs_street"])
    avs = avs or (postal_code_rule and card["avs_postal"] == "I")
    if cvv or avs:
        return rejected("avs_and_cvv" if cvv and avs else "cvv" if cvv else "avs")
    if behaviour == "declined":
        return Outcome("processor_declined", "2000")
    if behaviour == "processor_failure":
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
DECLINED = {
    "visa": "4000111111111115",
    "mastercard": "5105105105105100",
    "amex": "378734493671000",
    "discover": "6011000990139424",
}
THREE_D_SECURE = {
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
    **{f"fake-processor-declined-{name}-nonce": number for name, number in DECLINED.items()},
    "fake-processor-failure-jcb-nonce": cards.PROCESSOR_FAILURE[0],
    "fake-gateway-rejected-fraud-nonce": VALID["visa"],
    "fake-gateway-rejected-risk-thresholds-nonce": VALID["visa"],
    **{f"fake-three-d-secure-{name}-nonce": "4000000000001000" for name in THREE_D_SECURE},
}
BEHAVIOURS = {
    "fake-gateway-rejected-fraud-nonce": "fraud",
    "fake-gateway-rejected-risk-thresholds-nonce": "risk_threshold",
}


def nonce_record(vault: Vault, name: str) -> dict | None:
    """The record of one of the SDK's test nonces; they can be used any number of times."""
    number = NUMBERS.get(name)
    if number is None:
        return None
    brand = cards.brand_of(number)
    status = THREE_D_SECURE.get(name.removeprefix("fake-three-d-secure-").removesuffix("-nonce"))
    card = {
        "bin": number[:6],
        "last4": number[-4:],
        "brand": brand.name,
        "brand_code": brand.code,
        "month": "12",
        "year": str(vault.clock().year + 2),
        "cardholder_name": "",
        "fingerprint": vault.fingerprint(number),
        "behaviour": BEHAVIOURS.get(name) or cards.behaviour_of(number),
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
        "created_ms": vault.now_ms(),
        "bin": card["bin"],
        "last4": card["last4"],
        "brand": brand.name,
        "card": card,
        "three_d_secure_info": status and cards.three_d_secure_info(status, brand.name),
        "payment_method_token": None,
        "customer_id": None,
    }
