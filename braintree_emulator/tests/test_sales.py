"""Sales through the SDK: validation errors, and the fields of an approved one."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from braintree_emulator.tests.conftest import codes


def test_an_approved_sale_is_submitted_for_settlement(sell):
    sold = sell("49.5", order_id="PAY-1").transaction
    assert (sold.status, sold.amount, sold.order_id) == ("submitted_for_settlement", Decimal("49.50"), "PAY-1")
    assert (sold.currency_iso_code, sold.merchant_account_id) == ("USD", "demo_usd")
    assert (sold.processor_response_code, sold.processor_response_type) == ("1000", "approved")
    assert [event.status for event in sold.status_history] == ["authorized", "submitted_for_settlement"]


def test_a_sale_has_its_time_and_card(sell, nonce, clock):
    sold = sell(nonce=nonce("5555555555554444", cardholder_name="Zoë <Ann>")).transaction
    assert sold.created_at.replace(tzinfo=UTC) == clock().replace(microsecond=0)
    card = sold.credit_card_details
    assert (card.bin, card.last_4, card.card_type) == ("555555", "4444", "MasterCard")
    assert (card.expiration_date, card.cardholder_name) == ("12/2030", "Zoë <Ann>")


def test_every_documented_field_is_present_even_when_empty(sell):
    sold = sell().transaction
    for name in (
        "order_id",
        "refund_id",
        "channel",
        "plan_id",
        "tax_amount",
        "gateway_rejection_reason",
        "refunded_transaction_id",
        "settlement_batch_id",
        "three_d_secure_info",
    ):
        assert getattr(sold, name) is None, name
    assert (sold.refund_ids, sold.disputes, sold.add_ons, sold.discounts) == ([], [], [], [])
    assert sold.billing_details.postal_code is None
    assert sold.disbursement_details.is_valid is False
    assert sold.customer_details.id is None


def test_a_sale_without_submission_is_only_authorized(sell):
    assert sell(options={"submit_for_settlement": False}).transaction.status == "authorized"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (None, "81502"),
        ("", "81502"),
        ("-1.00", "81501"),
        ("1,00", "81503"),
        ("ten", "81503"),
        ("1.005", "81503"),
        ("NaN", "81503"),
        ("sNaN", "81503"),
        ("1E+2", "81503"),
        ("٣", "81503"),
        ("0", "81531"),
        ("0.00", "81531"),
        ("42949672.96", "81528"),
        ("9" * 20, "81528"),
    ],
)
def test_an_invalid_amount_is_refused_and_nothing_is_stored(sell, emulator, amount, code):
    refused = sell(amount)
    assert (codes(refused), refused.transaction) == ([code], None)
    assert emulator.transactions() == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"order_id": "x" * 256}, "91501"),
        ({"merchant_account_id": "unknown"}, "91513"),
        ({"purchase_order_number": "x" * 18}, "91537"),
        ({"purchase_order_number": "Größe"}, "91548"),
        ({"nonce": "unknown"}, "91565"),
        ({"nonce": "fake-consumed-nonce"}, "91564"),
        ({"nonce": "fake-luhn-invalid-nonce"}, "81715"),
        ({"nonce": "fake-paypal-one-time-nonce"}, "91577"),
        ({"nonce": None}, "91508"),
        ({"nonce": None, "payment_method_token": "unknown"}, "91518"),
        ({"nonce": None, "customer_id": "unknown"}, "91510"),
    ],
)
def test_an_invalid_parameter_is_refused(sell, emulator, params, code):
    refused = sell(**params)
    assert (codes(refused), refused.transaction) == ([code], None)
    assert emulator.transactions() == []


def test_all_validation_errors_are_returned(sell):
    refused = sell("x", order_id="y" * 300, merchant_account_id="unknown")
    assert codes(refused) == ["81503", "91513", "91501"]
    assert refused.message.count("\n") == 2
    assert refused.params["amount"] == "x"


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("EUR", "10.00", 1000), ("JPY", "1000", 1000), ("JPY", "1000.00", 1000), ("KWD", "1.234", 1234)],
)
def test_each_currency_has_an_account_and_its_decimals(sell, emulator, currency, amount, minor):
    sold = sell(amount, merchant_account_id=f"demo_{currency.lower()}").transaction
    assert (sold.currency_iso_code, sold.amount) == (currency, Decimal(amount))
    assert emulator.transactions()[0]["amount_minor"] == minor


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "10.50"), ("KWD", "1.2345"), ("USD", "1.234")])
def test_too_many_decimals_for_the_currency_are_refused(sell, currency, amount):
    assert codes(sell(amount, merchant_account_id=f"demo_{currency.lower()}")) == ["81503"]


def test_a_typed_card_is_charged_and_its_number_is_not_repeated(sell, emulator):
    card = {"number": "4111111111111111", "expiration_date": "12/30", "cvv": "123"}
    assert sell(nonce=None, credit_card=card).is_success
    refused = sell(nonce=None, credit_card={**card, "number": "4111111111111112"})
    assert codes(refused) == ["81715"]
    assert "4111111111111112" not in str(refused.params)


def test_details_are_returned_as_sent(sell):
    details = {
        "customer": {"first_name": "Ann", "email": "ann@example.com"},
        "billing": {"postal_code": "60622", "locality": "Zürich"},
        "custom_fields": {"invoice": "INV-1 & INV-2"},
        "channel": "portal",
        "device_data": '{"correlation_id": "abc"}',
        "purchase_order_number": "PO-1",
    }
    sold = sell(**details).transaction
    assert (sold.customer_details.email, sold.billing_details.locality) == ("ann@example.com", "Zürich")
    assert sold.custom_fields == {"invoice": "INV-1 & INV-2"}
    assert (sold.channel, sold.purchase_order_number) == ("portal", "PO-1")


def test_the_status_history_has_times(sell):
    first = sell().transaction.status_history[0]
    assert isinstance(first.timestamp, datetime)
    assert first.amount == Decimal("10.00")
