"""Finding out what became of undecided attempts.

Several workers may run any function here at once and be killed at any moment. Verdicts go through the same
compare-and-set as in checkout.py, so the second one changes nothing.

An attempt stays sent until the gateway says that its charge is live or over, or until enough searches over enough time
have found nothing. If the gateway's answer is unclear, an administrator is asked to decide, and the gateway is still
asked.
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
# An attempt is given up if searches are still empty this long after the nonce expired, and if there were this many of
# them, because clocks jump.
SEARCH_GRACE_MS = 15 * MINUTE
EMPTY_SEARCHES = 5
# How many questions of a round may go without any answer. Each can take half a minute.
MAX_UNANSWERED = 3


def reconcile(cashier: Cashier) -> int:
    stale = list(Attempt.idle(Attempt.CREATED, cashier.now_ms(), STALE_CREATED_MS, cashier.gateway.gateway_id))
    for_each_isolated(stale, lambda attempt: attempt.abandon(cashier.now_ms(), since=Attempt.CREATED))
    waiting = list(Attempt.idle(Attempt.SENT, cashier.now_ms(), STALE_SENT_MS, cashier.gateway.gateway_id))
    for_each_isolated(waiting, lambda attempt: claim_and_resolve(attempt, cashier))
    return len(stale) + len(waiting)


def for_each_isolated(rows: list, look: Callable) -> None:
    """Call `look` for each row. If it fails for a row, or the gateway's answer makes no sense, the other rows still get
    their turn.

    The round ends after MAX_UNANSWERED questions without any answer. Rows are ordered by when they were last asked
    about, so the next round begins with the others. The round also ends if the database connection is lost, because the
    duty's lock ends with it.
    """
    unanswered = 0
    for row in rows:
        try:
            look(row)
        except GatewayUnreachable as error:
            logger.warning("%r: %s", row, error)
            unanswered += error.no_response
            if unanswered >= MAX_UNANSWERED:
                return
        except Exception as error:
            if db.is_disconnected(error):
                raise
            logger.exception("%r", row)


def claim_and_resolve(attempt: Attempt, cashier: Cashier) -> None:
    # Any failure counts as unclear. Otherwise the attempt could reserve its invoices forever.
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
    """Ask an administrator to decide, once the nonce has expired and the gateway's answers have been unclear for
    long enough. If the gateway gives a clear answer before the decision, that counts."""
    if not nonce_has_expired(attempt, now_ms):
        return
    since_ms, looks = attempt.since("unclear_ms", now_ms), attempt.count("unclear_looks")
    if looks >= EMPTY_SEARCHES and now_ms >= since_ms + SEARCH_GRACE_MS:
        attempt.ask_for_decision(now_ms, why)


def resolve(attempt: Attempt, cashier: Cashier) -> str:
    """Ask the gateway what became of a sent attempt. It is sent again only while its single-use nonce protects it.
    Returns what is unclear about the answer, or ''."""
    found = cashier.gateway.find_by_order(attempt.order_id)
    named = None if found else find_named(attempt, cashier)
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


def find_named(attempt: Attempt, cashier: Cashier) -> Transaction | None:
    """The transaction that an answer named, in case the search doesn't show it. Even with a wrong order id it may be
    this attempt's, unless it belongs to another attempt or there is no money in it."""
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
    """True if enough searches over enough time have found nothing since the nonce expired. The time begins with the
    first such search: after a power failure or a clock jump, a single search proves nothing."""
    if not nonce_has_expired(attempt, now_ms):
        return False
    since_ms = attempt.since("searching_ms", now_ms)
    return attempt.empty_searches >= EMPTY_SEARCHES and now_ms >= since_ms + SEARCH_GRACE_MS


def adopt(attempt: Attempt, found, cashier: Cashier) -> str:
    """Accept what the gateway has under the attempt's order id: keep one charge, void any other. Of several charges
    as agreed, one that can no longer be voided is kept. Returns what is unclear, or ''."""
    clear = [one for one in found if not unclear_about(attempt, one)]
    unclear = "; ".join(filter(None, (unclear_about(attempt, one) for one in found)))
    live = sorted(
        (t for t in clear if t.is_live),
        key=lambda t: (bool(differences(attempt, t)), t.can_be_voided, t.created_at is None, t.created_at, t.id),
    )
    if live and not differences(attempt, live[0]):
        approve_and_void_others(attempt, live[0], live[1:], cashier)
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


def approve_and_void_others(attempt: Attempt, charge: Transaction, others, cashier: Cashier) -> None:
    # Before others are voided, the charge is looked up by its id, because a search may be out of date.
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
    # None of them is as agreed. Each is voided or, if it is too late for that, left for a person to refund.
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
    """For a charge that was rejected as a duplicate: True if the gateway's index can't be hiding another one. If the
    rejection answered the first and only try, nothing is on its way, and SEARCH_GRACE_MS is enough. Otherwise a try
    was lost, and may still arrive until the nonce expires."""
    if attempt.count("empty_searches") < EMPTY_SEARCHES:
        return False
    if attempt.duplicate_ms is not None and attempt.resent_ms is None:
        return now_ms >= attempt.since("duplicate_ms", now_ms) + SEARCH_GRACE_MS
    return searched_long_enough(attempt, now_ms)


def void_or_book_unapplied(attempt: Attempt, charge: Transaction, cashier: Cashier) -> bool:
    """Void a charge that should not exist. Returns True if it is over, False if it can no longer be voided; then it
    is booked for a person to refund. Raises GatewayUnreachable if it is neither."""
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
    """Charge again with the same nonce and key. Only a charge or a bank's decline counts as a verdict here. An error
    about a used nonce or refused keys says nothing about the first try."""
    note_resent(attempt, cashier)
    try:
        verdict = cashier.gateway.charge(request_for(attempt))
    except GatewayUnreachable as error:
        if error.transaction_id:
            attempt.remember(named_id=error.transaction_id)
        raise
    if not isinstance(verdict, Refused):
        apply_verdict(attempt, verdict, cashier)
