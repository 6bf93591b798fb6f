"""Charges of this portal at the gateway that have no payment here, because the books were restored from a backup.

One whose line items say what it pays is booked by itself. The others wait in UnmatchedCharge, and every comparison
tries them again, until an administrator books them or sets them aside. Amount, currency and status are booked as the
gateway has them. Several workers may do this at once and be killed anywhere: a booking is one transaction, whose order
id is unique.
"""

import hashlib
from dataclasses import dataclass

from peewee import IntegrityError

from app.clock import Clock, to_ms
from app.models import (
    Attempt,
    Audit,
    Customer,
    Deployment,
    EarlyImport,
    Invoice,
    LedgerEntry,
    UnmatchedCharge,
    User,
    booking,
    one_transaction,
)
from app.models.audit import Actor
from app.models.customer import CustomerScope
from app.payments import charge_lines
from app.payments.decisions import CannotDecide
from app.payments.gateway.protocol import Gateway, GatewayUnreachable, Transaction
from app.payments.quotes import MAX_INVOICES

UNREADABLE = "Braintree has {} in a form that can't be read. Look it up in the Control Panel"


def adopt_or_keep(charge: Transaction, gateway: Gateway, clock: Clock) -> bool:
    """Book a charge that has an order id of this portal's form, and no attempt here, as its own lines say; or keep it
    for a person, who is alerted once. Another portal's is only alerted. Whether this call wrote an alert."""
    statement, now_ms = statement_of(charge, gateway), to_ms(clock())
    is_foreign = statement is not None and statement.portal_id != Deployment.current().portal_id

    @one_transaction
    def write() -> bool:
        if LedgerEntry.attempt_of(charge.id, charge.order_id):
            return False
        if is_foreign:
            return alert(charge, "payment.unmatched", now_ms)
        if statement is not None and charge.is_live and book_by_lines(charge, statement, gateway.place, now_ms):
            return False
        UnmatchedCharge.keep(charge, now_ms)
        return alert(charge, "payment.unmatched", now_ms)

    try:
        return write()
    except IntegrityError:
        if LedgerEntry.attempt_of(charge.id, charge.order_id) is None:
            raise
        return False  # another worker was faster


def statement_of(charge: Transaction, gateway: Gateway) -> charge_lines.ChargeDescription | None:
    """What its lines say; None when they don't add up to the charge, or can't be read."""
    statement = charge_lines.read(gateway.charge_lines(charge.id, charge.currency))
    is_whole = statement is not None and sum(minor for _, minor in statement.parts) == charge.amount_minor
    return statement if is_whole else None


def customer_of(statement: charge_lines.ChargeDescription | None) -> Customer | None:
    return None if statement is None else Customer.by_key(statement.customer, charge_lines.keys_of_customer)


def invoices_of(statement: charge_lines.ChargeDescription, customer: Customer, currency: str) -> dict[str, int]:
    """The ids of its invoices that are here, by their keys in its lines."""
    keys = [key for key, _ in statement.parts]
    return Invoice.ids_by_keys(customer.id, currency, keys, charge_lines.keys_of_invoice)


def payer_of(statement: charge_lines.ChargeDescription | None, now_ms: int) -> User:
    if statement is not None and statement.payer:
        return User.named_or_new(statement.payer, now_ms)
    return User.unknown_payer(now_ms)


def book_by_lines(charge: Transaction, statement: charge_lines.ChargeDescription, place: str, now_ms: int) -> bool:
    """Whether it was booked. Not when its customer or one of its invoices isn't here, when the books may count it as
    paid elsewhere, or when an administrator has set it aside."""
    customer = customer_of(statement)
    if customer is None or UnmatchedCharge.is_set_aside(charge.id):
        return False
    ids = invoices_of(statement, customer, charge.currency)
    if len(ids) != len(statement.parts):
        return False
    Invoice.lock(list(ids.values()))
    Invoice.recount(list(ids.values()))
    split = [(Invoice.get_by_id(ids[key]), minor) for key, minor in statement.parts]
    if any(EarlyImport.is_counted_as_paid(invoice, minor, charge.made_ms) for invoice, minor in split):
        return False
    parts = [(invoice, min(minor, EarlyImport.room(invoice, charge.made_ms))) for invoice, minor in split]
    attempt = booking.adopt(
        charge,
        parts,
        now_ms,
        reference=statement.reference,
        customer=customer,
        user=payer_of(statement, now_ms),
        gateway=place,
    )
    UnmatchedCharge.close(charge.id, UnmatchedCharge.BOOKED, now_ms, attempt=attempt)
    return True


def alert(charge: Transaction, event: str, now_ms: int) -> bool:
    return Audit.write_once(
        event,
        now_ms,
        f"transaction:{charge.id}",
        order_id=charge.order_id,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        is_credit=charge.is_credit,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A charge as the gateway has it now, and what its lines say; `error`: why it can't be asked."""

    charge: Transaction | None = None
    statement: charge_lines.ChargeDescription | None = None
    error: str = ""

    @property
    def customer(self) -> Customer | None:
        return customer_of(self.statement)

    @property
    def named(self) -> dict[int, int]:
        customer = self.customer
        if customer is None or self.statement is None or self.charge is None:
            return {}
        here = invoices_of(self.statement, customer, self.charge.currency)
        return {here[key]: minor for key, minor in self.statement.parts if key in here}


@dataclass(frozen=True, slots=True)
class Plan:
    """What booking would do: (invoice, minor units), oldest due first, and what pays no invoice."""

    parts: tuple[tuple[Invoice, int], ...]
    unapplied_minor: int

    @property
    def version(self) -> str:
        seen = repr([(invoice.id, minor) for invoice, minor in self.parts] + [self.unapplied_minor])
        return hashlib.sha256(seen.encode()).hexdigest()[:16]


def ask_gateway(row: UnmatchedCharge, gateway: Gateway) -> Found:
    try:
        charge = gateway.find(row.transaction_id)
        return Found(charge, statement_of(charge, gateway) if charge else None)
    except GatewayUnreachable as error:
        return Found(error=str(error) if error.silent else UNREADABLE.format(row.transaction_id))


def check(row: UnmatchedCharge, found: Found, customer: Customer) -> Transaction:
    """The charge, if it can be booked for this customer. Raises CannotDecide."""
    charge = found.charge
    if found.error:
        raise CannotDecide(f"Braintree can't be asked now, so nothing was booked: {found.error}")
    if charge is None:
        raise CannotDecide(f"Braintree has no transaction {row.transaction_id}. Nothing was booked")
    if not charge.is_live or charge.order_id != row.order_id:
        raise CannotDecide(f"{charge.id} is not booked while Braintree says {charge.raw_status.replace('_', ' ')}")
    if found.statement is not None and found.statement.portal_id != Deployment.current().portal_id:
        raise CannotDecide(f"{charge.id} was made by another portal. Set it aside")
    if found.customer is not None and found.customer.id != customer.id:
        raise CannotDecide(f"{charge.id} names account {found.customer.number}: it can't be booked for another")
    return charge


def payable(row: UnmatchedCharge, customer: Customer) -> list[tuple[Invoice, int]]:
    made_ms = row.made_ms or 0
    counted = EarlyImport.invoices_of(customer.id, row.currency, made_ms)
    open_now = Invoice.open_in(CustomerScope(customer.id), row.currency).limit(MAX_INVOICES)
    found = sorted({one.id: one for one in [*open_now, *counted]}.values(), key=lambda one: (one.due_on, one.id))
    rooms = [(one, EarlyImport.room(one, made_ms)) for one in found]
    return [(one, room) for one, room in rooms if room]


def plan(charge: Transaction, named: dict[int, int], customer: Customer, public_ids: list[str]) -> Plan:
    """Spread the charge over these invoices, oldest due first: to each what is open and, where the charge's lines name
    it (`named`), no more than they say. Raises CannotDecide for an invoice of another customer or currency."""
    wanted = list(dict.fromkeys(public_ids))
    if len(wanted) > MAX_INVOICES:
        raise CannotDecide(f"Choose at most {MAX_INVOICES} invoices")
    invoices = [one for one in Invoice.to_pay(CustomerScope(customer.id), wanted) if one.currency == charge.currency]
    if len(invoices) != len(wanted):
        raise CannotDecide(f"Choose invoices of {customer.name} in {charge.currency}. Nothing was booked")
    left, parts = charge.amount_minor, []
    for invoice in invoices:
        part = min(left, EarlyImport.room(invoice, charge.made_ms), named.get(invoice.id, left))
        left -= part
        parts += [(invoice, part)] if part else []
    return Plan(tuple(parts), left)


def book(
    row: UnmatchedCharge,
    customer: Customer,
    public_ids: list[str],
    version: str,
    gateway: Gateway,
    actor: Actor,
) -> Attempt | None:
    """Book it as a payment of this customer; None when it was decided, or booked, in between. Raises CannotDecide, also
    when the plan is no longer the one with `version`."""
    found = ask_gateway(row, gateway)
    charge, now_ms = check(row, found, customer), to_ms(actor.now)

    @one_transaction
    def write() -> Attempt | None:
        if UnmatchedCharge.get_by_id(row.id).state != UnmatchedCharge.WAITING:
            return None
        if LedgerEntry.attempt_of(charge.id, charge.order_id):
            row.close_if_known(now_ms)
            return None
        Invoice.recount(Invoice.lock_to_pay(CustomerScope(customer.id), public_ids))
        agreed = plan(charge, found.named, customer, public_ids)
        if agreed.version != version:
            raise CannotDecide("What is open has changed since. Nothing was booked. Look again")
        attempt = booking.adopt(
            charge,
            list(agreed.parts),
            now_ms,
            customer=customer,
            user=payer_of(found.statement, now_ms),
            gateway=gateway.place,
            **reference_of(found.statement),
        )
        UnmatchedCharge.close(charge.id, UnmatchedCharge.BOOKED, now_ms, attempt=attempt, by=actor.email)
        Audit.write_by(
            actor,
            "payment.matched",
            f"attempt:{attempt.reference}",
            transaction=charge.id,
            customer=customer.number,
        )
        return attempt

    try:
        return write()
    except IntegrityError:
        if LedgerEntry.attempt_of(charge.id, charge.order_id) is None:
            raise
        return None


def reference_of(statement: charge_lines.ChargeDescription | None) -> dict[str, str]:
    if statement is None or Attempt.owners(statement.reference):
        return {}
    return {"reference": statement.reference}


@one_transaction
def set_aside(row: UnmatchedCharge, reason: str, actor: Actor) -> bool:
    done = UnmatchedCharge.close(
        row.transaction_id, UnmatchedCharge.SET_ASIDE, to_ms(actor.now), by=actor.email, reason=reason
    )
    if done:
        Audit.write_by(actor, "payment.set_aside", f"transaction:{row.transaction_id}", reason=reason)
    return done
