"""What our code and a card gateway say to each other: frozen values, and one exception.

A verdict is one of Charged, Declined and Refused. Anything else that can happen to a charge is
GatewayUnreachable, which means that it is not known yet whether money moved. Nothing here names
Braintree: its SDK lives in braintree_gateway.py alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from app.clock import to_ms
from app.payments.charge_lines import ChargeLine


class GatewayUnreachable(Exception):
    """No verdict: a timeout, a reset, a 5xx, an answer that can't be read or is no decision. For a charge: unknown.

    `silent` when there was no answer at all, so that a further question would only wait as long.
    `transaction_id` is the id that the answer to a charge named all the same, if it did.
    """

    def __init__(self, message: str = "", *, silent: bool = False, transaction_id: str = ""):
        self.silent = silent
        self.transaction_id = transaction_id
        super().__init__(message)


class GatewayRefused(Exception):
    """The gateway surely did nothing, and says why: wrong keys, no connection, a malformed request."""


class NoAccount(GatewayRefused):
    """Nothing is set up that takes `currency`."""

    def __init__(self, currency: str):
        super().__init__(
            f"No merchant account takes {currency}: add one at Braintree and, if it is set,"
            f" to BRAINTREE_MERCHANT_ACCOUNTS, or leave {currency} out under Accounting Preferences."
        )


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What to charge. `amount_minor` is minor units of `currency` (ISO 4217)."""

    order_id: str
    amount_minor: int
    currency: str
    nonce: str
    merchant_account: str = ""
    device_data: str = ""
    lines: tuple[ChargeLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as the gateway has it.

    `status` is one of the seven below; `raw_status` is the gateway's own word. `is_credit` marks a
    refund, money on its way back to the card, and `refunds` is the id of the charge that it gives back.

    PENDING is no decision: it may still be declined, or never be submitted. SUBMITTED and SETTLED are the only
    ones that the gateway would settle. UNKNOWN is a word that this version doesn't know.
    """

    id: str
    order_id: str
    amount_minor: int
    currency: str
    status: str
    raw_status: str = ""
    card_type: str = ""
    last_four: str = ""
    processor_code: str = ""
    processor_text: str = ""
    rejection: str = ""
    created_at: datetime | None = None
    refund_ids: tuple[str, ...] = ()
    is_credit: bool = False
    refunds: str = ""

    PENDING: ClassVar[str] = "pending"
    SUBMITTED: ClassVar[str] = "submitted"
    SETTLED: ClassVar[str] = "settled"
    SETTLEMENT_FAILED: ClassVar[str] = "settlement_failed"
    VOIDED: ClassVar[str] = "voided"
    DECLINED: ClassVar[str] = "declined"
    UNKNOWN: ClassVar[str] = "unknown"
    SETTLING: ClassVar[tuple[str, ...]] = ("settling", "settlement_confirmed")

    @property
    def made_ms(self) -> int:
        """When it was made; 0 if the gateway doesn't say."""
        return to_ms(self.created_at) if self.created_at else 0

    @property
    def can_be_voided(self) -> bool:
        """Settlement has not begun yet. Only the gateway knows for sure."""
        return self.is_live and self.status != self.SETTLED and self.raw_status not in self.SETTLING

    @property
    def is_live(self) -> bool:
        """Money came in or will come in, as far as the gateway is concerned."""
        return not self.is_credit and self.status in (self.SUBMITTED, self.SETTLED)

    @property
    def is_over(self) -> bool:
        """No money came in, and none will."""
        return self.status in (self.SETTLEMENT_FAILED, self.VOIDED, self.DECLINED)

    @property
    def is_unclear(self) -> bool:
        return self.status in (self.PENDING, self.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A transaction that the gateway has, in a form that this portal does not understand."""

    id: str
    order_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Charged:
    """The card was charged. Compare amount, currency and order id before you believe it."""

    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Declined:
    """The bank or the gateway said no: `reason` is 'processor' or the gateway's rejection (cvv, fraud, …)."""

    transaction: Transaction
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Surely not charged, and no transaction exists: `codes` are the gateway's validation codes."""

    message: str
    codes: tuple[str, ...] = ()


Verdict = Charged | Declined | Refused


@dataclass(frozen=True, slots=True)
class NonceFacts:
    """What the gateway knows of a payment-method nonce. `three_d_secure` is none, passed or failed."""

    three_d_secure: str = "none"
    status: str = ""
    card_type: str = ""
    last_four: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified webhook. `transaction_id` is empty when it is about something else. `dispute` is what a
    notice about a dispute says of it, as JSON values; None for any other. `unreadable` says why a genuine one
    can't be read; what is known of it may be wrong."""

    kind: str
    transaction_id: str = ""
    timestamp: datetime | None = None
    order_id: str = ""
    dispute: dict | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `flask braintree check`."""

    what: str
    ok: bool
    detail: str = ""


class BadNotice(ValueError):
    """A webhook that is not genuine, or a challenge that can't be answered."""


class Gateway(Protocol):
    """A card gateway. Every method may raise GatewayUnreachable; those that say so, GatewayRefused.

    `place` tells it from other gateways and merchants: "sandbox:merchant_id".
    """

    place: str

    def client_token(self, currency: str) -> str:
        """An authorization for the browser, for one page view. Raises GatewayRefused."""

    def account_for(self, currency: str) -> str:
        """The merchant account that takes `currency`; '' for the only one. Raises NoAccount when none does."""

    def inspect_nonce(self, nonce: str) -> NonceFacts | None:
        """What is known of `nonce`; None when the gateway doesn't know it. Charges nothing."""

    def charge(self, request: ChargeRequest) -> Verdict:
        """Charge once. GatewayUnreachable means: unknown. It never raises GatewayRefused."""

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction, or None."""

    def find_by_order(self, order_id: str) -> tuple[Transaction | Unreadable, ...]:
        """All charges with exactly that order id, and those of the answer whose order id is missing or can't be read,
        unless they are over. Empty proves nothing: the gateway's index lags."""

    def between(self, start: datetime, end: datetime) -> Iterable[Transaction | Unreadable]:
        """Every transaction created between the two moments, in any state."""

    def charge_lines(self, transaction_id: str, currency: str) -> tuple[ChargeLine, ...]:
        """The line items of a charge in that currency; empty when it has none that can be read."""

    def void(self, transaction_id: str) -> bool:
        """Void an unsettled transaction. False when the gateway says that it can't be voided."""

    def notice(self, signature: str, payload: str) -> Notice:
        """Verify and read a webhook. Raises BadNotice when the signature is not right."""

    def answer_challenge(self, challenge: str) -> str:
        """The answer to a webhook address check. Raises BadNotice."""

    def check(self, currencies: Iterable[str] = (), asks_postal_code: bool = False) -> list[Check]:
        """Whether the connection, merchant accounts and client tokens work, one line each: for every currency that
        is set up, and for each of `currencies`; and whether rules need a postal code that pay pages don't ask for."""
