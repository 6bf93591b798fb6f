"""Webhook notifications, signed as Braintree signs them.

Kinds: check; transaction_settled, transaction_settlement_declined, transaction_disbursed, refund_failed,
transaction_reviewed (about a transaction); dispute_opened, dispute_under_review, dispute_disputed,
dispute_won, dispute_lost, dispute_accepted, dispute_auto_accepted, dispute_expired (recorded on the
transaction, so that a later find shows them); disbursement.
"""

import base64
import hashlib
import hmac

from braintree_emulator import merchant_accounts, serializers, xml
from braintree_emulator.store import random_id
from braintree_emulator.xml import Array

DISPUTES = {
    "dispute_opened": "open",
    "dispute_under_review": "under_review",
    "dispute_disputed": "disputed",
    "dispute_won": "won",
    "dispute_lost": "lost",
    "dispute_accepted": "accepted",
    "dispute_auto_accepted": "auto_accepted",
    "dispute_expired": "expired",
}
PLAIN = {"transaction_settled", "transaction_settlement_declined", "transaction_disbursed", "refund_failed"}
KINDS = {"check", "transaction_reviewed", "disbursement", *PLAIN, *DISPUTES}


def notification(emulator, kind: str, transaction_id: str | None = None) -> tuple[str, str]:
    """(bt_signature, bt_payload). Raises ValueError for an unknown kind, NotFound for the transaction."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of notification: {kind}")
    subject = {"check": True} if kind == "check" else _subject(emulator, kind, transaction_id or "")
    now = serializers.from_ms(emulator.now_ms())
    document = xml.document("notification", {"timestamp": now, "kind": kind, "subject": subject})
    payload = base64.encodebytes(document).decode()
    return sign(emulator, payload), payload


def sign(emulator, payload: str) -> str:
    """The bt_signature of a payload, byte for byte as it is posted."""
    return f"{emulator.public_key}|{digest(emulator.private_key, payload)}"


def digest(private_key: str, content: str) -> str:
    key = hashlib.sha1(private_key.encode()).digest()  # noqa: S324 - Braintree's own scheme
    return hmac.new(key, content.encode(), hashlib.sha1).hexdigest()


def _subject(emulator, kind: str, transaction_id: str) -> dict:
    with emulator.store.writing():
        record = emulator.ledger.find(transaction_id)
        if kind in DISPUTES:
            item = _dispute(emulator, record, DISPUTES[kind])
            emulator.ledger.save(record)
            return {"dispute": serializers.dispute(item, record)}
        if kind == "transaction_disbursed":
            record["disbursed_ms"] = emulator.now_ms()
            emulator.ledger.save(record)
    if kind == "disbursement":
        return {"disbursement": _disbursement(emulator, record)}
    if kind == "transaction_reviewed":
        return {
            "transaction_review": {
                "transaction_id": record["id"],
                "decision": "approve",
                "reviewer_email": "reviewer@example.com",
                "reviewer_note": None,
                "reviewed_time": serializers.from_ms(emulator.now_ms()),
            }
        }
    return {"transaction": serializers.transaction(record)}


def _dispute(emulator, record: dict, status: str) -> dict:
    """The transaction's dispute, opened if there is none, with its new status."""
    now = emulator.now_ms()
    if not record["disputes"]:
        record["disputes"] = [{"id": random_id(16), "opened_ms": now, "history": []}]
    item = record["disputes"][-1]
    item["status"] = status
    item["history"].append({"status": status, "at_ms": now})
    return item


def _disbursement(emulator, record: dict) -> dict:
    account = merchant_accounts.find(record["merchant_account_id"])
    return {
        "id": random_id(10),
        "transaction_ids": Array("item", [record["id"]]),
        "success": True,
        "retry": False,
        "merchant_account": serializers.merchant_account(account),
        "amount": merchant_accounts.format_amount(record["amount_minor"], record["currency"]),
        "disbursement_date": serializers.from_ms(emulator.now_ms()).date(),
        "disbursement_type": "credit",
        "exception_message": None,
        "follow_up_action": None,
    }
