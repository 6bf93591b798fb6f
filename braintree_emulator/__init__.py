"""A card gateway for demo and tests that speaks Braintree's protocol. No money moves here.

The real SDK talks to `.api`, the real browser code to `.browser`; both may run in different
processes on one store. Nothing here imports anything else of the portal.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from braintree_emulator import client_token, ledger, webhooks, wire
from braintree_emulator.api import Api
from braintree_emulator.customers import Customers
from braintree_emulator.errors import Invalid
from braintree_emulator.faults import Faults
from braintree_emulator.ledger import Ledger
from braintree_emulator.sales import Sales
from braintree_emulator.store import Store
from braintree_emulator.vault import Vault


def system_clock() -> datetime:
    return datetime.now(UTC)


class DemoGateway:
    """The gateway on one store.

    `clock()` gives an aware datetime. `settle_after` and `search_lag` are seconds. `browser_url` is
    where a browser finds `.browser`: a path, or an absolute URL. `postal_code_rule` is an AVS rule: cards without a
    postal code are rejected.
    """

    def __init__(
        self,
        store: str | Path = ":memory:",
        *,
        clock: Callable[[], datetime] = system_clock,
        merchant_id: str = "demo_merchant",
        public_key: str = "demo_public_key",
        private_key: str = "demo_private_key",
        browser_url: str = "/demo-gateway",
        announce: bool = True,
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
        self.announce = announce
        self.settle_after = settle_after
        self.search_lag = search_lag
        self.three_d_secure = three_d_secure
        self.postal_code_rule = postal_code_rule
        self.vault = Vault(self.store, clock, private_key)
        self.faults = Faults(self.store)
        self.ledger = Ledger(self)
        self.customers = Customers(self)
        self.sales = Sales(self)
        self.api = Api(self)
        self._deferred: list[tuple[int, Callable[[], object]]] = []

    def client_token(self, merchant_account_id: str | None = None) -> dict:
        """The decoded client token, as the browser gets it."""
        return client_token.client_token(
            self.vault.authorizations, self.merchant_id, self.browser_url, merchant_account_id, self.announce,
            self.three_d_secure, self.challenges,
        )

    @property
    def challenges(self) -> list[str]:
        """What the merchant's rules want of a card."""
        return ["cvv", "postal_code"] if self.postal_code_rule else ["cvv"]

    def transactions(self, order_id: str | None = None) -> list[dict]:
        """Every transaction (with that order id), oldest first: the record, `amount` and `created_at`."""
        self.run_due()
        return [
            {**r, "amount": ledger.amount_of(r), "created_at": wire.moment(r["created_ms"])}
            for r in self.ledger.all(order_id)
        ]

    def settle(self, transaction_id: str) -> None:
        """Settle now. Raises errors.Invalid or errors.NotFound."""
        with self.store.writing():
            self.ledger.settle(transaction_id)

    def decline_settlement(self, transaction_id: str) -> None:
        """Decline settlement now, even of a settled transaction. Raises like `settle`."""
        with self.store.writing():
            self.ledger.settle(transaction_id, "settlement_declined")

    def move(self, transaction_id: str, status: str) -> dict:
        """Put a transaction into any status now, as a bank, a processor or a hand in the Control Panel would; the
        record. Raises errors.NotFound."""
        with self.store.writing():
            return self.ledger.move(transaction_id, status)

    def refund(self, transaction_id: str, amount: str | None = None) -> dict:
        """Refund in the Control Panel; the credit's record. Raises errors.Invalid or errors.NotFound."""
        with self.store.writing():
            return self.ledger.refund(transaction_id, amount)

    def webhook(self, kind: str, transaction_id: str | None = None) -> tuple[str, str]:
        """(bt_signature, bt_payload) of a notification, ready to be posted; see `webhooks`."""
        return webhooks.notification(self, kind, transaction_id)

    def defer(self, seconds: float, work: Callable[[], object]) -> None:
        """Do `work` at the first call after the clock has moved that far; in this process only."""
        self._deferred.append((self.vault.now_ms() + int(seconds * 1000), work))

    def run_due(self) -> None:
        with self.store.lock:
            now = self.vault.now_ms()
            due = [work for at_ms, work in self._deferred if at_ms <= now]
            self._deferred = [entry for entry in self._deferred if entry[0] > now]
        for work in due:
            with suppress(Invalid):
                work()

    @cached_property
    def browser(self):
        """The WSGI app that browsers talk to. Its paths start at `browser_url`'s end."""
        from braintree_emulator.browser import Browser

        return Browser(self)
