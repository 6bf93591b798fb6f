"""The words of every decline, against the documented table."""

import pytest

from app.models import Attempt
from app.payments.declines import (
    DECLINES,
    KIND_BY_CODE,
    PROCESSOR_CODES,
    REFUSALS,
    REJECTIONS,
    UNCHECKABLE,
    explain_decline,
    explain_not_asked,
    reason_of,
)

REASON_UNKNOWN = (
    "Your bank did not approve this payment and did not say why. Call the number on the card, or use a different card."
)
TABLE = [
    ("2001", "Your bank says there are not enough funds on the Visa ending 4242."),
    ("2002 2003", "This payment is over a limit your bank has set on the Visa ending 4242."),
    ("2004 2006 2022", "The Visa ending 4242 has expired, or the expiration date does not match."),
    ("2005 2007 2008 2009 2051 2108", "The card number was not recognized. Check it, or use a different card."),
    ("2010 cvv", "The security code does not match the card."),
    (
        "2059",
        "Your bank could not verify the card's billing address. Contact your bank, or use a different card.",
    ),
    (
        "avs",
        "This payment needs the card's billing address, and this page does not ask for it. Contact us, or use "
        "a different card.",
    ),
    ("2060 avs_and_cvv", "The security code does not match the card."),
    ("2015 2019 2024", "This card cannot be used for this payment. Use a different card."),
    ("2107", "This card is not active yet. Contact your bank, or use a different card."),
    ("2099 three_d_secure", "Your bank needs to check that it is you. Try again and complete the check."),
    ("2000 2038 2041 2044 2046 2057 2106 2011 2017 2999", REASON_UNKNOWN),
    ("2012 2013 2014 2020 2021 2043 2047 2053 fraud risk_threshold", REASON_UNKNOWN),
    (
        "2025 2026 2027 2028 2029 2030 2040 2042 2045 2064",
        "Card payments are not working right now. This is our fault, not your card.",
    ),
    ("3000 2033 2034", "We could not reach your bank. Try again in a few minutes."),
    ("excessive_retry", "There have been too many attempts with this card. Use a different card."),
]
ROWS = [(code, text) for codes, text in TABLE for code in codes.split()]


def attempt(code: str, **more) -> Attempt:
    said = {"reason": "processor", "processor_code": code} if code.isdigit() else {"reason": code}
    return Attempt(**{"state": Attempt.DECLINED, "card_type": "Visa", "last_four": "4242", **said, **more})


@pytest.mark.parametrize("code,text", ROWS)
def test_every_documented_code_has_a_sentence(code, text):
    assert explain_decline(attempt(code)).text == f"{text} You have not been charged."


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        ("2059 avs", "The postal code does not match the card."),
        ("2060 avs_and_cvv", "The postal code or the security code does not match the card."),
        ("2010 cvv", "The security code does not match the card."),
    ],
)
def test_a_page_that_asks_for_the_postal_code_names_it(codes, text):
    for code in codes.split():
        assert explain_decline(attempt(code), asks_postal_code=True).text == f"{text} You have not been charged."


@pytest.mark.parametrize("code", ["2016", "duplicate"])
def test_duplicate_decline_claims_only_that_this_attempt_was_not_charged(code):
    text = (
        "This attempt was not charged because it looks like a payment you have just made. Check Payments before you "
        "try again."
    )
    assert explain_decline(attempt(code)).text == text


def test_every_other_kind_ends_with_not_charged():
    endings = {kind for kind, decline in DECLINES.items() if not decline.text.endswith("You have not been charged.")}
    assert endings == {"duplicate", "mischarged", "mischarge_reversed", "charged"}


def test_no_code_is_of_two_kinds():
    assert len(KIND_BY_CODE) == sum(len(codes) for codes in PROCESSOR_CODES.values())


@pytest.mark.parametrize(
    ("reason", "code", "detail"),
    [
        *(("processor", code, "") for code in (*KIND_BY_CODE, "2000")),
        *(("refused", "", detail) for detail in (*REFUSALS, "(429)", "9")),
        *(("three_d_secure", "", status) for status in (*UNCHECKABLE, "")),
        *((reason, "", "") for reason in (*REJECTIONS, "something_new", "")),
    ],
)
def test_every_kind_has_a_text_for_administrators(reason, code, detail):
    declined = Attempt(state=Attempt.DECLINED, reason=reason, processor_code=code, processor_text=detail)
    assert reason_of(declined).startswith("Card: ")


@pytest.mark.parametrize("code", ["2012", "2013", "2014", "2047", "fraud", "risk_threshold"])
def test_lost_stolen_and_fraud_are_never_said(code):
    said = explain_decline(attempt(code)).text.lower()
    assert not any(word in said for word in ("lost", "stolen", "fraud", "risk"))


def test_without_a_known_card_the_sentence_still_reads():
    assert "there are not enough funds on the card." in explain_decline(attempt("2001", last_four="")).text


def test_braces_in_a_card_type_are_only_text():
    assert "{x} ending 4242" in explain_decline(attempt("2001", card_type="{x}")).text


@pytest.mark.parametrize("code", ["2025", "2064", "application_incomplete", "avs"])
def test_decline_by_our_fault_is_marked_for_an_administrator(code):
    assert explain_decline(attempt(code)).needs_administrator


@pytest.mark.parametrize("code", ["2001", "2059", "2060", "cvv", "avs_and_cvv"])
def test_a_bank_s_decline_is_not_our_fault(code):
    assert not explain_decline(attempt(code)).needs_administrator


def test_unknown_rejection_has_a_true_sentence():
    assert explain_decline(attempt("something_new")).text == f"{REASON_UNKNOWN} You have not been charged."


@pytest.mark.parametrize(
    "reason,detail,words",
    [
        ("card", "81715 Credit card number is invalid.", "The card number was not recognized."),
        ("card", "91565 Unknown payment_method_nonce.", "The card details were entered too long ago."),
        ("card", " Braintree does not know these keys (401).", "This is our fault, not your card."),
        ("unreachable", "", "We could not reach your bank."),
        ("gateway", "", "This is our fault"),
        ("currency", "", "This is our fault"),
        ("abandoned", "", "This payment was not completed."),
        ("three_d_secure", "", "Your bank needs to check that it is you."),
        ("three_d_secure", "authenticate_failed", "Your bank needs to check that it is you."),
        ("three_d_secure", "lookup_error", "This card cannot be checked with your bank. Use a different card."),
        ("card", "81509 Card type is not accepted.", "This card cannot be used for this payment."),
        ("card", "81703 Card type is not accepted.", "This card cannot be used for this payment."),
        ("card", "91517 Card type is not accepted.", "This card cannot be used for this payment."),
        ("card", "81736 CVV verification failed.", "The security code does not match the card."),
        ("card", "81571 3D Secure failed.", "Your bank needs to check that it is you."),
        ("card", " Braintree asked for fewer requests (429).", "Try again in a few minutes."),
        ("gateway", "Braintree asked for fewer requests (429).", "Try again in a few minutes."),
    ],
)
def test_charge_without_a_bank_decision(reason, detail, words):
    text = explain_not_asked(reason, detail).text
    assert words in text and text.endswith("You have not been charged.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("lookup_not_enrolled", "uncheckable"),
        ("unsupported_card", "uncheckable"),
        ("authenticate_failed", "check"),
    ],
)
def test_a_card_whose_bank_can_t_check_it_is_not_offered_the_check_again(status, kind):
    assert explain_decline(attempt("three_d_secure", processor_text=status)).text == DECLINES[kind].text
