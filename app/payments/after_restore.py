"""Comparing payments with the gateway after a restore.

A restored database has lost what was paid since the backup. So online payment is paused until the gateway's charges
from the time of the backup on are compared, and each charge that is missing here is booked again. If its line items
don't say enough for that, an administrator decides.
"""

from datetime import timedelta

from app.clock import from_ms, is_due, to_ms
from app.models import Audit, Deployment, LedgerEntry, UnmatchedCharge
from app.models.audit import Actor
from app.payments import settlement
from app.payments.cashier import Cashier
from app.payments.reconciliation import for_each_isolated

WINDOW = timedelta(days=1)
OVERLAP = timedelta(hours=1)
# The gateway's search doesn't show a charge at once: the last comparison is this long after the restore.
INDEX_GRACE_MS = 120_000
LOOK_AGAIN_MS = 10 * 60_000


def compare_restored(cashier: Cashier, *, every_ms: int = LOOK_AGAIN_MS) -> bool:
    """Compare the remaining period, one day at a time, and resume online payment unless a charge waits for a
    decision. Returns True if online payment is open now. Each finished day is recorded, so that another process can
    continue after a kill. Waiting charges are looked at again after `every_ms`. Raises GatewayUnreachable."""
    while (restored_ms := Deployment.held_ms()) is not None:
        deployment, now = Deployment.current(), cashier.clock()
        if deployment.compared_ms is not None:
            recheck_unmatched(cashier, every_ms)
            return release(Actor("gateway", cashier.clock()))
        assert deployment.compare_from_ms is not None, "set when payment was held"
        start = min(from_ms(deployment.compare_from_ms), now - OVERLAP)
        end = min(start + WINDOW, now)
        is_last = end == now
        settlement.compare_between(cashier, start - OVERLAP, end + (WINDOW if is_last else OVERLAP))
        if not is_last:
            Deployment.compared_until(deployment.compare_from_ms, to_ms(end))
        elif to_ms(now) < restored_ms + INDEX_GRACE_MS:
            return False
        else:
            Deployment.finish_comparison(now, restored_ms)
    return True


def recheck_unmatched(cashier: Cashier, every_ms: int) -> None:
    # Since the last look their invoices may have been imported, or the charges may be over.
    now_ms = cashier.now_ms()
    due = [row for row in UnmatchedCharge.waiting() if is_due(row.looked_ms, now_ms, every_ms)]
    for_each_isolated(due, lambda row: recheck(row, cashier))


def recheck(row: UnmatchedCharge, cashier: Cashier) -> None:
    charge = cashier.gateway.find(row.transaction_id)
    if charge is not None:
        settlement.compare(charge, cashier)
    row.close_if_known(cashier.now_ms())


def release(actor: Actor, reason: str = "") -> bool:
    """Resume online payment and report what was found. Returns True if online payment is open now. With a `reason`,
    also while charges wait for a decision."""
    since_ms = Deployment.held_ms()
    if since_ms is None:
        return True
    unmatched = [line.subject.partition(":")[2] for line in Audit.since("payment.unmatched", since_ms)]
    facts = {
        "adopted": Audit.since("payment.adopted", since_ms).count(),
        "unmatched": sum(not LedgerEntry.has_charge(transaction_id) for transaction_id in unmatched),
    }
    Deployment.release(actor, reason=reason, **facts)
    return not Deployment.is_held()
