"""Finding out what became of undecided attempts.

Every function may be run by several workers at once and killed at any moment. Verdicts go through the same
compare-and-set as in payments.py, so whoever comes second changes nothing.
"""

import logging
from collections.abc import Callable

from app.billing.gateway import Gateway, GatewayUnreachable, Refused, Transaction
from app.billing.payments import approve, believe, differences, request_for
from app.clock import Clock, to_ms
from app.models import Attempt

logger = logging.getLogger(__name__)
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
STALE_CREATED_MS = 65 * SECOND
STALE_SENT_MS = 65 * SECOND
NONCE_LIFE_MS = 3 * HOUR
# Searches must still be empty this long after the nonce died before an attempt is given up.
SEARCH_GRACE_MS = 15 * MINUTE


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
    """Believe what the gateway has under the attempt's order id: keep one charge, undo any other.
    Of several that were agreed, one that can't be voided any more is kept."""
    live = sorted(
        (t for t in found if t.is_live),
        key=lambda t: (bool(differences(attempt, t)), t.can_be_voided, t.created_at is None, t.created_at, t.id),
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
    elif nothing_else(attempt, to_ms(clock())):
        attempt.decline(to_ms(clock()), reason="duplicate", transaction=found[0])


def nothing_else(attempt: Attempt, now_ms: int) -> bool:
    """Whether a charge that was rejected as a duplicate has none beside it that the index still hides. When
    that was the answer to the first and only try nothing can be on its way, so the grace is enough; otherwise
    a try was lost, and may arrive as long as the nonce lives."""
    answered_ms = attempt.noted_ms("duplicate") if attempt.noted_ms("resent") is None else None
    if answered_ms is not None and now_ms >= answered_ms + SEARCH_GRACE_MS:
        return True
    return searched_long_enough(attempt, now_ms)


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
        attempt.note_once("undone", to_ms(clock()), transaction=charge.id)
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
