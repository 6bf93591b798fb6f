"""Faults by name, for tests: what goes wrong, at which kind of call, and how often.

`on` is one of KINDS. `times` is how many calls are struck (None: every one until `clear`).
"Happened" below means that the call did its work and only the answer was lost or spoilt.
Options, all optional, are in brackets.

lost_request     the connection dies before anything happened
lost_response    it happened, then the connection dies
slow             it takes [seconds=90]; [when] is 'before' (it happens only after that time), 'during' (the
                 same, but nonce and key are locked meanwhile) or 'after' (it happened at once)
in_flight        like slow with when='during'
error_500, error_503, error_408, error_429, error_502, error_504
                 that status; nothing happened, unless [happened=true]
garbage, empty, html, truncated
                 it happened ([happened=false]: it didn't), but the answer is random bytes, nothing, a web
                 page, or stops half-way
broken_off       it happened; the connection dies in the middle of the answer
unauthorized, forbidden
                 401, 403; nothing happened
validation_error it is refused with [code='91513']; nothing happened
key_not_allowed  a call with an api_request_key is refused with 915231, others pass
search_lag       searches don't find transactions younger than [seconds=60]
search_down      a search answers without results (the SDK: RequestTimeoutError)
altered          a sale is made with another [amount], [order_id] or [currency] than asked for
unreadable       the newest transaction in the answer to a sale, find or fetch has another [id], [status], [amount],
                 [currency] or [order_id] (None: it is empty there); those in the list [missing] aren't there at all
unfinished       a sale is made and is left in [status='authorizing'], which may be any word, until it is moved by hand
charged_twice    a sale makes two transactions and answers with the second

Without a socket, what would outlast the client's patience raises requests' ReadTimeout at once and
happens when the gateway's clock has moved that far ([error='reset'] raises ConnectionError instead).
"""

from braintree_emulator.store import Store
from braintree_emulator.vault import random_id

STATUSES = {
    "error_500": 500,
    "error_503": 503,
    "error_408": 408,
    "error_429": 429,
    "error_502": 502,
    "error_504": 504,
    "unauthorized": 401,
    "forbidden": 403,
}
SPOILT = {"garbage", "empty", "html", "truncated", "broken_off"}
NAMES = {
    "lost_request",
    "lost_response",
    "slow",
    "in_flight",
    "validation_error",
    "key_not_allowed",
    "search_lag",
    "search_down",
    "altered",
    "unreadable",
    "unfinished",
    "charged_twice",
    *STATUSES,
    *SPOILT,
}
KINDS = {
    "any",
    "sale",
    "find",
    "search",
    "fetch",
    "void",
    "refund",
    "settle",
    "client_token",
    "nonce",
    "payment_method",
    "customer",
    "account",
    "tokenize",
    "lookup",
    "authenticate",
    "config",
}
SEARCHES = {"search_lag", "search_down"}


class Faults:
    """The faults in `store`, oldest first."""

    def __init__(self, store: Store):
        self.store = store

    def add(self, name: str, on: str = "sale", times: int | None = 1, **options) -> None:
        """Raises ValueError for a name or a kind of call that doesn't exist, and for a wrong number."""
        on = "search" if name in SEARCHES else on
        if name not in NAMES or on not in KINDS:
            raise ValueError(f"no such fault: {name} on {on}")
        if not (times is None or times > 0) or float(options.get("seconds", 0)) < 0:
            raise ValueError("times and seconds are positive numbers")
        with self.store.writing():
            key = random_id(12)
            fault = {"id": key, "name": name, "on": on, "left": times, "options": options}
            self.store.put("fault", key, fault)

    def clear(self) -> None:
        with self.store.writing():
            self.store.clear("fault")

    def pending(self) -> list[dict]:
        return self.store.all("fault")

    def take(self, kind: str) -> dict | None:
        """The fault that strikes this call, used up by one: {name, options, …}, or None."""
        if not self.store.any("fault"):
            return None
        with self.store.writing():
            fault = next((f for f in self.pending() if f["on"] in (kind, "any")), None)
            if fault is not None and fault["left"] is not None:
                self._use(fault)
            return fault

    def _use(self, fault: dict) -> None:
        if fault["left"] <= 1:
            self.store.delete("fault", fault["id"])
        else:
            self.store.put("fault", fault["id"], {**fault, "left": fault["left"] - 1})
