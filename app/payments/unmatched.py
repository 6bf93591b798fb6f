"""This portal's charges at the gateway that have no payment here, because the database was restored from a backup.

If a charge's line items say what it pays, it is booked automatically. The others are kept in UnmatchedCharge, and every
comparison tries them again, until an administrator books them or sets them aside. Amount, currency and status are
booked as the gateway has them. Several workers may do this at once and be killed at any moment: a booking is one
transaction, and its order id is unique.
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
    """Handle a charge whose order id looks like ours and has no attempt here. Book it as its line items say, or keep
    it for an administrator, who is alerted once. A charge of another portal is only alerted. Returns True if this
    call wrote an alert."""
    statement, now_ms = statement_of(charge, gateway), to_ms(clock())
    is_foreign = statement is not None and statement.portal_id != Deployment.current().portal_id

    @one_transaction
    def write() -> bool:
        if LedgerEntry.attempt_of(charge.id, charge.order_id):
            return False
        if is_foreign:
            return alert(charge, "payment.unmatched", now_ms)
        if statement is not None and charge.is_live and book_by_lines(charge, statement, gateway.gateway_id, now_ms):
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
    """What its line items say; None if they don't add up to the charge, or can't be read."""
    statement = charge_lines.read(gateway.charge_lines(charge.id, charge.currency))
    is_whole = statement is not None and sum(minor for _, minor in statement.parts) == charge.amount_minor
    return statement if is_whole else None


def customer_of(statement: charge_lines.ChargeDescription | None) -> Customer | None:
    return None if statement is None else Customer.by_key(statement.customer, charge_lines.keys_of_customer)


def invoices_of(statement: charge_lines.ChargeDescription, customer: Customer, currency: str) -> dict[str, int]:
    """{key: id} of the invoices in its line items that exist here."""
    keys = [key for key, _ in statement.parts]
    return Invoice.ids_by_keys(customer.id, currency, keys, charge_lines.keys_of_invoice)


def payer_of(statement: charge_lines.ChargeDescription | None, now_ms: int) -> User:
    if statement is not None and statement.payer:
        return User.named_or_new(statement.payer, now_ms)
    return User.unknown_payer(now_ms)


def book_by_lines(charge: Transaction, statement: charge_lines.ChargeDescription, gateway_id: str, now_ms: int) -> bool:
    """Book a charge as its line items say. Returns False, without booking it, if its customer or one of its invoices
    isn't here, if the books may already count it as paid elsewhere, or if an administrator has set it aside."""
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
        gateway=gateway_id,
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
class GatewayCharge:
    """A charge as the gateway has it now, with what its line items say; `error` if the gateway can't be asked."""

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
class BookingPlan:
    """How the charge would be booked: (invoice, minor units), oldest due first, and the amount that pays no invoice."""

    parts: tuple[tuple[Invoice, int], ...]
    unapplied_minor: int

    @property
    def version(self) -> str:
        seen = repr([(invoice.id, minor) for invoice, minor in self.parts] + [self.unapplied_minor])
        return hashlib.sha256(seen.encode()).hexdigest()[:16]


def ask_gateway(row: UnmatchedCharge, gateway: Gateway) -> GatewayCharge:
    try:
        charge = gateway.find(row.transaction_id)
        return GatewayCharge(charge, statement_of(charge, gateway) if charge else None)
    except GatewayUnreachable as error:
        return GatewayCharge(error=str(error) if error.no_response else UNREADABLE.format(row.transaction_id))


def check(row: UnmatchedCharge, found: GatewayCharge, customer: Customer) -> Transaction:
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


def plan(charge: Transaction, named: dict[int, int], customer: Customer, public_ids: list[str]) -> BookingPlan:
    """Split the charge among these invoices, oldest due first: each gets what is open and, if the charge's line
    items list it in `named`, at most that amount. Raises CannotDecide for an invoice of another customer or
    currency."""
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
    return BookingPlan(tuple(parts), left)


def book(
    row: UnmatchedCharge,
    customer: Customer,
    public_ids: list[str],
    version: str,
    gateway: Gateway,
    actor: Actor,
) -> Attempt | None:
    """Book it as a payment of this customer. Returns None if it was decided or booked in the meantime. Raises
    CannotDecide, also if the plan's version is no longer `version`."""
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
            gateway=gateway.gateway_id,
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
