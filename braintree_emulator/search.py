"""Transaction search: the criteria that the SDKs send, against an index that may lag behind."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from braintree_emulator import ledger
from braintree_emulator.xml import BadXml

PAGE_SIZE = 50
TEXT: dict[str, Callable[[dict], str | None]] = {
    "id": lambda r: r["id"],
    "order_id": lambda r: r["order_id"],
    "currency": lambda r: r["currency"],
    "payment_method_token": lambda r: r["payment_method_token"],
    "processor_authorization_code": lambda r: r["processor_authorization_code"],
    "settlement_batch_id": lambda r: r["settlement_batch_id"],
    "credit_card_cardholder_name": lambda r: r["card"]["cardholder_name"],
    "credit_card_expiration_date": lambda r: f"{r['card']['month']}/{r['card']['year']}",
    "credit_card_unique_identifier": lambda r: r["card"]["fingerprint"],
    "customer_id": lambda r: r["customer"].get("id"),
    "customer_email": lambda r: r["customer"].get("email"),
    "customer_company": lambda r: r["customer"].get("company"),
    "customer_first_name": lambda r: r["customer"].get("first_name"),
    "customer_last_name": lambda r: r["customer"].get("last_name"),
    "billing_postal_code": lambda r: r["billing"].get("postal_code"),
}
MULTIPLE: dict[str, Callable[[dict], str]] = {
    "ids": lambda r: r["id"],
    "status": lambda r: r["status"],
    "type": lambda r: r["type"],
    "merchant_account_id": lambda r: r["merchant_account_id"],
    "credit_card_card_type": lambda r: r["card"]["brand"],
    "payment_instrument_type": lambda r: "credit_card",
    "source": lambda r: "api",
    "created_using": lambda r: "token" if r["payment_method_token"] else "full_information",
}
MOMENTS = {
    "authorized_at": "authorized",
    "submitted_for_settlement_at": "submitted_for_settlement",
    "settled_at": "settled",
    "voided_at": "voided",
    "failed_at": "failed",
    "gateway_rejected_at": "gateway_rejected",
    "processor_declined_at": "processor_declined",
}


def search(emulator, criteria: dict, lag: float) -> list[dict]:
    """The matching transactions, newest first, without those younger than `lag` seconds.

    Raises BadXml for a criterion that is not supported, rather than ignoring it.
    """
    filters = [criterion(name, value) for name, value in criteria.items()]
    horizon = emulator.now_ms() - lag * 1000
    records = emulator.ledger.all(exact_order(criteria))
    found = [r for r in records if r["created_ms"] <= horizon and all(matches(r) for matches in filters)]
    return found[::-1]


def exact_order(criteria: dict) -> str | None:
    """The order id, when the search is for one: the store has an index for it."""
    order = criteria.get("order_id")
    return plain(order["is"]) if isinstance(order, dict) and order.get("is") else None


def criterion(name: str, value) -> Callable[[dict], bool]:
    """Whether a record matches. Raises BadXml."""
    if name in MULTIPLE and isinstance(value, list):
        return lambda r: MULTIPLE[name](r) in value
    if name == "refund" and not isinstance(value, dict | list):
        return lambda r: (r["refunded_transaction_id"] is not None) == (value in (True, "true"))
    if not isinstance(value, dict):
        raise BadXml(f"search criterion {name} has an unexpected type")
    if name in TEXT:
        matches = text_filter(value)
        return lambda r: matches(TEXT[name](r) or "")
    if name == "amount":
        inside = range_filter(value, number)
        return lambda r: inside(ledger.amount_of(r))
    if name == "created_at":
        inside = range_filter(value, second)
        return lambda r: inside(r["created_ms"] // 1000)
    if name in MOMENTS:
        inside, status = range_filter(value, second), MOMENTS[name]
        return lambda r: any(inside(e["at_ms"] // 1000) for e in r["history"] if e["status"] == status)
    raise BadXml(f"search criterion {name} is not supported")


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda value, text: value == text,
    "is_not": lambda value, text: value != text,
    "starts_with": lambda value, text: value.startswith(text),
    "ends_with": lambda value, text: value.endswith(text),
    "contains": lambda value, text: text in value,
}


def text_filter(value: dict) -> Callable[[str], bool]:
    if not value.keys() <= COMPARISONS.keys():
        raise BadXml(f"unknown text comparison: {', '.join(value)}")
    pairs = [(COMPARISONS[how], plain(text)) for how, text in value.items()]
    return lambda field: all(compare(field, text) for compare, text in pairs)


def range_filter(value: dict, read: Callable[[str], Any]) -> Callable[[Any], bool]:
    """Both ends are inclusive."""
    if not value.keys() <= {"min", "max", "is"}:
        raise BadXml(f"unknown range limit: {', '.join(value)}")
    limits = {how: read(plain(text)) for how, text in value.items() if text}

    def inside(field) -> bool:
        low, high = limits.get("min", field), limits.get("max", field)
        return low <= field <= high and limits.get("is", field) == field

    return inside


def plain(text) -> str:
    if isinstance(text, dict | list):
        raise BadXml("a search value is not text")
    return "" if text is None else str(text)


def number(text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,10})?", text):
        raise BadXml(f"{text!r} is not an amount")
    return Decimal(text)


def second(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadXml(f"{text!r} is not a time") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
