"""Charges at the gateway that have an order ID of this portal and no payment here."""

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.models.audit import Audit
from app.models.base import BaseModel, checks, one_transaction
from app.models.ledger import LedgerEntry
from app.models.payment_attempt import Attempt


class UnmatchedCharge(BaseModel):
    """A charge as the gateway reported it at `looked_ms`, in minor units of `currency`.

    state: WAITING -> BOOKED (`attempt` is its payment) | SET_ASIDE (an administrator gave a `reason` not to book it) |
    OVER (it never became money, or its order has another charge). OVER -> WAITING if the gateway says otherwise later.
    `made_ms` is the time of the charge.
    """

    WAITING, BOOKED, SET_ASIDE, OVER = "waiting", "booked", "set_aside", "over"

    transaction_id = CharField(unique=True)
    order_id = CharField()
    amount_minor = BigIntegerField()
    currency = CharField(max_length=3)
    card_type = CharField(default="")
    last_four = CharField(default="")
    status = CharField(default="")
    made_ms = BigIntegerField(null=True)
    looked_ms = BigIntegerField()
    state = CharField(default=WAITING)
    attempt = ForeignKeyField(Attempt, null=True, on_delete="RESTRICT")
    decided_ms = BigIntegerField(null=True)
    decided_by = CharField(default="")
    reason = CharField(default="")

    class Meta:
        table_name = "unmatched_charge"
        indexes = ((("state", "id"), False),)
        constraints = checks(
            "amount_minor > 0",
            "state IN ('waiting', 'booked', 'set_aside', 'over')",
            "(state = 'booked') = (attempt_id IS NOT NULL)",
        )

    @classmethod
    def by_transaction_id(cls, transaction_id: str) -> "UnmatchedCharge | None":
        return cls.get_or_none(cls.transaction_id == transaction_id)

    @classmethod
    def waiting(cls):
        return cls.select().where(cls.state == cls.WAITING).order_by(cls.id)

    @classmethod
    def decided(cls, most: int):
        return cls.select().where(cls.state != cls.WAITING).order_by(cls.decided_ms.desc(), cls.id).limit(most)

    @classmethod
    def alerted(cls, line: Audit) -> "UnmatchedCharge | None":
        if line.event != "payment.unmatched":
            return None
        transaction_id = line.subject.partition(":")[2]
        return cls.get_or_none(cls.transaction_id == transaction_id, cls.state == cls.WAITING)

    @classmethod
    def is_set_aside(cls, transaction_id: str) -> bool:
        return cls.select().where(cls.transaction_id == transaction_id, cls.state == cls.SET_ASIDE).exists()

    @classmethod
    def keep(cls, charge, now_ms: int) -> None:
        """Upsert a charge as WAITING, unless it was booked or set aside. Call it in the transaction that looked for
        its payment."""
        facts = {"status": charge.raw_status, "looked_ms": now_ms}
        cls.insert(
            transaction_id=charge.id,
            order_id=charge.order_id,
            amount_minor=charge.amount_minor,
            currency=charge.currency,
            card_type=charge.card_type,
            last_four=charge.last_four,
            made_ms=charge.made_ms or None,
            **facts,
        ).on_conflict_ignore().execute()
        undecided = (cls.transaction_id == charge.id) & cls.state.in_((cls.WAITING, cls.OVER))
        cls.update(state=cls.WAITING, decided_ms=None, **facts).where(undecided).execute()

    def close_if_known(self, now_ms: int) -> None:
        """Close the charge if its order now has a payment: BOOKED if the payment is of this charge, otherwise OVER.
        Then this is a duplicate charge, which is voided or alerted as such."""
        attempt = LedgerEntry.attempt_of(self.transaction_id, self.order_id)
        if attempt is not None and LedgerEntry.has_charge(self.transaction_id):
            self.close(self.transaction_id, self.BOOKED, now_ms, attempt=attempt)
        elif attempt is not None:
            self.close(self.transaction_id, self.OVER, now_ms, reason=f"A second charge of {attempt.reference}")

    @classmethod
    @one_transaction
    def close(
        cls,
        transaction_id: str,
        after: str,
        now_ms: int,
        *,
        attempt: Attempt | None = None,
        by: str = "",
        reason: str = "",
    ) -> bool:
        """WAITING -> `after`. Returns True if this call made the change."""
        still = (cls.transaction_id == transaction_id) & (cls.state == cls.WAITING)
        values = {"state": after, "attempt": attempt, "decided_ms": now_ms, "decided_by": by, "reason": reason}
        return bool(cls.update(values).where(still).execute())
