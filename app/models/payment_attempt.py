"""Payment attempts.

Changes of a payment together with the ledger are in booking.py, the protocol is in app/payments/checkout.py.
"""

import re
from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
    fn,
)

from app.models.audit import Audit
from app.models.base import BaseModel, checks, claim, one_transaction, public_id
from app.models.customer import Customer
from app.models.invoice import Invoice
from app.models.payment_link import PaymentLink
from app.models.user import User

FORM_TOKEN = re.compile("[0-9a-z]{24}")


class Attempt(BaseModel):
    """One try to charge one card once.

    state: created -> sent -> approved | declined; created -> abandoned.
    settlement (of an approved attempt): submitted -> settled | failed | voided.
    All `_ms` are milliseconds since 1970, UTC.

    State of the reconciliation of a sent attempt:
    named_id: the transaction that an answer named without a verdict.
    looked_ms: first look. empty_searches: number of searches without a charge. searching_ms: first such search after
    which a charge could no longer come. duplicate_ms: the gateway rejected the first try as a duplicate.
    resent_ms: first try to send it again. unclear_ms, unclear_looks: first time and number of looks that the gateway
    did not answer with a verdict. decision_ms: since when an administrator is asked to decide.
    doubles_checked (of an approved attempt): no other charge has its order ID.

    reason (of a declined or abandoned attempt): processor (the bank, with its `processor_code`), refused (the gateway
    did not try, with its validation code in `processor_text`), a gateway rejection as the SDK names it, or one of the
    portal's own; app/payments/declines.py has them all.

    gateway: "environment:merchant id" of the gateway that it was made at; no other gateway can be asked about it.
    payment_link, payer_email: the link that it was made with, and where its receipt goes; None and '' for a user's.
    """

    CREATED, SENT, APPROVED = "created", "sent", "approved"
    DECLINED, ABANDONED = "declined", "abandoned"
    HOLDING = (CREATED, SENT, APPROVED)
    SUBMITTED, SETTLED, FAILED, VOIDED = "submitted", "settled", "failed", "voided"
    BELIEVED = (SUBMITTED, SETTLED)

    reference = CharField(unique=True, default=lambda: "PAY-" + public_id(10).upper())
    token = CharField(unique=True)
    order_id = CharField(unique=True)
    customer = ForeignKeyField(Customer, backref="attempts", index=False, on_delete="RESTRICT")
    user = ForeignKeyField(User, backref="attempts", on_delete="RESTRICT")
    customer_id: int
    user_id: int
    allocations: "ModelSelect[Any]"
    amount_minor = BigIntegerField()
    currency = CharField(max_length=3)
    merchant_account = CharField(default="")
    nonce = CharField(null=True)
    device_data = TextField(null=True)
    state = CharField(default=CREATED)
    settlement = CharField(default="")
    transaction_id = CharField(unique=True, null=True)
    card_type = CharField(default="")
    last_four = CharField(default="")
    reason = CharField(default="")
    processor_code = CharField(default="")
    processor_text = CharField(default="")
    created_ms = BigIntegerField()
    sent_ms = BigIntegerField(null=True)
    touched_ms = BigIntegerField()
    decided_ms = BigIntegerField(null=True)
    settled_ms = BigIntegerField(null=True)
    poll_ms = BigIntegerField(null=True)
    named_id = CharField(default="", constraints=[SQL("DEFAULT ''")])
    looked_ms = BigIntegerField(null=True)
    searching_ms = BigIntegerField(null=True)
    empty_searches = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    duplicate_ms = BigIntegerField(null=True)
    resent_ms = BigIntegerField(null=True)
    unclear_ms = BigIntegerField(null=True)
    unclear_looks = IntegerField(default=0, constraints=[SQL("DEFAULT 0")])
    decision_ms = BigIntegerField(null=True)
    doubles_checked = BooleanField(default=False, constraints=[SQL("DEFAULT 0")])
    gateway = CharField(default="", constraints=[SQL("DEFAULT ''")])
    payment_link = ForeignKeyField(PaymentLink, null=True, backref="attempts", on_delete="RESTRICT")
    payment_link_id: int | None
    payer_email = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "attempt"
        indexes = ((("customer", "id"), False), (("state", "touched_ms"), False))
        constraints = checks(
            "amount_minor > 0",
            "state IN ('created', 'sent', 'approved', 'declined', 'abandoned')",
            "settlement IN ('', 'submitted', 'settled', 'failed', 'voided')",
            "(state = 'approved') = (settlement <> '')",
            "empty_searches >= 0 AND unclear_looks >= 0",
        )

    # Queries

    @classmethod
    def visible_to(cls, viewer):
        attempts = cls.select().where(cls.customer == viewer.customer_id)
        return (
            attempts if viewer.payment_link_id is None else attempts.where(cls.payment_link == viewer.payment_link_id)
        )

    @classmethod
    def owners(cls, reference: str) -> set[int]:
        return set(cls.select(cls.customer).where(cls.reference == reference).scalars())

    @classmethod
    def by_reference(cls, viewer, reference: str) -> "Attempt | None":
        return cls.visible_to(viewer).where(cls.reference == reference).get_or_none()

    @classmethod
    def newest_approved(cls) -> "Attempt | None":
        return cls.select().where(cls.state == cls.APPROVED).order_by(cls.id.desc()).first()

    @classmethod
    def older_than(cls, viewer, attempt: "Attempt | None" = None):
        query = cls._with_people(viewer).order_by(cls.id.desc())
        return query if attempt is None else query.where(cls.id < attempt.id)

    @classmethod
    def newer_than(cls, viewer, attempt: "Attempt"):
        return cls._with_people(viewer).where(cls.id > attempt.id).order_by(cls.id)

    @classmethod
    def _with_people(cls, viewer):
        return cls.visible_to(viewer).select(cls, User).join(User)

    @classmethod
    def by_token(cls, token: str) -> "Attempt | None":
        return cls.get_or_none(cls.token == token)

    @classmethod
    def idle(cls, state: str, now_ms: int, patience_ms: int, gateway_id: str):
        """Attempts in `state` at the gateway `gateway_id` that were not touched for `patience_ms`, longest untouched
        first. Those touched in the future were touched while the clock was ahead, and come first."""
        touched = (cls.touched_ms <= now_ms - patience_ms) | (cls.touched_ms > now_ms + patience_ms)
        order = Case(None, [(cls.touched_ms > now_ms, 0)], cls.touched_ms)
        return cls.select().where(cls.at(gateway_id), cls.state == state, touched).order_by(order, cls.id)

    @classmethod
    def due_for_poll(cls, now_ms: int, most_ms: int, gateway_id: str):
        """Attempts charged at the gateway `gateway_id` that are due to be polled for settlement. A time more than
        `most_ms` away was written while the clock was ahead, and counts as due."""
        due = (cls.poll_ms <= now_ms) | (cls.poll_ms > now_ms + most_ms)
        order = Case(None, [(cls.poll_ms > now_ms, 0)], cls.poll_ms)
        return cls.select().where(cls.at(gateway_id), cls.poll_ms.is_null(False), due).order_by(order, cls.id)

    @classmethod
    def decided_since(cls, moment_ms: int, gateway_id: str):
        return cls.select().where(cls.at(gateway_id), cls.state == cls.APPROVED, cls.decided_ms >= moment_ms)

    @classmethod
    def at(cls, gateway_id: str):
        return cls.gateway.in_((gateway_id, ""))

    @classmethod
    def note_gateway(cls, gateway_id: str) -> None:
        # Attempts without a gateway were made at the configured one, before it was recorded.
        cls.update(gateway=gateway_id).where(cls.gateway == "").execute()

    @classmethod
    def made_in_demo(cls):
        is_undecided = cls.state.in_((cls.CREATED, cls.SENT))
        return cls.select().where(cls.gateway.startswith("demo:"), is_undecided | cls.believed())

    @classmethod
    def believed(cls):
        """The property `is_believed` as a condition for queries."""
        return (cls.state == cls.APPROVED) & cls.settlement.in_(cls.BELIEVED)

    @classmethod
    def by_audit_subject(cls, subject: str) -> "Attempt | None":
        kind, _, reference = subject.partition(":")
        return cls.get_or_none(cls.reference == reference) if kind == "attempt" else None

    @classmethod
    def first_decided_ms(cls) -> int | None:
        return cls.select(fn.MIN(cls.decided_ms)).where(cls.state == cls.APPROVED).scalar()

    @classmethod
    def forget_nonces(cls) -> None:
        """After a restore: mark undecided attempts as sent and delete their nonces, because they may have been sent
        and decided since the backup. The gateway is asked about them, and nothing sends them again."""
        undecided = cls.state.in_((cls.CREATED, cls.SENT))
        sent_ms = fn.COALESCE(cls.sent_ms, cls.touched_ms)
        cls.update(state=cls.SENT, sent_ms=sent_ms, nonce=None, device_data=None).where(undecided).execute()

    # State changes. Each is one transaction; each returns whether this call made the change.

    def send(self, now_ms: int) -> bool:
        # From here on the gateway may have charged.
        return self.change_state(self.CREATED, self.SENT, now_ms, sent_ms=now_ms)

    def abandon(self, now_ms: int, *, since: str) -> bool:
        return self.change_state(since, self.ABANDONED, now_ms, decided_ms=now_ms, nonce=None, device_data=None)

    @property
    def needs_decision(self) -> bool:
        return self.state == self.SENT and self.decision_ms is not None

    @property
    def receipt_email(self) -> str:
        return self.payer_email or self.user.email

    @property
    def charge_id(self) -> str:
        return self.transaction_id or ""

    @property
    def is_believed(self) -> bool:
        """True if its charge counts as money: approved, and neither failed nor voided."""
        return self.state == self.APPROVED and self.settlement in self.BELIEVED

    def claim(self, now_ms: int) -> bool:
        """Reserve this undecided attempt for one look by this worker. Returns False if another worker did so first."""
        is_untouched = (Attempt.state == self.state) & (Attempt.touched_ms == self.touched_ms)
        return bool(claim(self, is_untouched, touched_ms=now_ms))

    def claim_poll(self, next_ms: int) -> bool:
        """Reserve this attempt for one question to the gateway. Returns False if another worker did so first."""
        return bool(claim(self, Attempt.poll_ms == self.poll_ms, poll_ms=next_ms))

    # State of the reconciliation

    def remember(self, **values) -> None:
        Attempt.update(values).where(Attempt.id == self.id).execute()
        self.set_values(values)

    def since(self, name: str, now_ms: int) -> int:
        """The time in the column `name`. If it is empty or in the future, it is set to now first: a future time was
        written while the clock was ahead, and proves nothing."""
        stored_ms = getattr(self, name)
        if stored_ms is None or stored_ms > now_ms:
            self.remember(**{name: now_ms})
        return getattr(self, name)

    def count(self, name: str) -> int:
        column = getattr(Attempt, name)
        Attempt.update({column: column + 1}).where(Attempt.id == self.id).execute()
        self.set_values({name: getattr(self, name) + 1})
        return getattr(self, name)

    @one_transaction
    def ask_for_decision(self, now_ms: int, why: str) -> None:
        undecided = (Attempt.id == self.id) & (Attempt.state == self.SENT) & Attempt.decision_ms.is_null()
        if Attempt.update(decision_ms=now_ms).where(undecided).execute():
            self.set_values({"decision_ms": now_ms})
            self.note("undecided", now_ms, transaction=self.named_id, why=why)

    def age_ms(self, now_ms: int) -> int:
        """Time since the attempt was created, or since the first look if it was created while the clock was ahead."""
        looked_ms = self.since("looked_ms", now_ms)
        return now_ms - (self.created_ms if self.created_ms <= now_ms else looked_ms)

    def note(self, event: str, now_ms: int, actor: str = "", **detail) -> None:
        Audit.write(f"payment.{event}", now_ms, subject=f"attempt:{self.reference}", actor=actor, **detail)

    def note_once(self, event: str, now_ms: int, **detail) -> bool:
        return Audit.write_once(f"payment.{event}", now_ms, subject=f"attempt:{self.reference}", **detail)

    @one_transaction
    def change_state(self, before: str, after: str, now_ms: int, untouched: bool = False, **values) -> bool:
        """Compare-and-set the state. A caller that gets False was too late and must stop."""
        self.lock_invoices()
        unchanged = (Attempt.id == self.id) & (Attempt.state == before)
        if untouched:
            unchanged &= Attempt.touched_ms == self.touched_ms
        values.update(state=after, touched_ms=now_ms)
        moved = Attempt.update(values).where(unchanged).execute()
        if moved:
            self.set_values(values)
            self.recount_invoices()
            self.note(after, now_ms)
        return bool(moved)

    def lock_invoices(self) -> None:
        Invoice.lock([line.invoice_id for line in self.allocations])

    def recount_invoices(self) -> None:
        Invoice.recount([line.invoice_id for line in self.allocations])

    def set_values(self, values: dict) -> None:
        for name, value in values.items():
            setattr(self, name, value)
