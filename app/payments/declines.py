"""What a customer reads when a card was not charged, by kind of decline. `{card}` is 'Visa ending 4242'."""

from dataclasses import dataclass

from app.models import Attempt
from app.web.payment_answer import NOT_CHARGED

DIFFERENT, SMALLER, CORRECT, AGAIN = "different", "smaller", "correct", "again"


@dataclass(frozen=True, slots=True)
class Decline:
    """`text` for the customer; `next` is what they can do."""

    text: str
    next: tuple[str, ...] = ()
    needs_administrator: bool = False


REASON_UNKNOWN = (
    "Your bank did not approve this payment and did not say why. "
    f"Call the number on the card, or use a different card. {NOT_CHARGED}"
)
DECLINES = {
    "funds": Decline(f"Your bank says there are not enough funds on the {{card}}. {NOT_CHARGED}", (DIFFERENT, SMALLER)),
    "limit": Decline(
        f"This payment is over a limit your bank has set on the {{card}}. {NOT_CHARGED}", (SMALLER, DIFFERENT)
    ),
    "expired": Decline(f"The {{card}} has expired, or the expiration date does not match. {NOT_CHARGED}", (DIFFERENT,)),
    "number": Decline(
        f"The card number was not recognized. Check it, or use a different card. {NOT_CHARGED}", (CORRECT,)
    ),
    "security_code": Decline(f"The security code does not match the card. {NOT_CHARGED}", (CORRECT,)),
    "postal_code": Decline(f"The postal code does not match the card. {NOT_CHARGED}", (CORRECT,)),
    "postal_and_security_code": Decline(
        f"The postal code or the security code does not match the card. {NOT_CHARGED}", (CORRECT,)
    ),
    "address": Decline(
        "Your bank could not verify the card's billing address. Contact your bank, or use a different card. "
        f"{NOT_CHARGED}",
        (DIFFERENT,),
    ),
    "no_postal_code": Decline(
        "This payment needs the card's billing address, and this page does not ask for it. Contact us, or use a "
        f"different card. {NOT_CHARGED}",
        (DIFFERENT,),
        needs_administrator=True,
    ),
    "unusable": Decline(
        f"This card cannot be used for this payment. Use a different card. {NOT_CHARGED}", (DIFFERENT,)
    ),
    "inactive": Decline(
        f"This card is not active yet. Contact your bank, or use a different card. {NOT_CHARGED}",
        (DIFFERENT,),
    ),
    "check": Decline(
        f"Your bank needs to check that it is you. Try again and complete the check. {NOT_CHARGED}", (AGAIN,)
    ),
    "uncheckable": Decline(
        f"This card cannot be checked with your bank. Use a different card. {NOT_CHARGED}", (DIFFERENT,)
    ),
    "busy": Decline(f"Card payments are busy right now. Try again in a few minutes. {NOT_CHARGED}", (AGAIN,)),
    "reason_unknown": Decline(REASON_UNKNOWN, (AGAIN, DIFFERENT)),
    # Lost, stolen, suspected fraud: the payer must not learn why, so the sentence is that of reason_unknown.
    "reason_withheld": Decline(REASON_UNKNOWN, (DIFFERENT,)),
    "setup": Decline(
        f"Card payments are not working right now. This is our fault, not your card. {NOT_CHARGED}",
        needs_administrator=True,
    ),
    "unreachable": Decline(f"We could not reach your bank. Try again in a few minutes. {NOT_CHARGED}", (AGAIN,)),
    "too_often": Decline(
        f"There have been too many attempts with this card. Use a different card. {NOT_CHARGED}", (DIFFERENT,)
    ),
    "duplicate": Decline(
        "This attempt was not charged because it looks like a payment you have just made. Check Payments before you "
        "try again."
    ),
    "stale": Decline(f"The card details were entered too long ago. Enter them again. {NOT_CHARGED}", (CORRECT,)),
    "mischarged": Decline(
        "Your card was charged a different amount than the one you agreed to. We have been notified and will "
        "correct it. Contact us before you pay again.",
        needs_administrator=True,
    ),
    "mischarge_reversed": Decline(
        "Your card was charged a different amount than the one you agreed to. That charge was reversed.", (AGAIN,)
    ),
    "charged": Decline(
        "Your card was charged, and the money does not count toward these invoices yet. We have been notified and "
        "will correct it. Contact us before you pay again.",
        needs_administrator=True,
    ),
    "given_up": Decline(f"This payment was not completed. {NOT_CHARGED}", (AGAIN,)),
}
PROCESSOR_CODES = {
    "funds": (2001,),
    "limit": (2002, 2003),
    "expired": (2004, 2006, 2022),
    "number": (2005, 2007, 2008, 2009, 2051, 2108),
    "security_code": (2010,),
    "address": (2059,),
    "postal_and_security_code": (2060,),
    "unusable": (2015, 2019, 2024),
    "inactive": (2107,),
    "check": (2099,),
    "reason_withheld": (2012, 2013, 2014, 2020, 2021, 2043, 2047, 2053),
    "setup": (*range(2025, 2031), 2040, 2042, 2045, 2064),
    "unreachable": (2033, 2034, *range(3000, 4000)),
    "duplicate": (2016,),
}
REJECTIONS = {
    "cvv": "security_code",
    "avs": "postal_code",
    "avs_and_cvv": "postal_and_security_code",
    "three_d_secure": "check",
    "fraud": "reason_withheld",
    "risk_threshold": "reason_withheld",
    "excessive_retry": "too_often",
    "duplicate": "duplicate",
    "application_incomplete": "setup",
    "token_issuance": "unreachable",
    "mischarged": "mischarged",
    "mismatch": "given_up",
    "voided": "given_up",
    "decision": "given_up",
}
# The gateway refused to try: kinds by the start of its validation code. Any other code means the merchant account.
REFUSALS = {
    "81509": "unusable",
    "81703": "unusable",
    "91517": "unusable",
    "81736": "security_code",
    "81571": "check",
    "817": "number",
    "9156": "stale",
}
TOO_MANY_REQUESTS = "(429)"
# The bank check could not even begin, so trying the same card again is useless.
UNCHECKABLE = ("lookup_", "unsupported_card", "authentication_unavailable")
KIND_BY_CODE = {str(code): kind for kind, codes in PROCESSOR_CODES.items() for code in codes}

# Certainly not charged, and no bank was asked: the reasons of NotCharged in app/payments/checkout.py.
NOT_ASKED = {
    "unreachable": "unreachable",
    "currency": "setup",
    "abandoned": "given_up",
}
# The same for administrators, after the card.
ADMINISTRATOR_TEXTS = {
    "funds": "not enough funds",
    "limit": "over a limit of the card",
    "expired": "expired, or the expiration date is wrong",
    "number": "the card number is wrong",
    "security_code": "the security code is wrong",
    "postal_code": "the postal code does not match, or is missing",
    "postal_and_security_code": "the postal code or the security code does not match",
    "address": "the bank could not verify the billing address",
    "unusable": "not accepted for this payment",
    "inactive": "not active yet",
    "check": "the payer did not pass the bank's check",
    "uncheckable": "the bank cannot check the payer",
    "busy": "Braintree had too many requests",
    "reason_unknown": "the bank did not say why",
    "reason_withheld": "the bank or a fraud rule refused it",
    "setup": "your Braintree account or its settings refused it",
    "unreachable": "the bank could not be reached",
    "too_often": "too many attempts with this card",
    "duplicate": "the same payment was made just before",
    "stale": "the card details were entered too long ago",
    "mischarged": "Braintree charged a different amount than was agreed",
    "given_up": "it was not completed",
}
# The kind used instead if the page has a field for a postal code, and if it has none. If the gateway's rule needs a
# field that the page doesn't have, that is our fault; a bank's decline isn't.
WITH_POSTAL_CODE = {"address": "postal_code"}
WITHOUT_POSTAL_CODE = {"postal_code": "no_postal_code", "postal_and_security_code": "security_code"}


def kind_of(attempt: Attempt) -> str:
    """A key of DECLINES for an attempt that was declined or abandoned."""
    if attempt.state == Attempt.ABANDONED or not attempt.reason:
        return "given_up"
    if attempt.reason == "processor":
        return KIND_BY_CODE.get(attempt.processor_code, "reason_unknown")
    if attempt.reason == "refused":
        return refusal_kind(attempt.processor_text)
    if attempt.reason == "three_d_secure":
        return check_kind(attempt.processor_text)
    return REJECTIONS.get(attempt.reason, "reason_unknown")


def check_kind(status: str) -> str:
    return "uncheckable" if status.startswith(UNCHECKABLE) else "check"


def refusal_kind(detail: str) -> str:
    if TOO_MANY_REQUESTS in detail:
        return "busy"
    return next((kind for code, kind in REFUSALS.items() if detail.startswith(code)), "setup")


def explain_not_asked(reason: str, detail: str) -> Decline:
    if reason in ("card", "gateway"):
        return DECLINES[refusal_kind(detail)]
    return DECLINES[check_kind(detail) if reason == "three_d_secure" else NOT_ASKED[reason]]


def card_of(attempt: Attempt) -> str:
    if not attempt.last_four:
        return "card"
    return f"{attempt.card_type or 'card'} ending {attempt.last_four}"


def explain_decline(attempt: Attempt, has_money: bool | None = None, *, asks_postal_code: bool = False) -> Decline:
    """What a customer reads about an attempt that was not charged, with its card filled in.

    `has_money`: money came in for it anyway and has not gone back; None if that was not looked up. `asks_postal_code`:
    the pay page has that field. Texts name only fields that are on the page.
    """
    name = kind_of(attempt)
    name = (WITH_POSTAL_CODE if asks_postal_code else WITHOUT_POSTAL_CODE).get(name, name)
    if name == "mischarged":
        name = "mischarge_reversed" if has_money is False else name
    elif has_money:
        name = "charged"
    kind = DECLINES[name]
    return Decline(kind.text.replace("{card}", card_of(attempt)), kind.next, kind.needs_administrator)


def reason_of(attempt: Attempt) -> str:
    """Why it was declined, for administrators: 'Visa ending 4242: not enough funds (2001 Insufficient Funds)'."""
    card = card_of(attempt)
    said = " ".join(filter(None, (attempt.processor_code, attempt.processor_text)))
    return f"{card[0].upper()}{card[1:]}: {ADMINISTRATOR_TEXTS[kind_of(attempt)]}{f' ({said})' if said else ''}"
