"""Records as the elements that the SDKs read.

Every field is present, nil when it is empty: the SDKs turn missing elements into missing attributes.
"""

from datetime import UTC, datetime

from braintree_emulator import merchant_accounts
from braintree_emulator.cards import is_expired
from braintree_emulator.errors import not_approved
from braintree_emulator.ledger import expires_ms
from braintree_emulator.sandbox_rules import Outcome
from braintree_emulator.xml import Array

ADDRESS = """
id first_name last_name company street_address extended_address locality region postal_code
country_name country_code_alpha2 country_code_alpha3 country_code_numeric phone_number
""".split()  # noqa: SIM905
PERSON = ["id", "first_name", "last_name", "company", "email", "website", "phone", "fax"]
UNKNOWN_FEATURES = """
prepaid healthcare debit durbin_regulated commercial payroll issuing_bank country_of_issuance
product_id business consumer corporate purchase prepaid_reloadable
""".split()  # noqa: SIM905
ALWAYS_NIL = """
sub_merchant_account_id master_merchant_account_id refund_id additional_processor_response
voice_referral_number tax_amount plan_id subscription_id service_fee_amount escrow_status
discount_amount shipping_amount shipping_tax_amount ships_from_postal_code surcharge_amount
network_response_code network_response_text merchant_advice_code merchant_advice_code_text
acquirer_reference_number retrieval_reference_number sca_exemption_requested debit_network
retried_transaction_id
""".split()  # noqa: SIM905


LINE_ITEM = """
commodity_code description discount_amount image_url kind name product_code quantity tax_amount total_amount
unit_amount unit_of_measure unit_tax_amount upc_code upc_type url
""".split()  # noqa: SIM905


def from_ms(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def transaction(record: dict) -> dict:
    amount = merchant_accounts.format_amount(record["amount_minor"], record["currency"])
    return {
        "id": record["id"],
        "status": record["status"],
        "type": record["type"],
        "currency_iso_code": record["currency"],
        "amount": amount,
        "merchant_account_id": record["merchant_account_id"],
        "order_id": record["order_id"],
        "created_at": from_ms(record["created_ms"]),
        "updated_at": from_ms(record["updated_ms"]),
        "customer": {name: record["customer"].get(name) for name in PERSON},
        "billing": {name: record["billing"].get(name) for name in ADDRESS},
        "shipping": {name: None for name in ADDRESS},
        "refund_ids": Array("item", record["refund_ids"]),
        "refunded_transaction_id": record["refunded_transaction_id"],
        "partial_settlement_transaction_ids": Array("item", []),
        "authorized_transaction_id": None,
        "settlement_batch_id": record["settlement_batch_id"],
        "custom_fields": record["custom_fields"] or "",
        **processing(record),
        **{name: None for name in ALWAYS_NIL},
        "purchase_order_number": record["purchase_order_number"],
        "tax_exempt": False,
        "channel": record["channel"],
        "recurring": False,
        "retried": False,
        "retry_ids": Array("item", []),
        "credit_card": credit_card(record["card"], record["payment_method_token"]),
        "status_history": Array("status_event", [status_event(e, record) for e in record["history"]]),
        "subscription": {"billing_period_end_date": None, "billing_period_start_date": None},
        "add_ons": Array("add_on", []),
        "discounts": Array("discount", []),
        "descriptor": {"name": None, "phone": None, "url": None},
        "disbursement_details": disbursement(record),
        "disputes": Array("dispute", [dispute(item, record) for item in record["disputes"]]),
        "authorization_adjustments": Array("authorization_adjustment", []),
        "payment_instrument_type": "credit_card",
        "three_d_secure_info": three_d_secure(record["three_d_secure_info"]),
        "network_transaction_id": "020201231211111",
        "authorization_expires_at": from_ms(expires_ms(record)),
        "processed_with_network_token": False,
        "global_id": f"dHJhbnNhY3Rpb25f{record['id']}",
    }


def line_items(record: dict) -> Array:
    items = record.get("line_items", [])
    return Array("line_item", [{name: item.get(name) for name in LINE_ITEM} for item in items])


def merchant_account(account: merchant_accounts.Account) -> dict:
    return {
        "id": account.id,
        "status": "active",
        "currency_iso_code": account.currency,
        "default": account.default,
        "sub_merchant_account": False,
    }


def processing(record: dict) -> dict:
    names = (
        "avs_error_response_code avs_postal_code_response_code avs_street_address_response_code "
        "cvv_response_code gateway_rejection_reason processor_authorization_code "
        "processor_response_code processor_response_text processor_response_type "
        "processor_settlement_response_code processor_settlement_response_text"
    )
    return {name: record[name] for name in names.split()}


def status_event(entry: dict, record: dict) -> dict:
    return {
        "timestamp": from_ms(entry["at_ms"]),
        "status": entry["status"],
        "amount": merchant_accounts.format_amount(entry["amount_minor"], record["currency"]),
        "user": entry["user"],
        "transaction_source": entry["source"],
    }


def credit_card(card: dict, token: str | None = None) -> dict:
    return {
        "token": token,
        "bin": card["bin"],
        "last_4": card["last4"],
        "card_type": card["brand"],
        "expiration_month": card["month"],
        "expiration_year": card["year"],
        "customer_location": "US",
        "cardholder_name": card["cardholder_name"] or None,
        "image_url": f"https://assets.braintreegateway.com/payment_method_logo/{card['brand_code'].lower()}.png",
        **{name: "Unknown" for name in UNKNOWN_FEATURES},
        "unique_number_identifier": card["fingerprint"],
        "venmo_sdk": False,
        "account_type": None,
        "global_id": token and f"cGF5bWVudG1ldGhvZF9jY18{token}",
    }


def three_d_secure(info: dict | None) -> dict | None:
    return dict(info) if info else None


def disbursement(record: dict) -> dict:
    disbursed = record.get("disbursed_ms")
    names = (
        "disbursement_date settlement_amount settlement_currency_iso_code "
        "settlement_currency_exchange_rate funds_held success"
    )
    if disbursed is None:
        return {name: None for name in names.split()}
    return {
        "disbursement_date": from_ms(disbursed).date(),
        "settlement_amount": merchant_accounts.format_amount(record["amount_minor"], record["currency"]),
        "settlement_currency_iso_code": record["currency"],
        "settlement_currency_exchange_rate": "1",
        "funds_held": False,
        "success": True,
    }


def dispute(item: dict, record: dict) -> dict:
    """`item` is one of the record's disputes: id, status, opened_ms and history."""
    amount = merchant_accounts.format_amount(record["amount_minor"], record["currency"])
    won = amount if item["status"] == "won" else merchant_accounts.format_amount(0, record["currency"])
    opened = from_ms(item["opened_ms"])
    return {
        "id": item["id"],
        "amount": amount,
        "amount_disputed": amount,
        "amount_won": won,
        "case_number": f"CASE-{item['id']}",
        "created_at": opened,
        "currency_iso_code": record["currency"],
        "forwarded_comments": None,
        "kind": "chargeback",
        "merchant_account_id": record["merchant_account_id"],
        "reason": "fraud",
        "reason_code": "83",
        "reason_description": "Fraud",
        "received_date": opened.date(),
        "reference_number": None,
        "reply_by_date": from_ms(item["opened_ms"] + 14 * 86_400_000).date(),
        "status": item["status"],
        "updated_at": from_ms(item["history"][-1]["at_ms"]),
        "original_dispute_id": None,
        "status_history": Array(
            "status_history",
            [{"status": e["status"], "timestamp": from_ms(e["at_ms"])} for e in item["history"]],
        ),
        "evidence": Array("evidence", []),
        "transaction": {
            "id": record["id"],
            "amount": amount,
            "created_at": from_ms(record["created_ms"]),
            "order_id": record["order_id"],
            "purchase_order_number": record["purchase_order_number"],
            "payment_instrument_subtype": record["card"]["brand"],
        },
        "date_opened": opened.date(),
    }


def customer(vault, record: dict) -> dict:
    return {
        "id": record["id"],
        "merchant_id": vault.emulator.merchant_id,
        **{name: record[name] for name in PERSON[1:]},
        "custom_fields": "",
        "created_at": from_ms(record["created_ms"]),
        "updated_at": from_ms(record["updated_ms"]),
        "credit_cards": Array("credit_card", [payment_method(vault, m) for m in vault.methods(record["id"])]),
        "addresses": Array("address", []),
        "global_id": f"Y3VzdG9tZXJf{record['id']}",
    }


def payment_method(vault, method: dict) -> dict:
    card, now = method["card"], vault.emulator.clock()
    owner = vault.store.get("customer", method["customer_id"]) or {}
    return {
        **credit_card(card, method["token"]),
        "customer_id": method["customer_id"],
        "default": owner.get("default") == method["token"],
        "expired": is_expired(card["month"], card["year"], now),
        "created_at": from_ms(method["created_ms"]),
        "updated_at": from_ms(method["created_ms"]),
        "subscriptions": Array("subscription", []),
        "verifications": Array("verification", []),
    }


def nonce(record: dict) -> dict:
    card = record["card"]
    return {
        "nonce": record["nonce"],
        "type": record["type"],
        "description": f"ending in {card['last4'][-2:]}",
        "consumed": record["state"] == "consumed",
        "default": False,
        "is_locked": record["state"] == "locked",
        "details": {
            "bin": card["bin"],
            "card_type": card["brand"],
            "last_two": card["last4"][-2:],
            "last_four": card["last4"],
            "expiration_month": card["month"],
            "expiration_year": card["year"],
            "cardholder_name": card["cardholder_name"] or None,
        },
        "bin_data": {name: "Unknown" for name in UNKNOWN_FEATURES},
        "three_d_secure_info": three_d_secure(record["three_d_secure_info"]),
        "authentication_insight": None,
        "security_questions": None,
    }


def not_verified(outcome: Outcome, params: dict) -> dict:
    """The content of api-error-response when the verification of a card did not succeed."""
    answer = not_approved(outcome.text, params, {})
    del answer["transaction"]
    return answer | {
        "verification": {
            "status": outcome.status,
            "processor_response_code": outcome.code,
            "processor_response_text": outcome.text if outcome.code else None,
            "gateway_rejection_reason": outcome.rejection,
            "amount": "0.00",
        }
    }
