"""The interface between our code and a card gateway: frozen values and exceptions.

A verdict is Charged, Declined or Refused. Anything else that happens to a charge is GatewayUnreachable: it is not known
yet whether money moved. Nothing here names Braintree; its SDK is used in braintree_gateway.py alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from app.clock import to_ms
from app.payments.charge_lines import ChargeLine


class GatewayUnreachable(Exception):
    """No verdict: a timeout, a reset, a 5xx, an answer that can't be read or decides nothing. For a charge: unknown.

    `no_response`: there was no answer at all, so another question would wait just as long. `transaction_id` is the id
    that the answer to a charge contained, if any.
    """

    def __init__(self, message: str = "", *, no_response: bool = False, transaction_id: str = ""):
        self.no_response = no_response
        self.transaction_id = transaction_id
        super().__init__(message)


class GatewayRefused(Exception):
    """The gateway certainly did nothing, and says why: wrong keys, no connection, a malformed request."""


class NoAccount(GatewayRefused):
    """No merchant account accepts `currency`."""

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

    `status` is one of the seven below; `raw_status` is the gateway's own word. `is_credit` marks a refund, money on its
    way back to the card; `refunds` is the id of the refunded charge.

    PENDING is undecided: it may still be declined, or never be submitted. Only SUBMITTED and SETTLED charges become
    money. UNKNOWN is a status that this version doesn't know.
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
        """When it was created; 0 if the gateway doesn't say."""
        return to_ms(self.created_at) if self.created_at else 0

    @property
    def can_be_voided(self) -> bool:
        """Settlement has not begun yet. Only the gateway knows for certain."""
        return self.is_live and self.status != self.SETTLED and self.raw_status not in self.SETTLING

    @property
    def is_live(self) -> bool:
        """According to the gateway, money came in or will come in."""
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
    """A transaction at the gateway that this portal can't read."""

    id: str
    order_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Charged:
    """The card was charged. Compare amount, currency and order id before you believe it."""

    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Declined:
    """The bank or the gateway declined: `reason` is 'processor' or the gateway's rejection (cvv, fraud, …)."""

    transaction: Transaction
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly not charged, and no transaction exists: `codes` are the gateway's validation codes."""

    message: str
    codes: tuple[str, ...] = ()


Verdict = Charged | Declined | Refused


@dataclass(frozen=True, slots=True)
class NonceFacts:
    """What the gateway knows about a payment-method nonce. `three_d_secure` is none, passed or failed."""

    three_d_secure: str = "none"
    status: str = ""
    card_type: str = ""
    last_four: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified webhook. `transaction_id` is empty if it is not about a transaction. `dispute` has the facts of a
    dispute as JSON values; None for other notices. `unreadable` says why a genuine notice can't be read; its other
    values may then be wrong."""

    kind: str
    transaction_id: str = ""
    timestamp: datetime | None = None
    order_id: str = ""
    dispute: dict | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """One line of `flask braintree check`."""

    what: str
    ok: bool
    detail: str = ""


class BadNotice(ValueError):
    """A webhook that is not genuine, or a challenge that can't be answered."""


class Gateway(Protocol):
    """A card gateway. Every method may raise GatewayUnreachable; those that say so, GatewayRefused.

    `gateway_id` is the environment and the merchant id: "sandbox:merchant_id".
    """

    gateway_id: str

    def client_token(self, currency: str) -> str:
        """An authorization for the browser, for one page view. Raises GatewayRefused."""

    def account_for(self, currency: str) -> str:
        """The merchant account that accepts `currency`; '' if there is only the default one. Raises NoAccount if
        none does."""

    def inspect_nonce(self, nonce: str) -> NonceFacts | None:
        """What is known about `nonce`; None if the gateway doesn't know it. Charges nothing."""

    def charge(self, request: ChargeRequest) -> Verdict:
        """Charge once. GatewayUnreachable means unknown. Never raises GatewayRefused."""

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction, or None."""

    def find_by_order(self, order_id: str) -> tuple[Transaction | Unreadable, ...]:
        """All charges with exactly that order id, and those in the answer whose order id is missing or can't be
        read, unless they are over. An empty result proves nothing, because the gateway's index lags."""

    def between(self, start: datetime, end: datetime) -> Iterable[Transaction | Unreadable]:
        """Every transaction created between the two moments, in any state."""

    def charge_lines(self, transaction_id: str, currency: str) -> tuple[ChargeLine, ...]:
        """The line items of a charge in that currency; empty if none can be read."""

    def void(self, transaction_id: str) -> bool:
        """Void an unsettled transaction. Returns False if the gateway says that it can't be voided."""

    def notice(self, signature: str, payload: str) -> Notice:
        """Verify and read a webhook. Raises BadNotice if the signature is wrong."""

    def answer_challenge(self, challenge: str) -> str:
        """The answer to a webhook URL check. Raises BadNotice."""

    def check(self, currencies: Iterable[str] = (), asks_postal_code: bool = False) -> list[ConnectionCheck]:
        """Check the connection, merchant accounts and client tokens, with one result each: for every currency that
        is set up, and for each of `currencies`. Also whether AVS rules need a postal code that pay pages don't ask
        for."""
