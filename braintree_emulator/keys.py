"""api_request_key: the same key with the same request is answered with the first one's transaction.

A key lives 30 days. 915230 too long, 915232 another request, 915233 still in flight, 915234 the first
request was refused.
"""

import hashlib
import json

from braintree_emulator.errors import Invalid
from braintree_emulator.vault import LOCK_LIFE_MS

KEY_LIFE_MS = 30 * 86_400_000


class RequestKeys:
    """Keys in the gateway's store. Call every method inside `store.writing()`."""

    def __init__(self, gateway):
        self.store = gateway.store
        self.now_ms = gateway.vault.now_ms

    def begin(self, key: str | None, operation: str, params: dict, at_ms: int) -> str | None:
        """The id of the transaction this request already made; None when it is the first. Raises Invalid.

        `at_ms` is when the request came in.
        """
        if not key:
            return None
        if len(key) > 255:
            raise Invalid("915230")
        request = json.dumps([operation, params], sort_keys=True)
        digest = hashlib.sha256(request.encode()).hexdigest()
        kept = self._kept(key)
        if kept is None:
            self.store.put(
                "key",
                key,
                {"digest": digest, "state": "in_flight", "at_ms": at_ms, "transaction_id": None},
            )
            return None
        if kept["digest"] != digest:
            raise Invalid("915232")
        if kept["state"] != "done":
            raise Invalid("915234" if kept["state"] == "failed" else "915233")
        return kept["transaction_id"]

    def _kept(self, key: str) -> dict | None:
        kept = self.store.get("key", key)
        if kept is None:
            return None
        age = self.now_ms() - kept["at_ms"]
        abandoned = kept["state"] == "in_flight" and age >= LOCK_LIFE_MS
        return None if abandoned or age >= KEY_LIFE_MS else kept

    def is_held_since(self, key: str | None, began_ms: int) -> bool:
        """Whether the request that `begin` let in at that moment still has the key."""
        kept = self.store.get("key", key) if key else None
        return kept is None or (kept["state"], kept["at_ms"]) == ("in_flight", began_ms)

    def finish(self, key: str | None, transaction_id: str | None) -> None:
        """Remember what a request came to; None: it was refused."""
        if key:
            state = "done" if transaction_id else "failed"
            kept = self.store.get("key", key) or {}
            self.store.put("key", key, {**kept, "state": state, "transaction_id": transaction_id})
