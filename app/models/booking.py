"""Changes of a payment together with its ledger lines and allocations. Each function is one transaction unless its
docstring says otherwise. Functions that return a bool return True if this call made the change."""

from app.models.base import one_transaction
from app.models.import_memory import EarlyImport
from app.models.invoice import Invoice
from app.models.ledger import Allocation, LedgerEntry
from app.models.payment_attempt import Attempt


def reserve(split: list[tuple[Invoice, int]], *, now_ms: int, actor: str, **values) -> Attempt:
    """Create an attempt that reserves `split`, pairs of (invoice, minor units). Call it in the transaction that
    locked the invoices and read the open amounts."""
    attempt = Attempt.create(created_ms=now_ms, touched_ms=now_ms, **values)
    Allocation.insert_many(
        [{"attempt": attempt.id, "invoice": invoice.id, "amount_minor": minor} for invoice, minor in split]
    ).execute()
    Invoice.recount([invoice.id for invoice, _ in split])
    attempt.note("created", now_ms, actor=actor, amount_minor=attempt.amount_minor, currency=attempt.currency)
    return attempt


def decline(attempt: Attempt, now_ms: int, *, reason: str, transaction=None, text: str = "", untouched=False) -> bool:
    """sent -> declined: nothing was charged, and the reservation is released.

    With `untouched`, only if no worker has claimed the attempt since it was read; that worker may have charged. Returns
    False if the transaction belongs to another attempt.
    """
    facts = {"processor_text": text}
    if transaction is not None:
        if LedgerEntry.is_of_another(attempt, transaction.id):
            return False
        facts = {
            "transaction_id": transaction.id,
            "card_type": transaction.card_type,
            "last_four": transaction.last_four,
            "processor_code": transaction.processor_code,
            "processor_text": transaction.processor_text,
        }
    return attempt.change_state(
        Attempt.SENT,
        Attempt.DECLINED,
        now_ms,
        untouched,
        decided_ms=now_ms,
        nonce=None,
        device_data=None,
        reason=reason,
        **facts,
    )


@one_transaction
def approve(attempt: Attempt, transaction, now_ms: int, *, poll_ms: int) -> bool:
    """sent -> approved, and write the ledger line. Returns False if the transaction belongs to another attempt."""
    moved = not LedgerEntry.is_of_another(attempt, transaction.id) and attempt.change_state(
        Attempt.SENT,
        Attempt.APPROVED,
        now_ms,
        decided_ms=now_ms,
        nonce=None,
        device_data=None,
        poll_ms=poll_ms,
        settlement=Attempt.SUBMITTED,
        transaction_id=transaction.id,
        card_type=transaction.card_type,
        last_four=transaction.last_four,
    )
    if moved:
        LedgerEntry.charge(transaction.id, attempt, attempt.amount_minor, now_ms)
    return moved


def adopt(charge, split: list[tuple[Invoice, int]], now_ms: int, **values) -> Attempt:
    """Book a charge that a restored database has lost: an approved attempt, with the positive parts of `split` as
    allocations, each at most EarlyImport.room. The rest of the charge pays no invoice, and administrators are
    alerted. Call it in the transaction that locked the invoices."""
    made_ms = charge.made_ms or now_ms
    attempt = Attempt.create(
        token=f"adopted-{charge.id}",
        order_id=charge.order_id,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        state=Attempt.APPROVED,
        settlement=Attempt.SUBMITTED,
        transaction_id=charge.id,
        card_type=charge.card_type,
        last_four=charge.last_four,
        created_ms=made_ms,
        sent_ms=made_ms,
        touched_ms=now_ms,
        decided_ms=made_ms,
        poll_ms=now_ms,
        **values,
    )
    parts = [{"attempt": attempt.id, "invoice": invoice.id, "amount_minor": minor} for invoice, minor in split if minor]
    if parts:
        Allocation.insert_many(parts).execute()
    for invoice, minor in split:
        EarlyImport.include(invoice, minor, made_ms)
    LedgerEntry.record(LedgerEntry.CHARGE, charge.id, attempt, charge.amount_minor, now_ms)
    attempt.recount_invoices()
    attempt.note("adopted", now_ms, transaction=charge.id)
    excess = charge.amount_minor - sum(part["amount_minor"] for part in parts)
    if excess:
        attempt.note("excess", now_ms, transaction=charge.id, amount_minor=excess, currency=charge.currency)
    return attempt


def settle(attempt: Attempt, now_ms: int) -> bool:
    """submitted -> settled."""
    return _settle(attempt, Attempt.SETTLED, now_ms, (Attempt.SUBMITTED,), settled_ms=now_ms)


def fail(attempt: Attempt, now_ms: int, **facts) -> bool:
    """The charge did not settle, or was reversed later; the invoices reopen."""
    return _settle(attempt, Attempt.FAILED, now_ms, Attempt.BELIEVED, LedgerEntry.SETTLEMENT_DECLINED, facts)


def void(attempt: Attempt, now_ms: int, **facts) -> bool:
    """submitted or settled -> voided at the gateway; the invoices reopen."""
    return _settle(attempt, Attempt.VOIDED, now_ms, Attempt.BELIEVED, LedgerEntry.VOID, facts)


@one_transaction
def undo_demo(attempt: Attempt, now_ms: int) -> None:
    """Undo a payment on the demo gateway, where no money moved: the invoices reopen, and no mail is sent."""
    attempt.lock_invoices()
    if attempt.state != Attempt.APPROVED:
        attempt.abandon(now_ms, since=attempt.state)
        return
    is_paying = (Attempt.id == attempt.id) & Attempt.settlement.in_(Attempt.BELIEVED)
    if Attempt.update(settlement=Attempt.VOIDED, poll_ms=None).where(is_paying).execute():
        LedgerEntry.record(LedgerEntry.VOID, attempt.transaction_id, attempt, -attempt.amount_minor, now_ms)
        attempt.recount_invoices()
        attempt.note("demo_undone", now_ms)


@one_transaction
def replace_charge(attempt: Attempt, transaction, now_ms: int, *, poll_ms: int) -> bool:
    """Correct the transaction of an approved attempt, because the gateway's answer named a transaction of another
    attempt. `transaction` is the right one. The ledger is corrected, and administrators are alerted."""
    attempt.lock_invoices()
    wrong = attempt.transaction_id
    same = (Attempt.id == attempt.id) & (Attempt.transaction_id == wrong)
    values = {
        "transaction_id": transaction.id,
        "card_type": transaction.card_type,
        "last_four": transaction.last_four,
        "settlement": Attempt.SUBMITTED,
        "poll_ms": poll_ms,
        "doubles_checked": False,
    }
    if LedgerEntry.is_of_another(attempt, transaction.id) or LedgerEntry.has_charge(transaction.id):
        return False
    if not Attempt.update(values).where(same, Attempt.state == Attempt.APPROVED).execute():
        return False
    attempt.set_values(values)
    LedgerEntry.record(LedgerEntry.VOID, wrong, attempt, -attempt.amount_minor, now_ms)
    LedgerEntry.charge(transaction.id, attempt, transaction.amount_minor, now_ms)
    attempt.recount_invoices()
    attempt.note("corrected", now_ms, transaction=transaction.id, instead_of=wrong)
    return True


@one_transaction
def receive_unapplied(attempt: Attempt, transaction, now_ms: int) -> None:
    """Book money that came in after the attempt was closed. It pays no invoice until an administrator decides."""
    if LedgerEntry.has_charge(transaction.id) or LedgerEntry.was_unapplied(transaction.id):
        return
    LedgerEntry.record(
        LedgerEntry.UNAPPLIED, transaction.id, attempt, transaction.amount_minor, now_ms, transaction.currency
    )
    attempt.note(
        "unapplied",
        now_ms,
        transaction=transaction.id,
        amount_minor=transaction.amount_minor,
        currency=transaction.currency,
    )


@one_transaction
def return_unapplied(attempt: Attempt, transaction, now_ms: int) -> None:
    if LedgerEntry.is_unapplied(transaction.id):
        LedgerEntry.record(
            LedgerEntry.UNAPPLIED_RETURNED,
            transaction.id,
            attempt,
            -transaction.amount_minor,
            now_ms,
            transaction.currency,
        )
        attempt.note("unapplied_returned", now_ms, transaction=transaction.id)


@one_transaction
def refund_unapplied(attempt: Attempt, refund, now_ms: int) -> None:
    # Only a refund of all of it returns the money.
    waiting = [line for line in LedgerEntry.unapplied([attempt]) if line.gateway_ref == refund.refunds]
    if waiting and waiting[0].amount_minor == refund.amount_minor:
        LedgerEntry.record(
            LedgerEntry.UNAPPLIED_RETURNED, refund.refunds, attempt, -refund.amount_minor, now_ms, refund.currency
        )
        attempt.note("unapplied_returned", now_ms, transaction=refund.refunds)


@one_transaction
def _settle(
    attempt: Attempt,
    after: str,
    now_ms: int,
    before: tuple[str, ...],
    entry: str = "",
    facts: dict | None = None,
    **values,
) -> bool:
    attempt.lock_invoices()
    values.update(settlement=after, poll_ms=None)
    moved = (
        Attempt.update(values)
        .where(Attempt.id == attempt.id, Attempt.state == Attempt.APPROVED, Attempt.settlement.in_(before))
        .execute()
    )
    if moved:
        if entry:
            LedgerEntry.record(entry, attempt.transaction_id, attempt, -attempt.amount_minor, now_ms)
        attempt.set_values(values)
        attempt.recount_invoices()
        attempt.note(after, now_ms, **(facts or {}))
    return bool(moved)
