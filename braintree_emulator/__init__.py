"""A Braintree gateway in one process, for demos and tests. No money moves. See README.md.

`Emulator.api` answers Braintree's server SDKs and `Emulator.client_api` answers braintree-web; both are WSGI apps and
may run in different processes that share one store.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from braintree_emulator import ledger, nonces, serializers, webhooks
from braintree_emulator.api import Api
from braintree_emulator.errors import Invalid
from braintree_emulator.fault_injection import Faults
from braintree_emulator.sales import Sales
from braintree_emulator.store import Store
from braintree_emulator.vault import Vault

__version__ = "1.1.0"


def system_clock() -> datetime:
    return datetime.now(UTC)


class Emulator:
    """One merchant's gateway, on one store.

    `store` is a path or ":memory:". `clock()` returns an aware datetime. `browser_url` is where a browser finds
    `client_api`: a path or an absolute URL. `mark_client_token` adds "demo": true to client tokens, so that production
    code can refuse an emulator. `settle_after` and `search_lag` are in seconds. `postal_code_rule` is an AVS rule:
    cards without a postal code are rejected.
    """

    def __init__(
        self,
        store: str | Path = ":memory:",
        *,
        clock: Callable[[], datetime] = system_clock,
        merchant_id: str = "demo_merchant",
        public_key: str = "demo_public_key",
        private_key: str = "demo_private_key",
        browser_url: str = "/braintree",
        mark_client_token: bool = True,
        settle_after: float = 60,
        search_lag: float = 0,
        three_d_secure: bool = True,
        postal_code_rule: bool = False,
    ):
        self.store = Store(store)
        self.clock = clock
        self.merchant_id = merchant_id
        self.public_key = public_key
        self.private_key = private_key
        self.browser_url = browser_url.rstrip("/")
        self.mark_client_token = mark_client_token
        self.settle_after = settle_after
        self.search_lag = search_lag
        self.three_d_secure = three_d_secure
        self.postal_code_rule = postal_code_rule
        self.nonces = nonces.Nonces(self.store, clock, private_key)
        self.faults = Faults(self.store)
        self.ledger = ledger.Ledger(self)
        self.vault = Vault(self)
        self.sales = Sales(self)
        self.api = Api(self)
        self._deferred: list[tuple[int, Callable[[], object]]] = []

    def now_ms(self) -> int:
        return self.nonces.now_ms()

    @cached_property
    def client_api(self):
        """The WSGI app for browsers. Its paths start where `browser_url` ends."""
        from braintree_emulator.client_api import ClientApi

        return ClientApi(self)

    @property
    def challenges(self) -> list[str]:
        """Fields that the merchant's AVS and CVV rules require of a card."""
        return ["cvv", "postal_code"] if self.postal_code_rule else ["cvv"]

    def client_token(self, merchant_account_id: str | None = None) -> dict:
        """The decoded client token."""
        return nonces.client_token(self, merchant_account_id)

    def tokenize(self, number: str = "4111111111111111", month="12", year="2040", cvv="123", **more) -> str:
        """A fresh nonce for a test card, as Hosted Fields would make it. Takes what `Nonces.tokenize` takes and raises
        cards.CardRefused."""
        return self.nonces.tokenize(number, month, year, cvv, **more)["nonce"]

    def transactions(self, order_id: str | None = None) -> list[dict]:
        """Every transaction (of that order), oldest first: its record, with `amount` (Decimal) and `created_at`."""
        self.run_due()
        return [
            {**record, "amount": ledger.amount_of(record), "created_at": serializers.from_ms(record["created_ms"])}
            for record in self.ledger.all(order_id)
        ]

    def settle(self, transaction_id: str, status: str = "settled") -> dict:
        """End settlement now, with `status`; returns the record. Raises errors.Invalid or errors.NotFound."""
        with self.store.writing():
            return self.ledger.settle(transaction_id, status)

    def decline_settlement(self, transaction_id: str) -> dict:
        """Decline settlement now, even after the transaction settled. Raises like `settle`."""
        return self.settle(transaction_id, "settlement_declined")

    def move(self, transaction_id: str, status: str, detail: str | None = None) -> dict:
        """Put a transaction into any status now; returns its record. `detail` is the processor response code of a
        decline, or the reason of a gateway rejection. Raises errors.NotFound."""
        with self.store.writing():
            return self.ledger.move(transaction_id, status, detail)

    def refund(self, transaction_id: str, amount: str | None = None) -> dict:
        """Refund as in the Control Panel; returns the credit's record. Raises errors.Invalid or errors.NotFound."""
        with self.store.writing():
            return self.ledger.refund(transaction_id, amount)

    def webhook(self, kind: str, transaction_id: str | None = None) -> tuple[str, str]:
        """(bt_signature, bt_payload), ready to be posted. Raises ValueError or errors.NotFound; see `webhooks`."""
        return webhooks.notification(self, kind, transaction_id)

    def defer(self, seconds: float, work: Callable[[], object]) -> None:
        """Do `work` at the first call after the clock has advanced that far, in this process only."""
        self._deferred.append((self.now_ms() + int(seconds * 1000), work))

    def run_due(self) -> None:
        with self.store.lock:
            now = self.now_ms()
            due = [work for at_ms, work in self._deferred if at_ms <= now]
            self._deferred = [entry for entry in self._deferred if entry[0] > now]
        for work in due:
            with suppress(Invalid):
                work()
