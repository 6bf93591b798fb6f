"""Braintree's webhooks: what the SDK reads, and what can be known of a genuine one that it can't read."""

import base64
import binascii
import re
from contextlib import suppress
from decimal import Decimal

from app import money
from app.payments.gateway.protocol import Notice
from app.payments.gateway.responses import aware, id_of, text

KIND = re.compile(rb"<kind[^>]*>([a-z_]{1,60})</kind>")
TRANSACTION = re.compile(rb"<transaction>\s*<id>([A-Za-z0-9_-]{1,40})</id>")


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
    """What a notice says of a dispute. What can't be read is left out: the notice itself must not be lost."""
    kind = text(notice.kind)
    if not kind.startswith("dispute"):
        return None
    dispute = getattr(notice, "dispute", None)
    names = {"dispute": "id", "currency": "currency_iso_code", "reason": "reason", "reply_by": "reply_by_date"}
    facts = {name: text(getattr(dispute, theirs, None)) for name, theirs in names.items()}
    facts["kind"] = kind.removeprefix("dispute_").replace("_", " ")
    with suppress(Exception):
        amount = getattr(dispute, "amount_disputed", None) or dispute.amount
        facts["amount_minor"] = money.from_decimal(Decimal(amount), facts["currency"])
    return facts


def is_signed(config, crypto, signature: str, payload: str) -> bool:
    """Whether our private key signed it: the SDK's own check, which it makes before anything is read. `config` and
    `crypto` are the SDK's."""
    pairs = [pair.partition("|") for pair in signature.split("&")]
    ours = [hexadecimal for public_key, _, hexadecimal in pairs if public_key == config.public_key]
    if not payload.isascii() or not ours:
        return False
    signed = (payload.encode(), payload.encode() + b"\n")
    return any(crypto.secure_compare(crypto.sha1_hmac_hash(config.private_key, one), ours[0]) for one in signed)


def guess_notice(payload: str, why: str) -> Notice:
    """A genuine notice that the SDK can't read: its kind and transaction, if they can be seen in it."""
    document = b""
    with suppress(binascii.Error):
        document = base64.b64decode(payload)
    kind, transaction = KIND.search(document), TRANSACTION.search(document)
    return Notice(
        kind=kind[1].decode() if kind else "unreadable",
        transaction_id=transaction[1].decode() if transaction else "",
        unreadable=why,
    )
