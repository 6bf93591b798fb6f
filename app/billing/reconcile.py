"""Finding out: undecided attempts, settlements, webhooks, and the gateway's books against ours.

Every function may be run by several workers at once and killed at any moment. Verdicts go through the same
compare-and-set as in payments.py, so whoever comes second changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from app.billing.gateway import Gateway, GatewayUnreachable, Refused, Transaction
from app.billing.payments import approve, believe, differences, request_for
from app.clock import Clock, to_ms
from app.models import Attempt, Audit, Webhook

logger = logging.getLogger(__name__)
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
DAY_MS = 24 * HOUR
STALE_CREATED_MS = 65 * SECOND
STALE_SENT_MS = 65 * SECOND
NONCE_LIFE_MS = 3 * HOUR
# Searches must still be empty this long after the nonce died before an attempt is given up.
SEARCH_GRACE_MS = 15 * MINUTE
POLL_LEAST_MS, POLL_MOST_MS = 20 * SECOND, HOUR
AUDIT_DAYS = 10


def reconcile(gateway: Gateway, clock: Clock, portal_url: str) -> int:
    """Look at every attempt that has waited too long; how many were waiting."""
    stale = list(Attempt.idle(Attempt.CREATED, to_ms(clock()), STALE_CREATED_MS))
    carefully(stale, lambda attempt: attempt.abandon(to_ms(clock()), since=Attempt.CREATED))
    waiting = list(Attempt.idle(Attempt.SENT, to_ms(clock()), STALE_SENT_MS))
    carefully(waiting, lambda attempt: claim_and_find_out(attempt, gateway, clock, portal_url))
    return len(stale) + len(waiting)


def carefully(rows: list, look: Callable) -> None:
    """Look at each row. One that fails, or that the gateway answers with nonsense, doesn't hold up the
    others; a silent gateway ends the round, as every further question could take its half minute too."""
    for row in rows:
        try:
            look(row)
        except GatewayUnreachable as silence:
            logger.warning("%r: %s", row, silence)
            if silence.silent:
                return
        except Exception:
            logger.exception("%r", row)


def claim_and_find_out(attempt: Attempt, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    if attempt.claim(to_ms(clock())):
        find_out(attempt, gateway, clock, portal_url)


def find_out(attempt: Attempt, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    """Ask the gateway what became of one sent attempt; send it again only behind its single-use nonce."""
    found = gateway.find_by_order(attempt.order_id)
    if found:
        adopt(attempt, found, gateway, clock, portal_url)
    elif to_ms(clock()) < attempt.created_ms + NONCE_LIFE_MS:
        resend(attempt, gateway, clock, portal_url)
    elif searched_long_enough(attempt, to_ms(clock())):
        attempt.abandon(to_ms(clock()), since=Attempt.SENT)


def searched_long_enough(attempt: Attempt, now_ms: int) -> bool:
    """Whether searches have led to nothing for a while since the nonce died. The while begins with the
    first such search: after a night without power, or a leap of the clock, one search proves nothing."""
    if now_ms < attempt.created_ms + NONCE_LIFE_MS:
        return False
    attempt.note_once("searching", now_ms)
    return now_ms >= attempt.noted_ms("searching") + SEARCH_GRACE_MS


def adopt(attempt: Attempt, found, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    """Believe what the gateway has under the attempt's order id: keep one charge, undo any other."""
    live = sorted(
        (t for t in found if t.is_live),
        key=lambda t: (bool(differences(attempt, t)), t.created_at is None, t.created_at, t.id),
    )
    for extra in live[1:]:
        attempt.note_once("double", to_ms(clock()), transaction=extra.id)
        undo(attempt, extra, gateway, clock)
    if live:
        adopt_charge(attempt, live[0], gateway, clock, portal_url)
        return
    declined = [t for t in found if t.status == Transaction.DECLINED and t.rejection != "duplicate"]
    undone = [t for t in found if t.status in (Transaction.VOIDED, Transaction.SETTLEMENT_FAILED)]
    if declined:
        attempt.decline(to_ms(clock()), reason=declined[0].rejection or "processor", transaction=declined[0])
    elif undone:
        attempt.decline(to_ms(clock()), reason="voided", transaction=undone[0])
    elif searched_long_enough(attempt, to_ms(clock())):
        attempt.decline(to_ms(clock()), reason="duplicate", transaction=found[0])


def adopt_charge(attempt: Attempt, charge: Transaction, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    """Approve a charge that is what was agreed. Another one is voided or, when it is too late for that,
    left for a person to refund; the invoices are free again."""
    wrong = differences(attempt, charge)
    if not wrong:
        approve(attempt, charge, clock, portal_url)
        return
    attempt.note_once("mismatch", to_ms(clock()), transaction=charge.id, **wrong)
    undone = undo(attempt, charge, gateway, clock)
    attempt.decline(to_ms(clock()), reason="mismatch" if undone else "mischarged", transaction=charge)


def undo(attempt: Attempt, charge: Transaction, gateway: Gateway, clock: Clock) -> bool:
    """Void a charge that should not be; True when it no longer stands. One that can't be voided any more
    goes into the books for a person to refund."""
    if gateway.void(charge.id):
        return True
    now = gateway.find(charge.id)
    if now is None or not now.is_live:
        return True
    attempt.receive_unapplied(now, to_ms(clock()))
    return False


def resend(attempt: Attempt, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    """Charge again with the same nonce and key. Only a charge or a bank's no is a verdict now: that the
    nonce is used up, or the keys are refused, says nothing about the try that was lost."""
    attempt.note("resent", to_ms(clock()))
    verdict = gateway.charge(request_for(attempt))
    if not isinstance(verdict, Refused):
        believe(attempt, verdict, clock, portal_url)


def poll_settlements(gateway: Gateway, clock: Clock) -> int:
    """Ask about every charge whose settlement is due to be looked at; how many were asked about."""
    due = list(Attempt.due_for_poll(to_ms(clock()), POLL_MOST_MS))
    carefully(due, lambda attempt: poll(attempt, gateway, clock))
    return len(due)


def poll(attempt: Attempt, gateway: Gateway, clock: Clock) -> None:
    attempt.poll_again(next_poll(attempt, to_ms(clock())))
    transaction = gateway.find(attempt.transaction_id)
    if transaction is not None:
        apply_settlement(attempt, transaction, to_ms(clock()))


def apply_settlement(attempt: Attempt, transaction: Transaction, now_ms: int) -> None:
    """Take over what the gateway says of a charge."""
    match transaction.status:
        case Transaction.SETTLED:
            attempt.settle(now_ms)
        case Transaction.SETTLEMENT_FAILED:
            attempt.fail(now_ms)
        case Transaction.VOIDED:
            attempt.void(now_ms)


def next_poll(attempt: Attempt, now_ms: int) -> int:
    """Soon while the charge is young, at most an hour apart later."""
    age = now_ms - attempt.decided_ms
    return now_ms + min(POLL_MOST_MS, max(POLL_LEAST_MS, age // 4))


def handle_webhooks(gateway: Gateway, clock: Clock, portal_url: str) -> int:
    """A notice is a hint: look the transaction up and apply the difference."""
    notices = list(Webhook.unhandled())
    carefully(notices, lambda notice: follow(notice, gateway, clock, portal_url))
    return len(notices)


def follow(notice: Webhook, gateway: Gateway, clock: Clock, portal_url: str) -> None:
    """Look up what the notice is about. After a day without an answer the nightly audit has to do."""
    try:
        transaction = gateway.find(notice.transaction_id) if notice.transaction_id else None
    except GatewayUnreachable:
        if to_ms(clock()) < notice.received_ms + DAY_MS:
            raise
        transaction = None
    if transaction is not None:
        compare(transaction, gateway, clock, portal_url)
    notice.handled(to_ms(clock()))


def audit_gateway(gateway: Gateway, clock: Clock, portal_url: str) -> int:
    """The gateway's last ten days against the ledger, both ways; how many alerts were written.

    Raises GatewayUnreachable when the gateway can't be asked: run it again later.
    """
    now = clock()
    start = now - timedelta(days=AUDIT_DAYS)
    theirs = {t.id: t for t in gateway.between(start, now + timedelta(days=1))}  # its clock may be ahead
    alerts = sum(compare(transaction, gateway, clock, portal_url) for transaction in theirs.values())
    for attempt in Attempt.decided_since(to_ms(start + timedelta(hours=1))):
        if attempt.transaction_id not in theirs and gateway.find(attempt.transaction_id) is None:
            alerts += Audit.write_once(
                "payment.missing", to_ms(clock()), f"attempt:{attempt.reference}", transaction=attempt.transaction_id
            )
    return alerts


def compare(transaction: Transaction, gateway: Gateway, clock: Clock, portal_url: str) -> bool:
    """Bring our books to what the gateway has of one transaction; True when a person must look."""
    attempt = Attempt.for_transaction(transaction.id, transaction.order_id)
    now_ms = to_ms(clock())
    if attempt is None or transaction.is_credit:
        return (transaction.is_live or transaction.is_credit) and Audit.write_once(
            "payment.unmatched", now_ms, f"transaction:{transaction.id}", order_id=transaction.order_id,
            amount_minor=transaction.amount_minor, currency=transaction.currency, is_credit=transaction.is_credit,
        )
    if attempt.state == Attempt.SENT:
        if transaction.is_live and now_ms - attempt.touched_ms > STALE_SENT_MS:
            claim_and_find_out(attempt, gateway, clock, portal_url)
        return False
    if attempt.state == Attempt.APPROVED and attempt.transaction_id == transaction.id:
        return compare_charge(attempt, transaction, now_ms)
    if not transaction.is_live:
        attempt.return_unapplied(transaction, now_ms)
    elif attempt.state == Attempt.APPROVED:
        attempt.note_once("double", now_ms, transaction=transaction.id)
        undo(attempt, transaction, gateway, clock)
    else:
        attempt.receive_unapplied(transaction, now_ms)
    return transaction.is_live


def compare_charge(attempt: Attempt, charge: Transaction, now_ms: int) -> bool:
    """The same for the charge of an approved attempt."""
    apply_settlement(attempt, charge, now_ms)
    wrong = differences(attempt, charge)
    return bool(wrong) and attempt.note_once("mismatch", now_ms, transaction=charge.id, **wrong)
