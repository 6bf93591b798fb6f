"""Webhooks, signed as Braintree signs them.

Kinds: check; transaction_settled, transaction_settlement_declined, transaction_disbursed, refund_failed,
transaction_reviewed (about a transaction); dispute_opened, dispute_under_review, dispute_disputed,
dispute_won, dispute_lost, dispute_accepted, dispute_auto_accepted, dispute_expired (recorded on the
transaction, so that a later find shows them); disbursement.
"""

import base64
import hashlib
import hmac

from braintree_emulator import accounts, wire, xml
from braintree_emulator.vault import random_id
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


def notification(gateway, kind: str, transaction_id: str | None = None) -> tuple[str, str]:
    """(bt_signature, bt_payload). Raises ValueError for an unknown kind, NotFound for the transaction."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of webhook: {kind}")
    subject = {"check": True} if kind == "check" else _subject(gateway, kind, transaction_id or "")
    now = wire.moment(gateway.vault.now_ms())
    document = xml.document("notification", {"timestamp": now, "kind": kind, "subject": subject})
    payload = base64.encodebytes(document).decode()
    return sign(gateway, payload), payload


def sign(gateway, payload: str) -> str:
    """The bt_signature of a payload exactly as it is posted."""
    return f"{gateway.public_key}|{digest(gateway.private_key, payload)}"


def digest(private_key: str, content: str) -> str:
    key = hashlib.sha1(private_key.encode()).digest()  # noqa: S324 - Braintree's own scheme
    return hmac.new(key, content.encode(), hashlib.sha1).hexdigest()


def _subject(gateway, kind: str, transaction_id: str) -> dict:
    with gateway.store.writing():
        record = gateway.ledger.find(transaction_id)
        if kind in DISPUTES:
            item = _dispute(gateway, record, DISPUTES[kind])
            gateway.ledger.save(record)
            return {"dispute": wire.dispute(item, record)}
        if kind == "transaction_disbursed":
            record["disbursed_ms"] = gateway.vault.now_ms()
            gateway.ledger.save(record)
    if kind == "disbursement":
        return {"disbursement": _disbursement(gateway, record)}
    if kind == "transaction_reviewed":
        return {
            "transaction_review": {
                "transaction_id": record["id"],
                "decision": "approve",
                "reviewer_email": "reviewer@example.com",
                "reviewer_note": None,
                "reviewed_time": wire.moment(gateway.vault.now_ms()),
            }
        }
    return {"transaction": wire.transaction(record)}


def _dispute(gateway, record: dict, status: str) -> dict:
    """The transaction's dispute, moved on to `status`; opened if there is none."""
    now = gateway.vault.now_ms()
    if not record["disputes"]:
        record["disputes"] = [{"id": random_id(16), "opened_ms": now, "history": []}]
    item = record["disputes"][-1]
    item["status"] = status
    item["history"].append({"status": status, "at_ms": now})
    return item


def _disbursement(gateway, record: dict) -> dict:
    account = accounts.find(record["merchant_account_id"])
    return {
        "id": random_id(10),
        "transaction_ids": Array("item", [record["id"]]),
        "success": True,
        "retry": False,
        "merchant_account": account.wire(gateway.merchant_id),
        "amount": accounts.write_amount(record["amount_minor"], record["currency"]),
        "disbursement_date": wire.moment(gateway.vault.now_ms()).date(),
        "disbursement_type": "credit",
        "exception_message": None,
        "follow_up_action": None,
    }
