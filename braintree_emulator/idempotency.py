"""api_request_key: a repeated request with the same key returns the transaction that the first one made.

A key is remembered for 30 days. Errors: 915230 too long, 915232 another request, 915233 still in flight, 915234 the
first request was refused.
"""

import hashlib
import json

from braintree_emulator.errors import Invalid
from braintree_emulator.nonces import LOCK_LIFE_MS

KEY_LIFE_MS = 30 * 86_400_000


class RequestKeys:
    """Call every method inside `store.writing()`."""

    def __init__(self, emulator):
        self.store = emulator.store
        self.now_ms = emulator.now_ms

    def begin(self, key: str | None, operation: str, params: dict, at_ms: int) -> str | None:
        """The id of the transaction that this request already made; None when it is the first. Raises Invalid.

        `at_ms` is the time of the request.
        """
        if not key:
            return None
        if len(key) > 255:
            raise Invalid("915230")
        request = json.dumps([operation, params], sort_keys=True)
        digest = hashlib.sha256(request.encode()).hexdigest()
        stored = self._find(key)
        if stored is None:
            record = {"digest": digest, "state": "in_flight", "at_ms": at_ms, "transaction_id": None}
            self.store.put("key", key, record)
            return None
        if stored["digest"] != digest:
            raise Invalid("915232")
        if stored["state"] != "done":
            raise Invalid("915234" if stored["state"] == "failed" else "915233")
        return stored["transaction_id"]

    def _find(self, key: str) -> dict | None:
        stored = self.store.get("key", key)
        if stored is None:
            return None
        age = self.now_ms() - stored["at_ms"]
        abandoned = stored["state"] == "in_flight" and age >= LOCK_LIFE_MS
        return None if abandoned or age >= KEY_LIFE_MS else stored

    def is_held_since(self, key: str | None, began_ms: int) -> bool:
        """Whether the request that began at `began_ms` still holds the key."""
        stored = self.store.get("key", key) if key else None
        return stored is None or (stored["state"], stored["at_ms"]) == ("in_flight", began_ms)

    def finish(self, key: str | None, transaction_id: str | None) -> None:
        """Remember the transaction that the request made; None when it was refused."""
        if key:
            state = "done" if transaction_id else "failed"
            stored = self.store.get("key", key) or {}
            self.store.put("key", key, {**stored, "state": state, "transaction_id": transaction_id})
