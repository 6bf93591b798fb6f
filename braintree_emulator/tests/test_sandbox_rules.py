"""Test amounts, cards, codes and nonces, and duplicates."""

import pytest
from braintree.test.nonces import Nonces


@pytest.mark.parametrize(
    ("amount", "code", "text", "kind"),
    [
        ("2000.00", "2000", "Do Not Honor", "soft_declined"),
        ("2001.50", "2001", "Insufficient Funds", "soft_declined"),
        ("2004", "2004", "Expired Card", "hard_declined"),
        ("2010", "2010", "Card Issuer Declined CVV", "hard_declined"),
        ("2057", "2057", "Issuer or Cardholder has put a restriction on the card", "soft_declined"),
        ("2060", "2060", "Address Verification and Card Security Code Failed", "hard_declined"),
        ("2108", "2108", "Closed Card", "hard_declined"),
        ("2109", "2109", "Processor Declined", "soft_declined"),
        ("2999.99", "2999", "Processor Declined", "soft_declined"),
    ],
)
def test_an_amount_from_2000_to_2999_99_is_declined_with_that_code(sell, amount, code, text, kind):
    no = sell(amount)
    assert (no.is_success, no.message, no.errors.deep_errors) == (False, text, [])
    sale = no.transaction
    assert (sale.status, sale.processor_response_code) == ("processor_declined", code)
    assert sale.processor_response_type == kind


@pytest.mark.parametrize("amount", ["0.01", "1999.99", "3001.00", "4000.99", "5000.99", "5001.01", "99999.00"])
def test_the_other_amounts_are_approved(sell, amount):
    assert sell(amount).is_success


def test_3000_fails(sell):
    sale = sell("3000.00").transaction
    assert (sale.status, sale.processor_response_code) == ("failed", "3000")


def test_5001_is_rejected_by_the_gateway(sell):
    no = sell("5001.00")
    assert no.message == "Gateway Rejected: application_incomplete"
    assert (no.transaction.status, no.transaction.processor_response_code) == ("gateway_rejected", None)


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        (Nonces.ProcessorDeclinedVisa, "processor_declined", None),
        (Nonces.ProcessorDeclinedAmEx, "processor_declined", None),
        (Nonces.ProcessorDeclinedMasterCard, "processor_declined", None),
        (Nonces.ProcessorDeclinedDiscover, "processor_declined", None),
        (Nonces.ProcessorFailureJCB, "failed", None),
        (Nonces.GatewayRejectedFraud, "gateway_rejected", "fraud"),
        (Nonces.GatewayRejectedRiskThreshold, "gateway_rejected", "risk_threshold"),
    ],
)
def test_test_nonces_are_declined_as_documented(sell, name, status, reason):
    sale = sell(nonce=name).transaction
    assert (sale.status, sale.gateway_rejection_reason) == (status, reason)


def test_valid_test_nonces_can_be_reused(sell):
    for number, name in enumerate(vars(Nonces).values()):
        if isinstance(name, str) and name.startswith("fake-valid"):
            assert all(sell(nonce=name, order_id=f"{number}-{n}").is_success for n in (1, 2)), name


@pytest.mark.parametrize(
    ("cvv", "postal_code", "reason", "answers"),
    [
        ("200", "", "cvv", ("N", "I")),
        ("123", "20000", "avs", ("M", "N")),
        ("200", "20000", "avs_and_cvv", ("N", "N")),
        ("201", "20001", None, ("U", "U")),
        ("", "", None, ("I", "I")),
        ("301", "60622", None, ("S", "M")),
        ("123", "30000", None, ("M", None)),
    ],
)
def test_cvv_and_postal_code_can_reject(sell, nonce, cvv, postal_code, reason, answers):
    sale = sell(nonce=nonce(cvv=cvv, postal_code=postal_code)).transaction
    assert sale.gateway_rejection_reason == reason
    assert (sale.cvv_response_code, sale.avs_postal_code_response_code) == answers


@pytest.mark.parametrize(("postal_code", "error"), [("30000", "E"), ("30001", "S"), ("60622", None)])
def test_some_postal_codes_are_avs_errors(sell, nonce, postal_code, error):
    assert sell(nonce=nonce(postal_code=postal_code)).transaction.avs_error_response_code == error


@pytest.mark.parametrize(
    ("of_card", "of_sale", "reason"),
    [
        ("", None, "avs"),
        ("60622", None, None),
        ("", "60622", None),
        ("60622", "20000", "avs"),
        ("20000", "60622", None),
    ],
)
def test_the_postal_code_rule_accepts_one_of_the_card_or_of_the_sale(emulator, sell, nonce, of_card, of_sale, reason):
    emulator.postal_code_rule = True
    billing = {"billing": {"postal_code": of_sale}} if of_sale else {}
    sale = sell(nonce=nonce(postal_code=of_card), **billing).transaction
    assert sale.gateway_rejection_reason == reason
    assert sale.billing_details.postal_code == (of_sale or of_card or None)


def test_declined_failing_and_expired_cards(sell, nonce):
    assert sell(nonce=nonce("4000111111111115")).transaction.processor_response_code == "2000"
    assert sell(nonce=nonce("3566002020360505")).transaction.status == "failed"
    assert sell(nonce=nonce(month="10", year="26")).transaction.processor_response_code == "2004"
    assert sell(nonce=nonce(month="11", year="26")).is_success


REQUIRED = {"three_d_secure": {"required": True}}


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        (Nonces.Transactable, False),
        (Nonces.ThreeDSecureVisaFullAuthentication, True),
        (Nonces.ThreeDSecureVisaAttemptsNonParticipating, True),
        (Nonces.ThreeDSecureTwoVisaSuccessfulFrictionlessAuthentication, True),
        (Nonces.ThreeDSecureVisaFailedAuthentication, False),
        (Nonces.ThreeDSecureVisaFailedSignature, False),
        (Nonces.ThreeDSecureVisaNoteEnrolled, False),
        (Nonces.ThreeDSecureTwoVisaErrorOnLookup, False),
    ],
)
def test_required_3d_secure_rejects_an_unauthenticated_nonce(sell, name, passes):
    sold = sell(nonce=name, options=REQUIRED)
    assert sold.is_success is passes
    assert sold.transaction.gateway_rejection_reason == (None if passes else "three_d_secure")


def test_a_failed_authentication_is_charged_unless_3d_secure_is_required(sell):
    sold = sell(nonce=Nonces.ThreeDSecureVisaFailedAuthentication)
    assert sold.is_success
    assert sold.transaction.three_d_secure_info.status == "authenticate_failed"


@pytest.mark.parametrize("name", [n for n in vars(Nonces).values() if str(n).startswith("fake-three-d")])
def test_every_3d_secure_test_nonce_has_its_result(sdk, name):
    info = sdk.payment_method_nonce.find(name).three_d_secure_info
    assert info.liability_shifted is (info.status in ("authenticate_successful", "authenticate_attempt_successful"))
    assert info.enrolled in ("Y", "N", "U", "B")


class TestDuplicates:
    def test_the_same_card_amount_and_order_within_30_seconds_is_rejected(self, sell, clock):
        assert sell(order_id="a").is_success
        clock.advance(seconds=29)
        again = sell(order_id="a")
        assert again.message == "Gateway Rejected: duplicate"
        assert again.transaction.gateway_rejection_reason == "duplicate"

    def test_a_voided_one_counts(self, sell, sdk):
        sdk.transaction.void(sell(order_id="a").transaction.id)
        assert sell(order_id="a").transaction.gateway_rejection_reason == "duplicate"

    def test_after_30_seconds_it_passes(self, sell, clock):
        sell(order_id="a")
        clock.advance(seconds=30)
        assert sell(order_id="a").is_success

    def test_another_amount_order_or_card_passes(self, sell, nonce):
        sell(order_id="a")
        assert sell("10.01", order_id="a").is_success
        assert sell(order_id="b").is_success
        assert sell(order_id="a", nonce=nonce("5555555555554444")).is_success

    def test_an_unsuccessful_one_does_not_count(self, sell):
        sell("2000.00", order_id="a")
        assert sell("2000.00", order_id="a").transaction.status == "processor_declined"

    def test_with_an_api_request_key_nothing_is_checked(self, sell):
        assert sell(order_id="a", api_request_key="1").is_success
        assert sell(order_id="a", api_request_key="2").is_success
