"""Charging exactly once: quote, reserve, send, charge, verdict.

    TX1  reserve: re-read the balances, compare them with what the form showed, insert the attempt and its
         allocations. From here on no other attempt can pay the same cents.
    TX2  created -> sent, by compare-and-set.
         Call the gateway, outside any transaction, with the attempt's order id.
    TX3  sent -> approved (ledger line, receipt) or declined (the reservation falls).

TX1 makes no attempt for a token that was voided, because its sender already read "not charged".
Without a verdict the attempt stays sent, and app/payments/reconciliation.py finds out. `clock` is called at
each boundary, which is also where the simulations kill the process.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from app.clock import to_ms
from app.models import (
    Allocation,
    Attempt,
    Company,
    Deployment,
    Invoice,
    LedgerEntry,
    VoidedToken,
    booking,
    one_transaction,
)
from app.models.access import Viewer
from app.payments import charge_lines
from app.payments.cashier import Cashier
from app.payments.eligibility import Blocker, first_blocker
from app.payments.gateway.protocol import (
    Charged,
    ChargeRequest,
    Declined,
    GatewayRefused,
    GatewayUnreachable,
    Refused,
    Transaction,
)
from app.payments.quotes import Balance, CannotPay, Quote, currency_of, load_invoices, split
from app.payments.receipts import queue_receipt

logger = logging.getLogger(__name__)
FIRST_POLL_MS = 20_000
ORDER_PREFIX, ORDER_BYTES = "cc-", 12


@dataclass(frozen=True, slots=True)
class Paid:
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class CardDeclined:
    """Declined by the bank or the gateway; attempt.reason and attempt.processor_code say how."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class NotCharged:
    """Certainly not charged, and not declined by a bank. `reason` is three_d_secure, card, unreachable, gateway,
    currency or abandoned. `detail` is for the log."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class BeingConfirmed:
    """The outcome is not known yet. The customer must not pay again."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class BalanceChanged:
    """The balances that the form showed are out of date. `quote` is what would be paid now; None if nothing is open
    or the currencies differ."""

    quote: Quote | None
    changed: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True)
class NotAllowed:
    blocker: Blocker


Result = Paid | CardDeclined | NotCharged | BeingConfirmed | BalanceChanged | NotAllowed


def pay(
    viewer: Viewer,
    cashier: Cashier,
    *,
    token: str,
    shown: dict[str, Balance],
    amount_minor: int | None,
    nonce: str,
    device_data: str,
) -> Result:
    """Charge a card for the chosen invoices, once, whatever happens. Raises CannotPay.

    `token` was made with the form, so that a second submit finds the first one's attempt. `shown` maps
    public ids to the balances the form showed, all in one currency. `amount_minor` None pays in full.
    """
    before = earlier_result(viewer, token) or changed_before_reserving(viewer, cashier.company, token, shown)
    if before is not None:
        return before
    currency = currency_of(shown)
    try:
        account = cashier.gateway.account_for(currency)
        facts = cashier.gateway.inspect_nonce(nonce)
    except GatewayRefused as refusal:
        return NotCharged("gateway", str(refusal))
    except GatewayUnreachable as error:
        return NotCharged("unreachable", str(error))
    if facts is not None and facts.three_d_secure == "failed":
        return NotCharged("three_d_secure", facts.status)
    changed = changed_before_reserving(viewer, cashier.company, token, shown)
    if changed is not None:
        return changed
    reserved = reserve(
        viewer,
        shown,
        amount_minor,
        cashier,
        token=token,
        currency=currency,
        nonce=nonce,
        device_data=device_data,
        merchant_account=account,
        gateway=cashier.gateway.gateway_id,
    )
    if not isinstance(reserved, Attempt):
        return reserved
    if not reserved.send(cashier.now_ms()):
        return result_of(Attempt.get_by_id(reserved.id))
    try:
        return charge(reserved, cashier)
    except Exception:  # the card may have been charged: reconciliation finds out
        logger.exception("%s was sent, and its answer could not be kept", reserved.reference)
        return BeingConfirmed(reserved)


@one_transaction
def reserve(viewer, shown, amount_minor, cashier: Cashier, *, token, currency, **values) -> Result | Attempt:
    """TX1. Locks the invoices and checks everything from the form again."""
    now_ms = cashier.now_ms()
    before = earlier_result(viewer, token)
    if before is not None:
        return before
    company = cashier.company.refreshed()
    why = first_blocker(company, cashier.config.gateway_configured, viewer.refreshed())
    if why is None and not company.accepts(currency):
        why = Blocker.CURRENCY
    if why is not None:
        return NotAllowed(why)
    Invoice.recount(Invoice.lock_to_pay(viewer, list(shown)))
    invoices = load_invoices(viewer, list(shown))
    changed = changed_balances(company, shown, invoices)
    if changed is not None:
        return changed
    agreed = split(invoices, amount_minor, company)
    return booking.reserve(
        [(line.invoice, line.pay_minor) for line in agreed.lines if line.pay_minor],
        now_ms=now_ms,
        actor=viewer.email,
        token=token,
        order_id=f"{ORDER_PREFIX}{token_hex(ORDER_BYTES)}",
        **viewer.as_payer(),
        amount_minor=agreed.pay_minor,
        currency=currency,
        **values,
    )


def is_our_order_id(order_id: str) -> bool:
    return re.fullmatch(f"{ORDER_PREFIX}[0-9a-f]{{{2 * ORDER_BYTES}}}", order_id) is not None


def changed_before_reserving(
    viewer: Viewer, company: Company, token: str, shown: dict[str, Balance]
) -> BalanceChanged | None:
    changed = changed_balances(company, shown, load_invoices(viewer, list(shown)))
    return changed if changed is not None and Attempt.by_token(token) is None else None


def changed_balances(company: Company, shown: dict[str, Balance], invoices: list[Invoice]) -> BalanceChanged | None:
    changed = tuple(one for one in invoices if Balance(one.open_minor, one.currency) != shown[one.public_id])
    return BalanceChanged(split_or_none(company, invoices), changed) if changed else None


def split_or_none(company: Company, invoices: list[Invoice]) -> Quote | None:
    if len({invoice.currency for invoice in invoices}) > 1:
        return None
    try:
        return split(invoices, None, company)
    except CannotPay:
        return None


def charge(attempt: Attempt, cashier: Cashier) -> Result:
    """Charge a sent attempt, then TX3. This is its only call unless the answer is lost."""
    try:
        verdict = cashier.gateway.charge(request_for(attempt))
    except GatewayUnreachable as error:
        attempt.remember(named_id=error.transaction_id)
        attempt.note("unknown", cashier.now_ms(), why=str(error))
        return BeingConfirmed(attempt)
    if isinstance(verdict, Refused):
        text = " ".join((*verdict.codes, verdict.message))
        booking.decline(attempt, cashier.now_ms(), reason="refused", text=text, untouched=True)
    else:
        if isinstance(verdict, Declined) and verdict.reason == "duplicate":
            attempt.remember(duplicate_ms=cashier.now_ms())
            attempt.note("duplicate", cashier.now_ms())
        apply_verdict(attempt, verdict, cashier)
    return result_of(Attempt.get_by_id(attempt.id))


def apply_verdict(attempt: Attempt, verdict: Charged | Declined, cashier: Cashier) -> None:
    """TX3 for the gateway's answer, if its transaction is what was asked for. Otherwise, or if the answer only
    repeats an earlier try, the attempt stays sent, and reconciliation finds out."""
    wrong = differences(attempt, verdict.transaction)
    if wrong:
        if "order_id" not in wrong or not attempt.named_id:
            attempt.remember(named_id=verdict.transaction.id)
        attempt.note_once("mismatch", cashier.now_ms(), transaction=verdict.transaction.id, **wrong)
    elif isinstance(verdict, Charged):
        approve(attempt, verdict.transaction, cashier)
    elif verdict.reason != "duplicate":
        booking.decline(attempt, cashier.now_ms(), reason=verdict.reason, transaction=verdict.transaction)


def request_for(attempt: Attempt) -> ChargeRequest:
    return ChargeRequest(
        order_id=attempt.order_id,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        nonce=attempt.nonce or "",
        merchant_account=attempt.merchant_account,
        device_data=attempt.device_data or "",
        lines=charge_lines.write(
            Deployment.current().portal_id,
            attempt.reference,
            attempt.user.email,
            attempt.customer.number,
            [(line.invoice.number, line.amount_minor) for line in Allocation.of([attempt])],
        ),
    )


def approve(attempt: Attempt, transaction: Transaction, cashier: Cashier) -> bool:
    return approve_at(attempt, transaction, cashier, cashier.clock())


@one_transaction
def approve_at(attempt: Attempt, transaction: Transaction, cashier: Cashier, now: datetime) -> bool:
    approved = booking.approve(attempt, transaction, to_ms(now), poll_ms=to_ms(now) + FIRST_POLL_MS)
    if approved:
        queue_receipt(attempt, cashier, now)
    return approved


def differences(attempt: Attempt, transaction: Transaction) -> dict:
    pairs = {
        "amount_minor": (attempt.amount_minor, transaction.amount_minor),
        "currency": (attempt.currency, transaction.currency),
        "order_id": (attempt.order_id, transaction.order_id),
    }
    found: dict[str, Any] = {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
    if not found and LedgerEntry.is_of_another(attempt, transaction.id):
        found["why"] = "This transaction belongs to another payment"
    return found


def earlier_result(viewer: Viewer, token: str) -> Result | None:
    """The result for a form with this token that was sent before; NotCharged if its token was voided, None if it is
    new."""
    attempt = Attempt.by_token(token)
    if attempt is None:
        return NotCharged("abandoned") if VoidedToken.is_voided(token) else None
    if attempt.customer_id != viewer.customer_id:
        raise CannotPay("unknown_invoice")
    return result_of(attempt)


def result_of(attempt: Attempt) -> Result:
    if attempt.state == Attempt.APPROVED:
        return Paid(attempt)
    if attempt.state == Attempt.ABANDONED:
        return NotCharged("abandoned")
    if attempt.state == Attempt.DECLINED:
        return NotCharged("card", attempt.processor_text) if attempt.reason == "refused" else CardDeclined(attempt)
    return BeingConfirmed(attempt)
