"""Customers, vaulted cards and nonces as the elements that the SDKs read."""

from braintree_emulator.cards import is_expired
from braintree_emulator.errors import not_approved
from braintree_emulator.wire import PERSON, UNKNOWN_FEATURES, credit_card, moment, three_d_secure
from braintree_emulator.xml import Array


def customer(customers, record: dict) -> dict:
    """A record of customers.Customers."""
    return {
        "id": record["id"],
        "merchant_id": customers.gateway.merchant_id,
        **{name: record[name] for name in PERSON[1:]},
        "custom_fields": "",
        "created_at": moment(record["created_ms"]),
        "updated_at": moment(record["updated_ms"]),
        "credit_cards": Array("credit_card", [payment_method(customers, m) for m in customers.methods(record["id"])]),
        "addresses": Array("address", []),
        "global_id": f"Y3VzdG9tZXJf{record['id']}",
    }


def payment_method(customers, method: dict) -> dict:
    card, now = method["card"], customers.gateway.clock()
    owner = customers.store.get("customer", method["customer_id"]) or {}
    return {
        **credit_card(card, method["token"]),
        "customer_id": method["customer_id"],
        "default": owner.get("default") == method["token"],
        "expired": is_expired(card["month"], card["year"], now),
        "created_at": moment(method["created_ms"]),
        "updated_at": moment(method["created_ms"]),
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


def not_verified(outcome, params: dict) -> dict:
    """api-error-response's content when a card's verification was declined."""
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
