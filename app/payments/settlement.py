"""Comparing our books with the gateway: settlements, webhooks, and every night the last ten days.

As in reconciliation.py, several workers may run any function here at once and be killed at any moment.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from app.clock import is_due, to_ms
from app.models import Attempt, Audit, LedgerEntry, UnmatchedCharge, Webhook, booking, db, one_transaction
from app.payments.cashier import Cashier
from app.payments.checkout import differences, is_our_order_id
from app.payments.gateway.protocol import Gateway, GatewayUnreachable, Notice, Transaction, Unreadable
from app.payments.receipts import queue_reversal_notice
from app.payments.reconciliation import (
    HOUR,
    MAX_UNANSWERED,
    SECOND,
    STALE_SENT_MS,
    claim_and_resolve,
    for_each_isolated,
    is_sound,
    void_double,
)
from app.payments.unmatched import adopt_or_keep, alert

logger = logging.getLogger(__name__)
DAY_MS = 24 * HOUR
POLL_LEAST_MS, POLL_MOST_MS = 20 * SECOND, HOUR
AUDIT_DAYS = 10
Comparison = tuple[Transaction | Unreadable, Callable[[], bool]]


def poll_settlements(cashier: Cashier) -> int:
    due = list(Attempt.due_for_poll(cashier.now_ms(), POLL_MOST_MS, cashier.gateway.gateway_id))
    for_each_isolated(due, lambda attempt: poll(attempt, cashier))
    return len(due)


def poll(attempt: Attempt, cashier: Cashier) -> None:
    if not attempt.claim_poll(next_poll(attempt, cashier.now_ms())):
        return
    transaction = cashier.gateway.find(attempt.charge_id)
    if transaction is not None:
        compare_charge(attempt, transaction, cashier)
    if not attempt.doubles_checked:
        check_doubles(attempt, cashier)


def check_doubles(attempt: Attempt, cashier: Cashier) -> None:
    # Early, while a duplicate can still be voided. Done once a search shows this charge and no other undecided one.
    found = cashier.gateway.find_by_order(attempt.order_id)
    others = [one for one in found if one.id != attempt.transaction_id]
    for one in others:
        if isinstance(one, Transaction):
            compare(one, cashier)
    is_whole = len(others) < len(found) and not any(isinstance(one, Unreadable) or one.is_unclear for one in others)
    if is_whole:
        attempt.remember(doubles_checked=True)


def apply_settlement(attempt: Attempt, charge: Transaction, cashier: Cashier) -> None:
    """Apply the gateway's status of a charge. If it is no longer money, the payer is notified. An undecided status
    changes nothing. An unknown status reverses the payment if a second look shows the same, unless a person has
    decided about it."""
    now = cashier.clock()
    match charge.status:
        case Transaction.SETTLED:
            booking.settle(attempt, to_ms(now))
        case Transaction.VOIDED:
            reverse(booking.void, attempt, charge, cashier, now)
        case Transaction.SETTLEMENT_FAILED | Transaction.DECLINED:
            reverse(booking.fail, attempt, charge, cashier, now)
        case Transaction.UNKNOWN if attempt.is_believed and attempt.decision_ms is None:
            again = cashier.gateway.find(charge.id)
            if again is None or again.raw_status != charge.raw_status:
                raise GatewayUnreachable(f"a transaction with the unknown status {charge.raw_status!r}")
            attempt.note_once(
                "unreadable", to_ms(now), transaction=charge.id, why=f"The status {charge.raw_status!r} is not known"
            )
            reverse(booking.fail, attempt, charge, cashier, now)
    if charge.is_live and not attempt.is_believed:
        booking.receive_unapplied(attempt, charge, to_ms(now))
    elif charge.is_over:
        booking.return_unapplied(attempt, charge, to_ms(now))


@one_transaction
def reverse(
    change: Callable[..., bool], attempt: Attempt, charge: Transaction, cashier: Cashier, now: datetime
) -> None:
    if change(attempt, to_ms(now), status=charge.raw_status):
        queue_reversal_notice(attempt, cashier, now)


def next_poll(attempt: Attempt, now_ms: int) -> int:
    # Soon while the charge is young, at most an hour apart later.
    age = now_ms - (attempt.decided_ms or now_ms)
    return now_ms + min(POLL_MOST_MS, max(POLL_LEAST_MS, age // 4))


@one_transaction
def store_notification(notice: Notice, digest: str, payload: str, now_ms: int) -> None:
    """Store a genuine notice for `handle_webhooks`, and alert administrators at once about a dispute, which has a
    deadline, or a notice that can't be read. A failed alert doesn't lose the notice."""
    Webhook.store(digest, notice.kind, notice.transaction_id, payload, now_ms)
    why = notice.unreadable
    try:
        alert_to_dispute(notice, now_ms)
    except Exception as error:
        if db.is_conflict(error):
            raise
        logger.exception("no alert about %s", notice.kind)
        why = why or type(error).__name__
    if why:
        Audit.write_once("payment.notice_unreadable", now_ms, f"webhook:{digest[:16]}", kind=notice.kind, why=why)


@one_transaction
def alert_to_dispute(notice: Notice, now_ms: int) -> None:
    if notice.dispute is not None:
        attempt = LedgerEntry.attempt_of(notice.transaction_id, notice.order_id)
        subject = subject_of(attempt, notice.transaction_id)
        Audit.write_once("payment.dispute", now_ms, subject, transaction=notice.transaction_id, **notice.dispute)


def handle_webhooks(cashier: Cashier) -> int:
    # A notification is a hint: the gateway is asked about its transaction.
    notices = list(Webhook.unhandled())
    for_each_isolated(notices, lambda notice: process_notification(notice, cashier))
    return len(notices)


def process_notification(notice: Webhook, cashier: Cashier) -> None:
    # After a day of failures, leave it to the nightly comparison.
    notice.asked(cashier.now_ms())
    try:
        transaction = cashier.gateway.find(notice.transaction_id) if notice.transaction_id else None
        if transaction is not None:
            compare(transaction, cashier)
    except Exception as error:
        if not is_due(notice.received_ms, cashier.now_ms(), DAY_MS):
            raise
        logger.warning("%s about %s is no longer followed: %s", notice.kind, notice.transaction_id, error)
    notice.handled(cashier.now_ms())


def audit_gateway(cashier: Cashier) -> int:
    """Compare the gateway's last ten days with the ledger, in both directions. Returns the number of alerts written.

    Raises GatewayUnreachable if the gateway can't be asked; then run it again later.
    """
    now = cashier.clock()
    start = now - timedelta(days=AUDIT_DAYS)
    theirs = between(cashier.gateway, start, now + timedelta(days=1))  # its clock may be ahead
    ids = {one.id for one in theirs}
    decided = Attempt.decided_since(to_ms(start + timedelta(hours=1)), cashier.gateway.gateway_id)
    ours = [attempt for attempt in decided if attempt.transaction_id not in ids]
    comparisons: list[Comparison] = [(one, partial(compare, one, cashier)) for one in theirs]
    for one in ours:
        run = partial(alert_if_missing, one, cashier)
        comparisons.append((Unreadable(one.charge_id, one.order_id, ""), run))
    return compare_each(comparisons, cashier)


def compare_between(cashier: Cashier, start: datetime, end: datetime) -> int:
    theirs = between(cashier.gateway, start, end)
    return compare_each([(one, partial(compare, one, cashier)) for one in theirs], cashier)


def between(gateway: Gateway, start: datetime, end: datetime) -> list[Transaction | Unreadable]:
    # In the order of creation, so that a refund comes after its charge.
    found = {one.id: one for one in gateway.between(start, end)}  # the newest come first
    return sorted(reversed(found.values()), key=lambda one: getattr(one, "created_at", None) or end)


def compare_each(comparisons: list[Comparison], cashier: Cashier) -> int:
    """Run every comparison. Returns how many wrote an alert. Raises GatewayUnreachable at the end if one did, or
    earlier after too many errors."""
    alerts, errors = 0, []
    for one, run in comparisons:
        try:
            alerts += alert_on_error(one, cashier, run)
        except GatewayUnreachable as error:
            errors.append(error)
            if len(errors) == MAX_UNANSWERED:
                break
    if errors:
        raise errors[0]
    return alerts


def alert_on_error(one: Transaction | Unreadable, cashier: Cashier, run: Callable[[], bool]) -> bool:
    # If it can't be read, or fails, administrators are alerted and the others get their turn.
    try:
        return run()
    except GatewayUnreachable as error:
        if error.no_response:
            raise
        why = str(error)
    except Exception as error:
        logger.exception("%r", one)
        why = type(error).__name__
    attempt = LedgerEntry.attempt_of(one.id, one.order_id)
    event = "payment.unreadable" if attempt or is_our_order_id(one.order_id) else Audit.FOREIGN
    return Audit.write_once(
        event, cashier.now_ms(), subject_of(attempt, one.id), transaction=one.id, order_id=one.order_id, why=why
    )


def alert_if_missing(attempt: Attempt, cashier: Cashier) -> bool:
    looked_for = attempt.transaction_id
    attempt = Attempt.get_by_id(attempt.id)
    if attempt.transaction_id != looked_for:  # corrected since
        return False
    charge = cashier.gateway.find(attempt.charge_id)
    if charge is not None:
        return compare_charge(attempt, charge, cashier)
    return attempt.note_once("missing", cashier.now_ms(), transaction=attempt.transaction_id)


def subject_of(attempt: Attempt | None, transaction_id: str) -> str:
    return f"attempt:{attempt.reference}" if attempt else f"transaction:{transaction_id}"


def compare(transaction: Transaction | Unreadable, cashier: Cashier) -> bool:
    """Bring our books in line with a transaction at the gateway. Returns True if a person must look at it."""
    if isinstance(transaction, Unreadable):
        raise GatewayUnreachable(transaction.why)
    attempt = LedgerEntry.attempt_of(transaction.refunds or transaction.id, transaction.order_id)
    now_ms = cashier.now_ms()
    if attempt is None and transaction.is_over:
        UnmatchedCharge.close(transaction.id, UnmatchedCharge.OVER, now_ms)
        return False
    if attempt is None:
        return book_or_alert(transaction, cashier)
    if transaction.is_credit:
        return not transaction.is_over and refunded(attempt, transaction, now_ms)
    if attempt.state == Attempt.SENT:
        if transaction.is_live and abs(now_ms - attempt.touched_ms) > STALE_SENT_MS:
            claim_and_resolve(attempt, cashier)
        return False
    if attempt.state == Attempt.APPROVED and attempt.transaction_id == transaction.id:
        return compare_charge(attempt, transaction, cashier)
    if transaction.is_over:
        booking.return_unapplied(attempt, transaction, now_ms)
    elif transaction.is_live:
        handle_second_charge(attempt, transaction, cashier)
    return transaction.is_live


def handle_second_charge(attempt: Attempt, other: Transaction, cashier: Cashier) -> None:
    """Handle a live charge of an attempt whose books say something else.

    It is voided only as a duplicate of a charge that the gateway confirms now as live and as agreed. If the booked
    transaction isn't this attempt's, this charge replaces it. If the books say that there is no money, it is received
    as unapplied.
    """
    if attempt.is_believed:
        kept = cashier.gateway.find(attempt.charge_id)
        if is_sound(attempt, kept):
            void_double(attempt, other, cashier)
            return
        if kept is None or kept.order_id != attempt.order_id:
            if not differences(attempt, other):
                now_ms = cashier.now_ms()
                booking.replace_charge(attempt, other, now_ms, poll_ms=now_ms + POLL_LEAST_MS)
                return
        else:
            compare_charge(attempt, kept, cashier)
    if attempt.is_believed:
        why = "The charge in the books can't be confirmed"
        attempt.note_once("double", cashier.now_ms(), transaction=other.id, why=why)
    else:
        booking.receive_unapplied(attempt, other, cashier.now_ms())


def book_or_alert(transaction: Transaction, cashier: Cashier) -> bool:
    # Charges of other shops are reported in one alert a day.
    is_ours = is_our_order_id(transaction.order_id)
    if is_ours and not transaction.is_credit:
        return adopt_or_keep(transaction, cashier.gateway, cashier.clock)
    return alert(transaction, "payment.unmatched" if is_ours else Audit.FOREIGN, cashier.now_ms())


def refunded(attempt: Attempt, refund: Transaction, now_ms: int) -> bool:
    if refund.status == Transaction.SETTLED:
        booking.refund_unapplied(attempt, refund, now_ms)
    return attempt.note_once(
        "refunded",
        now_ms,
        transaction=refund.id,
        refunds=refund.refunds,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
    )


def compare_charge(attempt: Attempt, charge: Transaction, cashier: Cashier) -> bool:
    # The status of another order's charge says nothing about this attempt, unless a person booked it for this attempt.
    wrong = differences(attempt, charge)
    if attempt.decision_ms is not None:
        wrong.pop("order_id", None)
    if "order_id" not in wrong:
        apply_settlement(attempt, charge, cashier)
    return bool(wrong) and attempt.note_once("mismatch", cashier.now_ms(), transaction=charge.id, **wrong)
