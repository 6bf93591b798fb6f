"""A new sale's record, as the ledger keeps it."""

import secrets

from braintree_emulator import ledger, magic, processor
from braintree_emulator.vault import random_id


def sale_record(sale, outcome: magic.Outcome, now_ms: int) -> dict:
    """What `outcome` makes of a sales.Sale; not kept yet. Amounts are minor units, moments milliseconds."""
    params, instrument, card = sale.params, sale.instrument, sale.card
    customer = dict(params.get("customer") or {})
    customer["id"] = params.get("customer_id") or instrument["customer_id"]
    record = {
        "id": random_id(),
        "type": "sale",
        "amount_minor": sale.amount_minor,
        "currency": sale.account.currency,
        "merchant_account_id": sale.account.id,
        "order_id": params.get("order_id"),
        "purchase_order_number": params.get("purchase_order_number"),
        "channel": params.get("channel"),
        "custom_fields": params.get("custom_fields"),
        "line_items": params.get("line_items") or [],
        "customer": customer,
        "billing": {"postal_code": card.get("postal_code") or None} | (params.get("billing") or {}),
        "nonce": params.get("payment_method_nonce"),
        "payment_method_token": instrument["payment_method_token"],
        "card": card,
        "three_d_secure_info": instrument["three_d_secure_info"],
        "created_ms": now_ms,
        "updated_ms": now_ms,
        "submitted_ms": None,
        "history": [],
        "refund_ids": [],
        "refunded_transaction_id": None,
        "disputes": [],
        "settlement_batch_id": None,
        "processor_settlement_response_code": None,
        "processor_settlement_response_text": None,
        **answer(outcome, card),
    }
    ledger.event(record, outcome.status, now_ms)
    record["settlement"] = magic.settlement_of_amount(ledger.amount_of(record))
    return record


def answer(outcome: magic.Outcome, card: dict) -> dict:
    """What bank and gateway said."""
    approved = outcome.status == "authorized"
    avs_error = card["avs_postal"] if card["avs_postal"] in ("E", "S") else None
    return {
        "processor_response_code": outcome.code,
        "processor_response_text": outcome.text if outcome.code else None,
        "processor_response_type": processor.kind_of(outcome.code),
        "processor_authorization_code": secrets.token_hex(3).upper() if approved else None,
        "gateway_rejection_reason": outcome.rejection,
        "cvv_response_code": card["cvv_result"],
        "avs_error_response_code": avs_error,
        "avs_postal_code_response_code": None if avs_error else card["avs_postal"],
        "avs_street_address_response_code": None if avs_error else card["avs_street"],
    }
