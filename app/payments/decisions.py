"""An administrator's decision about a payment for which the gateway gives no clear answer.

The gateway is asked first. A live charge can never be decided as "not charged", and a charge that is over never as
"charged". The administrator decides only if the gateway's answer is unclear or it can't be asked.
"""

import re
from dataclasses import dataclass

from app import money
from app.models import Attempt, LedgerEntry, booking, one_transaction
from app.models.audit import Actor
from app.payments.cashier import Cashier
from app.payments.checkout import approve, differences
from app.payments.gateway.protocol import Gateway, GatewayUnreachable, Transaction, Unreadable
from app.payments.reconciliation import is_of_another, is_sound

ID = re.compile("[A-Za-z0-9_-]{1,40}")


class CannotDecide(Exception):
    """The decision contradicts the gateway, or names no transaction. The text is for the administrator."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the gateway says now: transactions with the payment's order id, or `error` if it can't be asked."""

    found: tuple[Transaction | Unreadable, ...] = ()
    error: str = ""

    @property
    def suggested_id(self) -> str:
        ids = {one.id for one in self.found if not getattr(one, "is_over", False)}
        return ids.pop() if len(ids) == 1 else ""


def ask_gateway(attempt: Attempt, gateway: Gateway) -> Findings:
    try:
        found = gateway.find_by_order(attempt.order_id)
        if attempt.named_id and attempt.named_id not in {one.id for one in found}:
            found += tuple(filter(None, [find(attempt.named_id, gateway)]))
        return Findings(found)
    except GatewayUnreachable as error:
        return Findings(error=str(error))


def find(transaction_id: str, gateway: Gateway) -> Transaction | Unreadable | None:
    try:
        return gateway.find(transaction_id)
    except GatewayUnreachable as error:
        if error.no_response:
            raise
        return Unreadable(transaction_id, "", str(error))


def book_as_charged(attempt: Attempt, transaction_id: str, cashier: Cashier, actor: Actor) -> bool:
    """Book the payment under that transaction. Returns False if it was already decided. Raises CannotDecide."""
    return approve_by_decision(attempt, charge_to_book(attempt, transaction_id, cashier.gateway), cashier, actor)


@one_transaction
def approve_by_decision(attempt: Attempt, charge: Transaction, cashier: Cashier, actor: Actor) -> bool:
    done = approve(attempt, charge, cashier)
    if done:
        note_decision(attempt, cashier, actor, charged=True, transaction=charge.id)
    return done


def charge_to_book(attempt: Attempt, transaction_id: str, gateway: Gateway) -> Transaction:
    """The charge to book: as the gateway has it or, if the gateway is unclear about it, as agreed. Raises
    CannotDecide."""
    if not ID.fullmatch(transaction_id):
        raise CannotDecide("Enter the transaction ID that Braintree shows, like 8k2bn0fq")
    if LedgerEntry.is_of_another(attempt, transaction_id):
        raise CannotDecide(f"{transaction_id} belongs to another payment")
    agreed = Transaction(
        transaction_id, attempt.order_id, attempt.amount_minor, attempt.currency, Transaction.SUBMITTED
    )
    try:
        found = find(transaction_id, gateway)
    except GatewayUnreachable:
        return agreed
    if found is None:
        raise CannotDecide(f"Braintree has no transaction {transaction_id}")
    if isinstance(found, Unreadable):
        return agreed
    if found.is_over or found.is_credit:
        raise CannotDecide(f"{transaction_id} is not a charge: Braintree says {found.raw_status.replace('_', ' ')}")
    wrong = differences(attempt, found)
    if wrong and not (set(wrong) == {"order_id"} and may_belong_to(attempt, found)):
        amount = money.format_money(found.amount_minor, found.currency, "en_US")
        raise CannotDecide(f"{transaction_id} is another charge: {amount}, order ID {found.order_id or 'none'}")
    return found if found.is_live else agreed


def may_belong_to(attempt: Attempt, found: Transaction) -> bool:
    # A charge with a wrong order id may be this payment's if an answer named it, or if it has no order id.
    return (found.id == attempt.named_id or not found.order_id) and not is_of_another(attempt, found)


def release_as_not_charged(attempt: Attempt, cashier: Cashier, actor: Actor) -> bool:
    """Release the invoices. Returns False if it was already decided. Raises CannotDecide if Braintree has a live
    charge."""
    live = [
        one
        for one in ask_gateway(attempt, cashier.gateway).found
        if isinstance(one, Transaction) and one.is_live and not is_of_another(attempt, one)
    ]
    charge = next((one for one in live if is_sound(attempt, one)), None)
    if charge is not None:
        raise CannotDecide(f"Braintree has charged this card: {charge.id} is {charge.raw_status.replace('_', ' ')}")
    if live:
        raise CannotDecide(f"Braintree has another charge, {live[0].id}. Void or refund it there first")
    return decline_by_decision(attempt, cashier, actor)


@one_transaction
def decline_by_decision(attempt: Attempt, cashier: Cashier, actor: Actor) -> bool:
    done = booking.decline(attempt, cashier.now_ms(), reason="decision")
    if done:
        note_decision(attempt, cashier, actor, charged=False)
    return done


def note_decision(attempt: Attempt, cashier: Cashier, actor: Actor, **facts) -> None:
    attempt.note("decided", cashier.now_ms(), actor=actor.email, address=actor.address, **facts)
