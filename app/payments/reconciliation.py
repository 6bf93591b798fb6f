"""Finding out what became of undecided attempts.

Every function may be run by several workers at once and killed at any moment. Verdicts go through the same
compare-and-set as in checkout.py, so whichever comes second changes nothing.

An attempt stays sent until the gateway says live or over, or until searches have found nothing for long enough and
often enough. One that the gateway has an unclear answer about is put to a person, and asked about all the same.
"""

import logging
from collections.abc import Callable

from app.models import Attempt, LedgerEntry, booking, db, one_transaction
from app.payments.cashier import Cashier
from app.payments.checkout import apply_verdict, approve, differences, request_for
from app.payments.gateway.protocol import GatewayUnreachable, Refused, Transaction, Unreadable

logger = logging.getLogger(__name__)
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
STALE_CREATED_MS = 65 * SECOND
STALE_SENT_MS = 65 * SECOND
NONCE_LIFE_MS = 3 * HOUR
# Searches must still be empty this long after the nonce died before an attempt is given up, and there must have been
# this many of them, because clocks leap.
SEARCH_GRACE_MS = 15 * MINUTE
EMPTY_SEARCHES = 5
# How many questions of one round may stay without any answer: each can take half a minute.
MOST_SILENT = 3


def reconcile(cashier: Cashier) -> int:
    stale = list(Attempt.idle(Attempt.CREATED, cashier.now_ms(), STALE_CREATED_MS, cashier.gateway.place))
    for_each_isolated(stale, lambda attempt: attempt.abandon(cashier.now_ms(), since=Attempt.CREATED))
    waiting = list(Attempt.idle(Attempt.SENT, cashier.now_ms(), STALE_SENT_MS, cashier.gateway.place))
    for_each_isolated(waiting, lambda attempt: claim_and_resolve(attempt, cashier))
    return len(stale) + len(waiting)


def for_each_isolated(rows: list, look: Callable) -> None:
    """Look at each row. One that fails, or that the gateway answers with nonsense, doesn't hold up the
    others. After MOST_SILENT without any answer the round ends: rows come in the order in which they were last
    asked about, so that the next round begins with the others. So it does when the database is away, and with the
    connection the lock of the duty is gone."""
    silent = 0
    for row in rows:
        try:
            look(row)
        except GatewayUnreachable as error:
            logger.warning("%r: %s", row, error)
            silent += error.silent
            if silent >= MOST_SILENT:
                return
        except Exception as error:
            if db.is_away(error):
                raise
            logger.exception("%r", row)


def claim_and_resolve(attempt: Attempt, cashier: Cashier) -> None:
    # Whatever fails is unclear: otherwise the attempt would hold its invoices forever.
    if not attempt.claim(cashier.now_ms()):
        return
    try:
        unclear = resolve(attempt, cashier)
    except GatewayUnreachable as error:
        request_decision(attempt, cashier.now_ms(), str(error))
        raise
    except Exception as error:
        request_decision(attempt, cashier.now_ms(), f"The portal failed to look it up ({type(error).__name__})")
        raise
    if unclear:
        request_decision(attempt, cashier.now_ms(), unclear)


def request_decision(attempt: Attempt, now_ms: int, why: str) -> None:
    """After its time, an attempt about which the gateway says nothing that can be understood is decided by an
    administrator, unless the gateway is clear first."""
    if not nonce_has_expired(attempt, now_ms):
        return
    since_ms, looks = attempt.since("unclear_ms", now_ms), attempt.count("unclear_looks")
    if looks >= EMPTY_SEARCHES and now_ms >= since_ms + SEARCH_GRACE_MS:
        attempt.ask_for_decision(now_ms, why)


def resolve(attempt: Attempt, cashier: Cashier) -> str:
    """Ask the gateway what became of one sent attempt; send it again only behind its single-use nonce. What is
    unclear about the answer, or ''."""
    found = cashier.gateway.find_by_order(attempt.order_id)
    named = None if found else by_known_id(attempt, cashier)
    if named is not None and named.order_id == attempt.order_id:
        found = (named,)
    if found:
        return adopt(attempt, found, cashier)
    attempt.count("empty_searches")
    if not nonce_has_expired(attempt, cashier.now_ms()):
        resend(attempt, cashier)
    elif named is not None:
        return f"{named.id}, which the answer to this payment named, has the order ID {named.order_id!r}"
    elif searched_long_enough(attempt, cashier.now_ms()):
        attempt.abandon(cashier.now_ms(), since=Attempt.SENT)
    return ""


def by_known_id(attempt: Attempt, cashier: Cashier) -> Transaction | None:
    """The transaction that an answer named, where a search doesn't show it. One with a wrong order id may be this
    attempt's all the same, unless it belongs to another one or there is no money in it."""
    named = cashier.gateway.find(attempt.named_id) if attempt.named_id else None
    if named is None or named.order_id == attempt.order_id:
        return named
    return None if named.is_over or named.is_credit or is_of_another(attempt, named) else named


def is_of_another(attempt: Attempt, transaction: Transaction) -> bool:
    owner = LedgerEntry.attempt_of(transaction.id, transaction.order_id)
    return owner is not None and owner.id != attempt.id


def nonce_has_expired(attempt: Attempt, now_ms: int) -> bool:
    return not attempt.nonce or attempt.age_ms(now_ms) >= NONCE_LIFE_MS


def searched_long_enough(attempt: Attempt, now_ms: int) -> bool:
    """Whether searches have led to nothing for a while since the nonce died, and often enough. The while begins
    with the first such search: after a night without power, or a leap of the clock, one search proves nothing."""
    if not nonce_has_expired(attempt, now_ms):
        return False
    since_ms = attempt.since("searching_ms", now_ms)
    return attempt.empty_searches >= EMPTY_SEARCHES and now_ms >= since_ms + SEARCH_GRACE_MS


def adopt(attempt: Attempt, found, cashier: Cashier) -> str:
    """Believe what the gateway has under the attempt's order id: keep one charge, undo any other.
    Of several that were agreed, one that can no longer be voided is kept. What is unclear, or ''."""
    clear = [one for one in found if not unclear_about(attempt, one)]
    unclear = "; ".join(filter(None, (unclear_about(attempt, one) for one in found)))
    live = sorted(
        (t for t in clear if t.is_live),
        key=lambda t: (bool(differences(attempt, t)), t.can_be_voided, t.created_at is None, t.created_at, t.id),
    )
    if live and not differences(attempt, live[0]):
        keep_one(attempt, live[0], live[1:], cashier)
        return ""
    if unclear:
        return unclear
    if live:
        void_all(attempt, live, cashier)
    else:
        decline(attempt, clear, cashier.now_ms())
    return ""


def unclear_about(attempt: Attempt, one: Transaction | Unreadable) -> str:
    if isinstance(one, Unreadable):
        return f"{one.id or 'A transaction'} can't be read: {one.why}"
    if not one.order_id:
        return f"{one.id} has no order ID"
    if one.is_unclear:
        return f"{one.id} is {one.raw_status}"
    if LedgerEntry.is_of_another(attempt, one.id):
        return f"{one.id} belongs to another payment"
    return ""


def keep_one(attempt: Attempt, charge: Transaction, others, cashier: Cashier) -> None:
    # The charge is looked up by itself before others are voided: a search may be behind.
    if others and not is_sound(attempt, cashier.gateway.find(charge.id)):
        raise GatewayUnreachable(f"{charge.id} is found by its order id, and is something else by itself")
    for extra in others:
        void_double(attempt, extra, cashier)
    approve(attempt, charge, cashier)


def is_sound(attempt: Attempt, charge: Transaction | None) -> bool:
    return charge is not None and charge.is_live and not differences(attempt, charge)


def void_double(attempt: Attempt, extra: Transaction, cashier: Cashier) -> None:
    attempt.note_once("double", cashier.now_ms(), transaction=extra.id)
    void_or_book_unapplied(attempt, extra, cashier)


def void_all(attempt: Attempt, charges: list[Transaction], cashier: Cashier) -> None:
    # None is what was agreed. Each is voided or, when it is too late for that, left for a person to refund.
    for extra in charges[1:]:
        void_double(attempt, extra, cashier)
    charge = charges[0]
    attempt.note_once("mismatch", cashier.now_ms(), transaction=charge.id, **differences(attempt, charge))
    undone = void_or_book_unapplied(attempt, charge, cashier)
    booking.decline(attempt, cashier.now_ms(), reason="mismatch" if undone else "mischarged", transaction=charge)


def decline(attempt: Attempt, found: list[Transaction], now_ms: int) -> None:
    declined = [t for t in found if t.status == Transaction.DECLINED and t.rejection != "duplicate"]
    undone = [t for t in found if t.status in (Transaction.VOIDED, Transaction.SETTLEMENT_FAILED)]
    if declined:
        booking.decline(attempt, now_ms, reason=declined[0].rejection or "processor", transaction=declined[0])
    elif undone:
        booking.decline(attempt, now_ms, reason="voided", transaction=undone[0])
    elif no_other_charge_possible(attempt, now_ms):
        booking.decline(attempt, now_ms, reason="duplicate", transaction=found[0])


def no_other_charge_possible(attempt: Attempt, now_ms: int) -> bool:
    """Whether a charge that was rejected as a duplicate has none beside it that the index still hides. When
    that was the answer to the first and only try nothing can be on its way, so the grace is enough; otherwise
    a try was lost, and may arrive as long as the nonce lives."""
    if attempt.count("empty_searches") < EMPTY_SEARCHES:
        return False
    if attempt.duplicate_ms is not None and attempt.resent_ms is None:
        return now_ms >= attempt.since("duplicate_ms", now_ms) + SEARCH_GRACE_MS
    return searched_long_enough(attempt, now_ms)


def void_or_book_unapplied(attempt: Attempt, charge: Transaction, cashier: Cashier) -> bool:
    """Void a charge that should not be; True when it is over. One that can no longer be voided goes into the books
    for a person to refund. Raises GatewayUnreachable when it is neither."""
    if cashier.gateway.void(charge.id):
        attempt.note_once("undone", cashier.now_ms(), transaction=charge.id)
        return True
    now = cashier.gateway.find(charge.id)
    if now is None or now.is_over:
        return True
    if not now.is_live:
        raise GatewayUnreachable(f"{now.id} can't be voided and is {now.raw_status}")
    booking.receive_unapplied(attempt, now, cashier.now_ms())
    return False


@one_transaction
def note_resent(attempt: Attempt, cashier: Cashier) -> None:
    attempt.since("resent_ms", cashier.now_ms())
    attempt.note("resent", cashier.now_ms())


def resend(attempt: Attempt, cashier: Cashier) -> None:
    """Charge again with the same nonce and key. Only a charge or a bank's no is a verdict now: that the
    nonce is used up, or the keys are refused, says nothing about the try that was lost."""
    note_resent(attempt, cashier)
    try:
        verdict = cashier.gateway.charge(request_for(attempt))
    except GatewayUnreachable as error:
        if error.transaction_id:
            attempt.remember(named_id=error.transaction_id)
        raise
    if not isinstance(verdict, Refused):
        apply_verdict(attempt, verdict, cashier)
