"""Transaction search: criteria as the SDKs send them, against what the index already shows."""

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


def search(gateway, criteria: dict, lag: float) -> list[dict]:
    """The transactions that match, newest first; those younger than `lag` seconds are not found yet.

    Raises BadXml for a criterion that isn't known here, rather than ignoring it.
    """
    tests = [test(name, wanted) for name, wanted in criteria.items()]
    horizon = gateway.vault.now_ms() - lag * 1000
    records = gateway.ledger.all(exact_order(criteria))
    found = [r for r in records if r["created_ms"] <= horizon and all(matches(r) for matches in tests)]
    return found[::-1]


def exact_order(criteria: dict) -> str | None:
    """The one order id that is asked for, if it is: the store can look that up."""
    order = criteria.get("order_id")
    return plain(order["is"]) if isinstance(order, dict) and order.get("is") else None


Test = Callable[[dict], bool]


def test(name: str, wanted) -> Test:
    """What a record must pass. Raises BadXml."""
    if name in MULTIPLE and isinstance(wanted, list):
        return lambda r: MULTIPLE[name](r) in wanted
    if name == "refund" and not isinstance(wanted, dict | list):
        return lambda r: (r["refunded_transaction_id"] is not None) == (wanted in (True, "true"))
    if not isinstance(wanted, dict):
        raise BadXml(f"search criterion {name} is of another kind than expected")
    if name in TEXT:
        matches = text_test(wanted)
        return lambda r: matches(TEXT[name](r) or "")
    if name == "amount":
        inside = range_test(wanted, number)
        return lambda r: inside(ledger.amount_of(r))
    if name == "created_at":
        inside = range_test(wanted, second)
        return lambda r: inside(r["created_ms"] // 1000)
    if name in MOMENTS:
        inside, status = range_test(wanted, second), MOMENTS[name]
        return lambda r: any(inside(e["at_ms"] // 1000) for e in r["history"] if e["status"] == status)
    raise BadXml(f"search criterion {name} is not known to the demo gateway")


COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda value, text: value == text,
    "is_not": lambda value, text: value != text,
    "starts_with": lambda value, text: value.startswith(text),
    "ends_with": lambda value, text: value.endswith(text),
    "contains": lambda value, text: text in value,
}


def text_test(wanted: dict) -> Callable[[str], bool]:
    if not wanted.keys() <= COMPARISONS.keys():
        raise BadXml(f"{', '.join(wanted)} is not a way to compare text")
    pairs = [(COMPARISONS[how], plain(text)) for how, text in wanted.items()]
    return lambda value: all(compare(value, text) for compare, text in pairs)


def range_test(wanted: dict, read: Callable[[str], Any]) -> Callable[[Any], bool]:
    """Both ends count as inside."""
    if not wanted.keys() <= {"min", "max", "is"}:
        raise BadXml(f"{', '.join(wanted)} is not a way to limit a range")
    limits = {how: read(plain(text)) for how, text in wanted.items() if text}

    def inside(value) -> bool:
        low, high = limits.get("min", value), limits.get("max", value)
        return low <= value <= high and limits.get("is", value) == value

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
        raise BadXml(f"{text!r} is not a moment") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
