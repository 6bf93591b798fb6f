"""Converts the answers of Braintree's SDK and its webhooks to the frozen values of protocol.py.

A charge has a verdict only if Braintree clearly gave one. An answer that can't be read is GatewayUnreachable.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests
from urllib3.exceptions import NewConnectionError

from app import money
from app.payments.charge_lines import ChargeLine
from app.payments.gateway.protocol import (
    Charged,
    ConnectionCheck,
    Declined,
    GatewayUnreachable,
    NonceFacts,
    Notice,
    Refused,
    Transaction,
    Unreadable,
    Verdict,
)

# The key's first request is under way, failed, or was a different request. This says nothing about money.
KEY_UNCLEAR = {"915232", "915233", "915234", "915235"}
# Every status of Braintree's documentation. A charge is submitted as it is made: one that is only authorized,
# or whose settlement is pending, may never become money.
STATUSES = {
    "authorizing": Transaction.PENDING,
    "authorized": Transaction.PENDING,
    "settlement_pending": Transaction.PENDING,
    "submitted_for_settlement": Transaction.SUBMITTED,
    "settling": Transaction.SUBMITTED,
    "settlement_confirmed": Transaction.SUBMITTED,
    "settled": Transaction.SETTLED,
    "settlement_declined": Transaction.SETTLEMENT_FAILED,
    "voided": Transaction.VOIDED,
    "authorization_expired": Transaction.VOIDED,
    "processor_declined": Transaction.DECLINED,
    "gateway_rejected": Transaction.DECLINED,
    "failed": Transaction.DECLINED,
}
CURRENCY = re.compile("[A-Z]{3}")
TRANSACTION_ID = re.compile("[A-Za-z0-9_-]{1,40}")
LONGEST_TEXT = 255
NO_POSTAL_CODE = ConnectionCheck(
    "Postal code",
    False,
    "Your AVS rules at Braintree need the card's postal code, or every card is rejected. Check "
    "Ask for the Card's Postal Code under Setup > Accounting > Preferences.",
)
NOTICE_KIND = re.compile(rb"<kind[^>]*>([a-z_]{1,60})</kind>")
NOTICE_TRANSACTION = re.compile(rb"<transaction>\s*<id>([A-Za-z0-9_-]{1,40})</id>")


def read_verdict(result) -> Verdict:
    """The verdict on a charge. Raises GatewayUnreachable if the answer leaves it open."""
    if result is None:
        raise GatewayUnreachable("an answer that says nothing")
    if result.is_success or result.transaction is not None:
        return verdict_on(result.transaction)
    codes = tuple(str(error.code) for error in result.errors.deep_errors)
    if not codes or KEY_UNCLEAR.intersection(codes):
        raise GatewayUnreachable(result.message or "an error without a code")
    return Refused(result.message, codes)


def verdict_on(found) -> Verdict:
    try:
        transaction = read_transaction(found)
    except GatewayUnreachable:
        raise
    except Exception as error:
        raise GatewayUnreachable(describe_error(error), transaction_id=id_of(found)) from error
    if transaction.is_live:
        return Charged(transaction)
    if transaction.status == Transaction.DECLINED:
        return Declined(transaction, transaction.rejection or "processor")
    raise GatewayUnreachable(f"a new transaction that is {transaction.raw_status}", transaction_id=transaction.id)


def read_transaction(found) -> Transaction:
    """Raises GatewayUnreachable, AmountError or AttributeError if the answer lacks a required value."""
    raw, transaction_id = text(found.status), id_of(found)
    if not transaction_id or not raw:
        missing = "status" if transaction_id else "id"
        raise GatewayUnreachable(f"a transaction without {missing}", transaction_id=transaction_id)
    card = getattr(found, "credit_card_details", None)
    currency = text(found.currency_iso_code)
    if not CURRENCY.fullmatch(currency):
        raise GatewayUnreachable(f"a transaction in the currency {currency!r}", transaction_id=transaction_id)
    rejection = text(getattr(found, "gateway_rejection_reason", None))
    words = text(getattr(found, "processor_response_text", None))
    if rejection == "three_d_secure":  # no processor was asked: how the bank check ended says more
        words = text(getattr(getattr(found, "three_d_secure_info", None), "status", None)) or words
    return Transaction(
        id=transaction_id,
        order_id=text(getattr(found, "order_id", None)),
        amount_minor=money.from_decimal(Decimal(found.amount), currency),
        currency=currency,
        status=STATUSES.get(raw, Transaction.UNKNOWN),
        raw_status=raw,
        card_type=text(getattr(card, "card_type", None)),
        last_four=text(getattr(card, "last_4", None)),
        processor_code=text(getattr(found, "processor_response_code", None)),
        processor_text=words,
        rejection=rejection,
        created_at=aware(getattr(found, "created_at", None)),
        refund_ids=tuple(map(text, getattr(found, "refund_ids", None) or ())),
        is_credit=text(getattr(found, "type", None)) == "credit",
        refunds=text(getattr(found, "refunded_transaction_id", None)),
    )


def read_or_flag(found) -> Transaction | Unreadable:
    # One transaction that can't be read must not hide the rest of the list.
    try:
        return read_transaction(found)
    except Exception as error:
        why = str(error) if isinstance(error, GatewayUnreachable) else f"{type(error).__name__}: {error}"
        return Unreadable(id_of(found), text(getattr(found, "order_id", None)), why)


def read_charge_line(found, currency: str) -> ChargeLine:
    amount = money.from_decimal(Decimal(found.total_amount), currency)
    return ChargeLine(text(found.name), text(found.description), text(found.product_code), amount)


def read_nonce(found) -> NonceFacts:
    details = getattr(found, "details", None) or {}
    read = details.get if isinstance(details, dict) else lambda name: getattr(details, name, None)
    info = found.three_d_secure_info
    return NonceFacts(
        three_d_secure=three_d_secure_state(info),
        status=text(getattr(info, "status", None)),
        card_type=text(read("card_type")),
        last_four=text(read("last_four")),
    )


def three_d_secure_state(info) -> str:
    # A check that could have shifted liability and did not was failed or canceled.
    if info is None:
        return "none"
    if getattr(info, "liability_shifted", False):
        return "passed"
    status = text(getattr(info, "status", None))
    refused = status in {"authenticate_failed", "authenticate_rejected", "challenge_required"} or (
        "failed" in status and status.startswith("authenticate")
    )
    return "failed" if refused or getattr(info, "liability_shift_possible", False) else "none"


def read_notice(parsed) -> Notice:
    about = getattr(parsed, "transaction", None) or getattr(getattr(parsed, "dispute", None), "transaction", None)
    return Notice(
        kind=text(parsed.kind),
        transaction_id=id_of(about),
        timestamp=aware(getattr(parsed, "timestamp", None)),
        order_id=text(getattr(about, "order_id", None)),
        dispute=read_dispute(parsed),
    )


def read_dispute(notice) -> dict | None:
    # Values that can't be read are left out, so that the notification itself is not lost.
    kind = text(notice.kind)
    if not kind.startswith("dispute"):
        return None
    dispute: Any = getattr(notice, "dispute", None)
    names = {"dispute": "id", "currency": "currency_iso_code", "reason": "reason", "reply_by": "reply_by_date"}
    facts: dict[str, Any] = {name: text(getattr(dispute, theirs, None)) for name, theirs in names.items()}
    facts["kind"] = kind.removeprefix("dispute_").replace("_", " ")
    with suppress(Exception):
        amount = getattr(dispute, "amount_disputed", None) or dispute.amount
        facts["amount_minor"] = money.from_decimal(Decimal(amount), facts["currency"])
    return facts


def is_signed(config, crypto, signature: str, payload: str) -> bool:
    """True if our private key signed it. This is the SDK's own check, made before anything is read. `config` and
    `crypto` are the SDK's."""
    pairs = [pair.partition("|") for pair in signature.split("&")]
    ours = [hexadecimal for public_key, _, hexadecimal in pairs if public_key == config.public_key]
    if not payload.isascii() or not ours:
        return False
    signed = (payload.encode(), payload.encode() + b"\n")
    return any(crypto.secure_compare(crypto.sha1_hmac_hash(config.private_key, one), ours[0]) for one in signed)


def guess_notice(payload: str, why: str) -> Notice:
    document = b""
    with suppress(binascii.Error):
        document = base64.b64decode(payload)
    kind, transaction = NOTICE_KIND.search(document), NOTICE_TRANSACTION.search(document)
    return Notice(
        kind=kind[1].decode() if kind else "unreadable",
        transaction_id=transaction[1].decode() if transaction else "",
        unreadable=why,
    )


def never_connected(error: requests.exceptions.ConnectionError) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def check_account(currency: str, account_id: str, account) -> ConnectionCheck:
    what = f"Merchant account {currency}"
    if account is None:
        correct = "correct BRAINTREE_MERCHANT_ACCOUNTS"
        return ConnectionCheck(what, False, f"Braintree has no merchant account {account_id}: {correct}.")
    theirs = text(getattr(account, "currency_iso_code", None))
    if theirs and theirs != currency:
        return ConnectionCheck(
            what, False, f"{account_id} takes {theirs}, not {currency}: correct BRAINTREE_MERCHANT_ACCOUNTS."
        )
    if getattr(account, "status", "active") != "active":
        return ConnectionCheck(what, False, f"{account_id} is {account.status}.")
    return ConnectionCheck(what, True, account_id)


def ids_by_currency(accounts: Iterable) -> dict[str, str]:
    ids: dict[str, str] = {}
    for account in sorted(accounts, key=lambda account: not getattr(account, "default", False)):
        currency, account_id = getattr(account, "currency_iso_code", None), getattr(account, "id", None)
        if currency and account_id and getattr(account, "status", "active") == "active":
            ids.setdefault(currency, account_id)
    return ids


def needs_postal_code(client_token: str) -> bool:
    challenges = json.loads(base64.b64decode(client_token)).get("challenges")
    return isinstance(challenges, list) and "postal_code" in challenges


def unreachable(error: Exception) -> GatewayUnreachable:
    no_response = isinstance(error, requests.exceptions.RequestException)
    return GatewayUnreachable(describe_error(error), no_response=no_response)


def describe_error(error: Exception) -> str:
    """What went wrong, in words for an administrator; never a key, a nonce or a body."""
    words = {
        "AuthenticationError": "Braintree does not know these keys (401). Check the three BRAINTREE_ keys.",
        "AuthorizationError": "These keys may not do that (403). Check their permissions in the Control Panel.",
        "TooManyRequestsError": "Braintree asked for fewer requests (429).",
        "UpgradeRequiredError": "Braintree no longer takes this SDK version (426).",
        "NotFoundError": "Braintree does not know this merchant id (404). Check BRAINTREE_MERCHANT_ID.",
    }
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.ConnectionError) and never_connected(error):
        return f"Braintree was not reached ({kind}). Check this server's network and DNS."
    return words.get(kind, f"No usable answer from Braintree ({kind}).")


def text(value) -> str:
    # Text from the gateway is stored, mailed and displayed.
    return "" if value is None else str(value)[:LONGEST_TEXT]


def id_of(found) -> str:
    """The id of a transaction; '' if there is none or it isn't a valid id, because ids become parts of URLs."""
    said = text(getattr(found, "id", None))
    return said if TRANSACTION_ID.fullmatch(said) else ""


def aware(value: datetime | None) -> datetime | None:
    # The SDK's times are UTC without saying so.
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value
