"""Payment attempts, their allocations to invoices, and the append-only ledger.

The protocol is in app/payments/checkout.py.
"""

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
from app.models.base import BaseModel, checks, db, public_id
from app.models.customer import Customer
from app.models.import_memory import EarlyImport
from app.models.invoice import Invoice
from app.models.user import User


class Attempt(BaseModel):
    """One try to charge one card once.

    state: created -> sent -> approved | declined; created -> abandoned.
    settlement (of an approved attempt): submitted -> settled | failed | voided.
    All `_ms` are milliseconds since 1970, UTC.

    State of the reconciliation of a sent attempt:
    named_id: the transaction that an answer named without a verdict.
    looked_ms: first look. empty_searches: number of searches without a charge. searching_ms: first such search after
    which no charge could come any more. duplicate_ms: the gateway rejected the first try as a duplicate.
    resent_ms: first try to send it again. unclear_ms, unclear_looks: first time and number of looks that the gateway
    did not answer with a verdict. decision_ms: since when an administrator is asked to decide.
    doubles_checked (of an approved attempt): no other charge has its order ID.

    gateway: "environment:merchant id" of the gateway that it was made at; no other gateway can be asked about it.
    """

    CREATED, SENT, APPROVED = "created", "sent", "approved"
    DECLINED, ABANDONED = "declined", "abandoned"
    HOLDING = (CREATED, SENT, APPROVED)
    SUBMITTED, SETTLED, FAILED, VOIDED = "submitted", "settled", "failed", "voided"

    reference = CharField(unique=True, default=lambda: "PAY-" + public_id(10).upper())
    token = CharField(unique=True)
    order_id = CharField(unique=True)
    customer = ForeignKeyField(Customer, backref="attempts", index=False, on_delete="RESTRICT")
    user = ForeignKeyField(User, backref="attempts", on_delete="RESTRICT")
    allocations: "ModelSelect[Allocation]"
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
        """All attempts of the viewer's customer, including those of colleagues."""
        return cls.select().where(cls.customer == viewer.customer_id)

    @classmethod
    def owners(cls, reference: str) -> set[int]:
        """The id of the attempt's customer, as a set; empty if there is no such attempt."""
        return set(cls.select(cls.customer).where(cls.reference == reference).scalars())

    @classmethod
    def named(cls, viewer, reference: str) -> "Attempt | None":
        """The viewer's attempt with this public reference."""
        return cls.visible_to(viewer).where(cls.reference == reference).get_or_none()

    @classmethod
    def older_than(cls, viewer, attempt: "Attempt | None" = None):
        """The viewer's attempts older than `attempt`, or all, with their users, newest first."""
        query = cls._with_people(viewer).order_by(cls.id.desc())
        return query if attempt is None else query.where(cls.id < attempt.id)

    @classmethod
    def newer_than(cls, viewer, attempt: "Attempt"):
        """The viewer's attempts newer than `attempt`, with their users, oldest first."""
        return cls._with_people(viewer).where(cls.id > attempt.id).order_by(cls.id)

    @classmethod
    def _with_people(cls, viewer):
        return cls.select(cls, User).join(User).where(cls.customer == viewer.customer_id)

    @classmethod
    def by_token(cls, token: str) -> "Attempt | None":
        return cls.get_or_none(cls.token == token)

    @classmethod
    def idle(cls, state: str, now_ms: int, patience_ms: int, place: str):
        """Attempts in `state` at the gateway `place` that were not touched for `patience_ms`, longest untouched first.
        Those with a time in the future were touched while the clock was ahead, and come first."""
        touched = (cls.touched_ms <= now_ms - patience_ms) | (cls.touched_ms > now_ms + patience_ms)
        order = Case(None, [(cls.touched_ms > now_ms, 0)], cls.touched_ms)
        return cls.select().where(cls.at(place), cls.state == state, touched).order_by(order, cls.id)

    @classmethod
    def due_for_poll(cls, now_ms: int, most_ms: int, place: str):
        """Attempts charged at the gateway `place` that are due to be polled for settlement. A time further away than
        `most_ms` was written while the clock was ahead, and is due too."""
        due = (cls.poll_ms <= now_ms) | (cls.poll_ms > now_ms + most_ms)
        order = Case(None, [(cls.poll_ms > now_ms, 0)], cls.poll_ms)
        return cls.select().where(cls.at(place), cls.poll_ms.is_null(False), due).order_by(order, cls.id)

    @classmethod
    def decided_since(cls, moment_ms: int, place: str):
        """Approved attempts at the gateway `place`, decided at or after `moment_ms`."""
        return cls.select().where(cls.at(place), cls.state == cls.APPROVED, cls.decided_ms >= moment_ms)

    @classmethod
    def at(cls, place: str):
        """The condition that an attempt was made at this gateway, or before the gateway was recorded."""
        return cls.gateway.in_((place, ""))

    @classmethod
    def note_gateway(cls, place: str) -> None:
        """Record `place` for attempts made before the gateway was recorded: they were made at the configured one."""
        cls.update(gateway=place).where(cls.gateway == "").execute()

    @classmethod
    def made_in_demo(cls):
        """Attempts at the demo gateway, where no money moves, that still reserve or pay invoices."""
        pays = (cls.state == cls.APPROVED) & cls.settlement.in_((cls.SUBMITTED, cls.SETTLED))
        return cls.select().where(cls.gateway.startswith("demo:"), cls.state.in_((cls.CREATED, cls.SENT)) | pays)

    @classmethod
    def referenced(cls, subject: str) -> "Attempt | None":
        """The attempt of an audit line's subject, like "attempt:PAY-…"."""
        kind, _, reference = subject.partition(":")
        return cls.get_or_none(cls.reference == reference) if kind == "attempt" else None

    def is_held_elsewhere(self, transaction_id: str) -> bool:
        """Whether the transaction belongs to another attempt, or the ledger has its money for another one."""
        others = Attempt.select().where(Attempt.transaction_id == transaction_id, Attempt.id != self.id)
        booked = LedgerEntry.select(fn.SUM(LedgerEntry.amount_minor)).where(LedgerEntry.gateway_ref == transaction_id)
        return others.exists() or (booked.where(LedgerEntry.attempt != self.id).scalar() or 0) > 0

    @classmethod
    def first_decided_ms(cls) -> int | None:
        """When the first charge was approved; None before that."""
        return cls.select(fn.MIN(cls.decided_ms)).where(cls.state == cls.APPROVED).scalar()

    @classmethod
    def for_transaction(cls, transaction_id: str, order_id: str) -> "Attempt | None":
        """The attempt that a gateway transaction belongs to, or the undecided one whose answer named it."""
        attempt = cls.get_or_none(cls.order_id == order_id) or cls.get_or_none(cls.transaction_id == transaction_id)
        if attempt is not None:
            return attempt
        line = LedgerEntry.get_or_none(LedgerEntry.gateway_ref == transaction_id)
        if line is not None:
            return line.attempt
        return cls.get_or_none(cls.state == cls.SENT, cls.named_id == transaction_id) if transaction_id else None

    def lines(self):
        """The allocations with their invoices, oldest due first."""
        return (
            Allocation.select(Allocation, Invoice)
            .join(Invoice)
            .where(Allocation.attempt == self.id)
            .order_by(Invoice.due_on, Invoice.id)
        )

    @classmethod
    def forget_nonces(cls) -> None:
        """Mark undecided attempts as sent and delete their nonces, after a restore: they may have been sent and decided
        since the backup. The gateway is asked about them, and nothing sends them again."""
        undecided = cls.state.in_((cls.CREATED, cls.SENT))
        sent_ms = fn.COALESCE(cls.sent_ms, cls.touched_ms)
        cls.update(state=cls.SENT, sent_ms=sent_ms, nonce=None, device_data=None).where(undecided).execute()

    # State changes. Each is one transaction; each returns whether this call made the change.

    @classmethod
    def reserve(cls, split: list[tuple[Invoice, int]], *, now_ms: int, actor: str, **values) -> "Attempt":
        """Create an attempt that reserves `split`: (invoice, minor units) pairs. Call it in the transaction that locked
        the invoices and read the open amounts."""
        attempt = cls.create(created_ms=now_ms, touched_ms=now_ms, **values)
        Allocation.insert_many(
            [{"attempt": attempt.id, "invoice": invoice.id, "amount_minor": minor} for invoice, minor in split]
        ).execute()
        Invoice.recount([invoice.id for invoice, _ in split])
        attempt.note("created", now_ms, actor=actor, amount_minor=attempt.amount_minor, currency=attempt.currency)
        return attempt

    def send(self, now_ms: int) -> bool:
        """created -> sent. From here on the gateway may have charged."""
        return self._move(self.CREATED, self.SENT, now_ms, sent_ms=now_ms)

    def abandon(self, now_ms: int, *, since: str) -> bool:
        """`since` -> abandoned: release the reservation."""
        return self._move(since, self.ABANDONED, now_ms, decided_ms=now_ms, nonce=None, device_data=None)

    def decline(self, now_ms: int, *, reason: str, transaction=None, text: str = "", untouched=False) -> bool:
        """sent -> declined: nothing was charged, and the reservation is released. With `untouched` only if no worker
        has claimed the attempt since it was read, because that one may have charged. False for a transaction that
        belongs to another attempt."""
        facts = {"processor_text": text}
        if transaction is not None:
            if self.is_held_elsewhere(transaction.id):
                return False
            facts = {
                "transaction_id": transaction.id,
                "card_type": transaction.card_type,
                "last_four": transaction.last_four,
                "processor_code": transaction.processor_code,
                "processor_text": transaction.processor_text,
            }
        return self._move(
            self.SENT,
            self.DECLINED,
            now_ms,
            untouched,
            decided_ms=now_ms,
            nonce=None,
            device_data=None,
            reason=reason,
            **facts,
        )

    def approve(self, transaction, now_ms: int, *, poll_ms: int, receipt) -> bool:
        """sent -> approved, with its ledger line and its receipt. False for a transaction that belongs to another
        attempt.

        `receipt(attempt)` is called inside the transaction and queues the mail.
        """
        with db.atomic():
            moved = not self.is_held_elsewhere(transaction.id) and self._move(
                self.SENT,
                self.APPROVED,
                now_ms,
                decided_ms=now_ms,
                nonce=None,
                device_data=None,
                poll_ms=poll_ms,
                settlement=self.SUBMITTED,
                transaction_id=transaction.id,
                card_type=transaction.card_type,
                last_four=transaction.last_four,
            )
            if moved:
                LedgerEntry.charge(transaction.id, self, self.amount_minor, now_ms)
                receipt(self)
        return moved

    @classmethod
    def adopt(cls, charge, split: list[tuple[Invoice, int]], now_ms: int, **values) -> "Attempt":
        """Book a charge that a restored database doesn't have: approved, with the positive parts of `split` allocated,
        each at most EarlyImport.room. The rest of the charge pays no invoice, and administrators are alerted. Call it
        in the transaction that locked the invoices."""
        made_ms = charge.made_ms or now_ms
        attempt = cls.create(
            token=f"adopted-{charge.id}",
            order_id=charge.order_id,
            amount_minor=charge.amount_minor,
            currency=charge.currency,
            state=cls.APPROVED,
            settlement=cls.SUBMITTED,
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
        parts = [
            {"attempt": attempt.id, "invoice": invoice.id, "amount_minor": minor} for invoice, minor in split if minor
        ]
        if parts:
            Allocation.insert_many(parts).execute()
        for invoice, minor in split:
            EarlyImport.include(invoice, minor, made_ms)
        LedgerEntry.record(LedgerEntry.CHARGE, charge.id, attempt, charge.amount_minor, now_ms)
        attempt._recount()
        attempt.note("adopted", now_ms, transaction=charge.id)
        excess = charge.amount_minor - sum(part["amount_minor"] for part in parts)
        if excess:
            attempt.note("excess", now_ms, transaction=charge.id, amount_minor=excess, currency=charge.currency)
        return attempt

    @property
    def needs_decision(self) -> bool:
        """Whether an administrator is asked to decide about this attempt."""
        return self.state == self.SENT and self.decision_ms is not None

    @classmethod
    def declined_of(cls, invoice_id: int, most: int):
        """Declined attempts to pay this invoice, with their users, latest first, at most `most`."""
        return (
            cls.select(cls, User)
            .join(User)
            .switch(cls)
            .join(Allocation)
            .where(Allocation.invoice == invoice_id, cls.state == cls.DECLINED)
            .order_by(cls.id.desc())
            .limit(most)
        )

    @classmethod
    def undecided_of(cls, invoice_id: int):
        """Attempts to pay this invoice that an administrator is asked to decide about."""
        return (
            cls.select()
            .join(Allocation)
            .where(Allocation.invoice == invoice_id, cls.state == cls.SENT, cls.decision_ms.is_null(False))
            .order_by(cls.id)
        )

    @property
    def is_believed(self) -> bool:
        """Whether its charge counts as money: approved, and neither failed nor voided."""
        return self.state == self.APPROVED and self.settlement in (self.SUBMITTED, self.SETTLED)

    def settle(self, now_ms: int) -> bool:
        """submitted -> settled."""
        return self._settle(self.SETTLED, now_ms, (self.SUBMITTED,), settled_ms=now_ms)

    def fail(self, now_ms: int, letter=None, **facts) -> bool:
        """submitted or settled -> failed: the charge did not settle, or was reversed later. The invoices reopen.

        `letter(attempt)` is called inside the transaction and queues the mail to the payer. `facts` are for the audit
        line.
        """
        before = (self.SUBMITTED, self.SETTLED)
        return self._settle(self.FAILED, now_ms, before, LedgerEntry.SETTLEMENT_DECLINED, letter, facts)

    def void(self, now_ms: int, letter=None, **facts) -> bool:
        """submitted or settled -> voided, at the gateway. The invoices reopen. `letter` and `facts`: see `fail`."""
        before = (self.SUBMITTED, self.SETTLED)
        return self._settle(self.VOIDED, now_ms, before, LedgerEntry.VOID, letter, facts)

    def undo_demo(self, now_ms: int) -> None:
        """Undo a payment of the demo gateway, where no money moved: the invoices reopen, and no mail is sent."""
        if self.state != self.APPROVED:
            self.abandon(now_ms, since=self.state)
            return
        is_paying = (Attempt.id == self.id) & Attempt.settlement.in_((self.SUBMITTED, self.SETTLED))
        with db.atomic():
            if Attempt.update(settlement=self.VOIDED, poll_ms=None).where(is_paying).execute():
                LedgerEntry.record(LedgerEntry.VOID, self.transaction_id, self, -self.amount_minor, now_ms)
                self._recount()
                self.note("demo_undone", now_ms)

    def replace_charge(self, transaction, now_ms: int, *, poll_ms: int) -> bool:
        """Correct the transaction of an approved attempt: the gateway's answer named another attempt's, and
        `transaction` is the right one. The ledger is corrected, and administrators are alerted."""
        wrong, same = self.transaction_id, (Attempt.id == self.id) & (Attempt.transaction_id == self.transaction_id)
        values = {
            "transaction_id": transaction.id,
            "card_type": transaction.card_type,
            "last_four": transaction.last_four,
            "settlement": self.SUBMITTED,
            "poll_ms": poll_ms,
            "doubles_checked": False,
        }
        with db.atomic():
            if self.is_held_elsewhere(transaction.id) or LedgerEntry.holds(transaction.id):
                return False
            if not Attempt.update(values).where(same, Attempt.state == self.APPROVED).execute():
                return False
            self._now_has(values)
            LedgerEntry.record(LedgerEntry.VOID, wrong, self, -self.amount_minor, now_ms)
            LedgerEntry.charge(transaction.id, self, transaction.amount_minor, now_ms)
            self._recount()
            self.note("corrected", now_ms, transaction=transaction.id, instead_of=wrong)
        return True

    def receive_unapplied(self, transaction, now_ms: int) -> None:
        """Book money for an attempt that was closed without it. It pays no invoice until an administrator decides."""
        with db.atomic():
            if LedgerEntry.holds(transaction.id) or LedgerEntry.was_unapplied(transaction.id):
                return
            LedgerEntry.record(
                LedgerEntry.UNAPPLIED, transaction.id, self, transaction.amount_minor, now_ms, transaction.currency
            )
            self.note(
                "unapplied",
                now_ms,
                transaction=transaction.id,
                amount_minor=transaction.amount_minor,
                currency=transaction.currency,
            )

    def return_unapplied(self, transaction, now_ms: int) -> None:
        """Book that unapplied money went back: its charge was voided, or declined at settlement."""
        with db.atomic():
            if LedgerEntry.is_unapplied(transaction.id):
                LedgerEntry.record(
                    LedgerEntry.UNAPPLIED_RETURNED,
                    transaction.id,
                    self,
                    -transaction.amount_minor,
                    now_ms,
                    transaction.currency,
                )
                self.note("unapplied_returned", now_ms, transaction=transaction.id)

    def refund_unapplied(self, refund, now_ms: int) -> None:
        """Book that unapplied money went back: all of it was refunded at the gateway."""
        with db.atomic():
            waiting = [line for line in LedgerEntry.waiting([self]) if line.gateway_ref == refund.refunds]
            if waiting and waiting[0].amount_minor == refund.amount_minor:
                LedgerEntry.record(
                    LedgerEntry.UNAPPLIED_RETURNED, refund.refunds, self, -refund.amount_minor, now_ms, refund.currency
                )
                self.note("unapplied_returned", now_ms, transaction=refund.refunds)

    def claim(self, now_ms: int) -> bool:
        """Reserve this undecided attempt for one look by this worker. False if another worker was faster."""
        claimed = (
            Attempt.update(touched_ms=now_ms)
            .where(Attempt.id == self.id, Attempt.state == self.state, Attempt.touched_ms == self.touched_ms)
            .execute()
        )
        return bool(claimed)

    def poll_again(self, at_ms: int) -> None:
        Attempt.update(poll_ms=at_ms).where(Attempt.id == self.id, Attempt.poll_ms.is_null(False)).execute()

    # State of the reconciliation

    def remember(self, **values) -> None:
        """Set columns of this attempt in any state."""
        Attempt.update(values).where(Attempt.id == self.id).execute()
        self._now_has(values)

    def since(self, name: str, now_ms: int) -> int:
        """The time in the column `name`, which is set to now if it is empty or in the future: such a time was written
        while the clock was ahead, and proves nothing."""
        stored_ms = getattr(self, name)
        if stored_ms is None or stored_ms > now_ms:
            self.remember(**{name: now_ms})
        return getattr(self, name)

    def count(self, name: str) -> int:
        """Add one to the column `name`, and return the new value."""
        column = getattr(Attempt, name)
        Attempt.update({column: column + 1}).where(Attempt.id == self.id).execute()
        self._now_has({name: getattr(self, name) + 1})
        return getattr(self, name)

    def ask_for_decision(self, now_ms: int, why: str) -> None:
        """Ask administrators to decide about a sent attempt, once."""
        undecided = (Attempt.id == self.id) & (Attempt.state == self.SENT) & Attempt.decision_ms.is_null()
        with db.atomic():
            if Attempt.update(decision_ms=now_ms).where(undecided).execute():
                self._now_has({"decision_ms": now_ms})
                self.note("undecided", now_ms, transaction=self.named_id, why=why)

    def age_ms(self, now_ms: int) -> int:
        """Time since it was created, or since the first look if it was created while the clock was ahead."""
        looked_ms = self.since("looked_ms", now_ms)
        return now_ms - (self.created_ms if self.created_ms <= now_ms else looked_ms)

    def note(self, event: str, now_ms: int, actor: str = "", **detail) -> None:
        """Add an audit line about this attempt."""
        Audit.write(f"payment.{event}", now_ms, subject=f"attempt:{self.reference}", actor=actor, **detail)

    def note_once(self, event: str, now_ms: int, **detail) -> bool:
        """Add an audit line unless the same one exists. Returns whether it was added."""
        return Audit.write_once(f"payment.{event}", now_ms, subject=f"attempt:{self.reference}", **detail)

    def _move(self, before: str, after: str, now_ms: int, untouched: bool = False, **values) -> bool:
        """Compare-and-set the state. A caller that gets False lost the race and must stop."""
        unchanged = (Attempt.id == self.id) & (Attempt.state == before)
        if untouched:
            unchanged &= Attempt.touched_ms == self.touched_ms
        with db.atomic():
            values.update(state=after, touched_ms=now_ms)
            moved = Attempt.update(values).where(unchanged).execute()
            if moved:
                self._now_has(values)
                self._recount()
                self.note(after, now_ms)
        return bool(moved)

    def _settle(
        self,
        after: str,
        now_ms: int,
        before: tuple[str, ...],
        entry: str = "",
        letter=None,
        facts: dict | None = None,
        **values,
    ) -> bool:
        with db.atomic():
            values.update(settlement=after, poll_ms=None)
            moved = (
                Attempt.update(values)
                .where(Attempt.id == self.id, Attempt.state == self.APPROVED, Attempt.settlement.in_(before))
                .execute()
            )
            if moved:
                if entry:
                    LedgerEntry.record(entry, self.transaction_id, self, -self.amount_minor, now_ms)
                self._now_has(values)
                self._recount()
                self.note(after, now_ms, **(facts or {}))
                if letter is not None:
                    letter(self)
        return bool(moved)

    def _recount(self) -> None:
        Invoice.recount([line.invoice_id for line in self.allocations])

    def _now_has(self, values: dict) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class Allocation(BaseModel):
    """The part of one invoice that an attempt pays. It reserves the amount while the attempt is in a state of
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
        """Allocations of these attempts, with the invoices, oldest due first."""
        return (
            cls.select(cls, Invoice)
            .join(Invoice)
            .where(cls.attempt.in_([attempt.id for attempt in attempts]))
            .order_by(Invoice.due_on, Invoice.id)
        )

    @classmethod
    def recent(cls, viewer, since_ms: int):
        """Allocations of the viewer's customer without a verdict yet, or paid at or after `since_ms`, with
        attempt, user and invoice."""
        deciding = Attempt.state.in_((Attempt.CREATED, Attempt.SENT))
        is_money = Attempt.settlement.not_in((Attempt.FAILED, Attempt.VOIDED))
        paid = (Attempt.state == Attempt.APPROVED) & is_money & (Attempt.decided_ms >= since_ms)
        return (
            cls.select(cls, Attempt, User, Invoice)
            .join(Attempt)
            .join(User)
            .switch(cls)
            .join(Invoice)
            .where(Attempt.customer == viewer.customer_id, deciding | paid)
            .order_by(Attempt.id, Invoice.id)
        )


class LedgerEntry(BaseModel):
    """Money that moved at the gateway. Append-only; `amount_minor` is negative if it went back to the payer."""

    CHARGE, REBOOKED = "charge", "rebooked"
    UNAPPLIED, UNAPPLIED_RETURNED = "unapplied", "unapplied_returned"
    SETTLEMENT_DECLINED = "settlement_declined"
    VOID = "void"

    kind = CharField()
    gateway_ref = CharField()
    attempt = ForeignKeyField(Attempt, null=True, backref="ledger", on_delete="RESTRICT")
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
    def holds(cls, gateway_ref: str) -> bool:
        """Whether the ledger still has money of this transaction."""
        return (cls.select(fn.SUM(cls.amount_minor)).where(cls.gateway_ref == gateway_ref).scalar() or 0) > 0

    @classmethod
    def was_unapplied(cls, gateway_ref: str) -> bool:
        return cls.select().where(cls.gateway_ref == gateway_ref, cls.kind == cls.UNAPPLIED).exists()

    @classmethod
    def is_unapplied(cls, gateway_ref: str) -> bool:
        """Whether money of this transaction is unapplied."""
        kinds = [line.kind for line in cls.select().where(cls.gateway_ref == gateway_ref)]
        return cls.UNAPPLIED in kinds and cls.UNAPPLIED_RETURNED not in kinds

    @classmethod
    def waiting(cls, attempts: list[Attempt]) -> list["LedgerEntry"]:
        """Lines of money for these attempts that is unapplied and was not returned."""
        kinds = (cls.UNAPPLIED, cls.UNAPPLIED_RETURNED)
        ids = [attempt.id for attempt in attempts]
        lines = list(cls.select().where(cls.attempt.in_(ids), cls.kind.in_(kinds)).order_by(cls.id))
        returned = {line.gateway_ref for line in lines if line.kind == cls.UNAPPLIED_RETURNED}
        return [line for line in lines if line.gateway_ref not in returned]

    @classmethod
    def charge(cls, gateway_ref: str, attempt: Attempt, amount_minor: int, now_ms: int) -> None:
        """Book a charge: as REBOOKED if the ledger had it before, for another attempt, and that was corrected."""
        before = cls.select().where(cls.gateway_ref == gateway_ref, cls.kind == cls.CHARGE).exists()
        cls.record(cls.REBOOKED if before else cls.CHARGE, gateway_ref, attempt, amount_minor, now_ms)

    @classmethod
    def record(
        cls, kind: str, gateway_ref: str | None, attempt: Attempt, amount_minor: int, now_ms: int, currency: str = ""
    ) -> None:
        """Add a line, by default in the attempt's currency. Raises IntegrityError for the same kind and transaction
        twice, and for none."""
        cls.insert(
            kind=kind,
            gateway_ref=gateway_ref,
            attempt=attempt.id,
            amount_minor=amount_minor,
            currency=currency or attempt.currency,
            at_ms=now_ms,
        ).execute()
