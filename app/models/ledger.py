"""The append-only ledger, and which invoices a payment pays."""

from peewee import BigIntegerField, CharField, ForeignKeyField, fn

from app.models.base import BaseModel, checks
from app.models.invoice import Invoice
from app.models.payment_attempt import Attempt
from app.models.user import User


class Allocation(BaseModel):
    """The part of one invoice that an attempt pays. The amount is reserved while the attempt is in a state of
    HOLDING."""

    attempt = ForeignKeyField(Attempt, backref="allocations", index=False, on_delete="RESTRICT")
    invoice = ForeignKeyField(Invoice, backref="allocations", on_delete="RESTRICT")
    invoice_id: int
    amount_minor = BigIntegerField()

    class Meta:
        table_name = "allocation"
        indexes = ((("attempt", "invoice"), True),)
        constraints = checks("amount_minor > 0")

    @classmethod
    def of(cls, attempts: list[Attempt]):
        return (
            cls.select(cls, Invoice)
            .join(Invoice)
            .where(cls.attempt.in_([attempt.id for attempt in attempts]))
            .order_by(Invoice.due_on, Invoice.id)
        )

    @classmethod
    def references_of(cls, invoice_id: int) -> list[str]:
        """References of all attempts to pay the invoice."""
        return list(Attempt.select(Attempt.reference).join(cls).where(cls.invoice == invoice_id).scalars())

    @classmethod
    def recent(cls, viewer, since_ms: int):
        deciding = Attempt.state.in_((Attempt.CREATED, Attempt.SENT))
        paid = Attempt.believed() & (Attempt.decided_ms >= since_ms)
        return (
            cls.select(cls, Attempt, User, Invoice)
            .join(Attempt)
            .join(User)
            .switch(cls)
            .join(Invoice)
            .where(Attempt.customer == viewer.customer_id, deciding | paid)
            .order_by(Attempt.id, Invoice.id)
        )

    @classmethod
    def declined_attempts(cls, invoice_id: int, most: int):
        return (
            Attempt.select(Attempt, User)
            .join(User)
            .switch(Attempt)
            .join(cls)
            .where(cls.invoice == invoice_id, Attempt.state == Attempt.DECLINED)
            .order_by(Attempt.id.desc())
            .limit(most)
        )

    @classmethod
    def being_paid(cls, invoice_ids: list[int]) -> set[int]:
        """Those of these invoices for which an online payment is under way, with an unknown outcome."""
        is_undecided = Attempt.state.in_((Attempt.CREATED, Attempt.SENT))
        query = cls.select(cls.invoice).join(Attempt).where(cls.invoice.in_(invoice_ids), is_undecided)
        return set(query.scalars())

    @classmethod
    def undecided_attempts(cls, invoice_id: int):
        is_undecided = (Attempt.state == Attempt.SENT) & Attempt.decision_ms.is_null(False)
        return Attempt.select().join(cls).where(cls.invoice == invoice_id, is_undecided).order_by(Attempt.id)


class LedgerEntry(BaseModel):
    """Money that moved at the gateway. Append-only. `amount_minor` is negative if the money went back to the payer."""

    CHARGE, REBOOKED = "charge", "rebooked"
    UNAPPLIED, UNAPPLIED_RETURNED = "unapplied", "unapplied_returned"
    SETTLEMENT_DECLINED = "settlement_declined"
    VOID = "void"

    kind = CharField()
    gateway_ref = CharField()
    attempt = ForeignKeyField(Attempt, null=True, backref="ledger", on_delete="RESTRICT")
    attempt_id: int
    amount_minor = BigIntegerField()
    currency = CharField(max_length=3)
    at_ms = BigIntegerField()

    class Meta:
        table_name = "ledger"
        indexes = ((("kind", "gateway_ref"), True),)
        constraints = checks(
            "kind IN ('charge', 'rebooked', 'unapplied', 'unapplied_returned', 'settlement_declined', 'void')",
            "(kind IN ('charge', 'rebooked', 'unapplied')) = (amount_minor > 0)",
            "amount_minor <> 0",
            "gateway_ref <> ''",
        )

    @classmethod
    def has_charge(cls, gateway_ref: str) -> bool:
        return (cls.select(fn.SUM(cls.amount_minor)).where(cls.gateway_ref == gateway_ref).scalar() or 0) > 0

    @classmethod
    def was_unapplied(cls, gateway_ref: str) -> bool:
        return cls.select().where(cls.gateway_ref == gateway_ref, cls.kind == cls.UNAPPLIED).exists()

    @classmethod
    def is_unapplied(cls, gateway_ref: str) -> bool:
        kinds = [line.kind for line in cls.select().where(cls.gateway_ref == gateway_ref)]
        return cls.UNAPPLIED in kinds and cls.UNAPPLIED_RETURNED not in kinds

    @classmethod
    def unapplied(cls, attempts: list[Attempt]) -> list["LedgerEntry"]:
        kinds = (cls.UNAPPLIED, cls.UNAPPLIED_RETURNED)
        ids = [attempt.id for attempt in attempts]
        lines = list(cls.select().where(cls.attempt.in_(ids), cls.kind.in_(kinds)).order_by(cls.id))
        returned = {line.gateway_ref for line in lines if line.kind == cls.UNAPPLIED_RETURNED}
        return [line for line in lines if line.gateway_ref not in returned]

    @classmethod
    def charge(cls, gateway_ref: str, attempt: Attempt, amount_minor: int, now_ms: int) -> None:
        # The ledger may have had it for another attempt, which was corrected.
        before = cls.select().where(cls.gateway_ref == gateway_ref, cls.kind == cls.CHARGE).exists()
        cls.record(cls.REBOOKED if before else cls.CHARGE, gateway_ref, attempt, amount_minor, now_ms)

    @classmethod
    def record(
        cls, kind: str, gateway_ref: str | None, attempt: Attempt, amount_minor: int, now_ms: int, currency: str = ""
    ) -> None:
        """Add a line, by default in the attempt's currency. Raises IntegrityError if the transaction is empty or
        already has a line of this kind."""
        cls.insert(
            kind=kind,
            gateway_ref=gateway_ref,
            attempt=attempt.id,
            amount_minor=amount_minor,
            currency=currency or attempt.currency,
            at_ms=now_ms,
        ).execute()

    @classmethod
    def is_of_another(cls, attempt: Attempt, transaction_id: str) -> bool:
        """True if the transaction belongs to another attempt, or if its money is in the ledger for another attempt."""
        others = Attempt.select().where(Attempt.transaction_id == transaction_id, Attempt.id != attempt.id)
        booked = cls.select(fn.SUM(cls.amount_minor)).where(cls.gateway_ref == transaction_id)
        return others.exists() or (booked.where(cls.attempt != attempt.id).scalar() or 0) > 0

    @classmethod
    def attempt_of(cls, transaction_id: str, order_id: str) -> Attempt | None:
        """The attempt that a gateway transaction belongs to, or the undecided attempt whose answer named it."""
        attempt = Attempt.get_or_none(Attempt.order_id == order_id) or Attempt.get_or_none(
            Attempt.transaction_id == transaction_id
        )
        if attempt is not None:
            return attempt
        line = cls.get_or_none(cls.gateway_ref == transaction_id)
        if line is not None:
            return line.attempt
        if not transaction_id:
            return None
        return Attempt.get_or_none(Attempt.state == Attempt.SENT, Attempt.named_id == transaction_id)
