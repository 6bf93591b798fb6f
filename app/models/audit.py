"""The audit trail: actor, action, time and address. Append-only; never holds a secret."""

import json
from dataclasses import dataclass
from datetime import datetime

from peewee import BigIntegerField, CharField, TextField, fn

from app.clock import to_ms
from app.models.base import BaseModel, digest


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change: an email address or "console", the time, and the network `address`. `portal_url` is the
    start of links in mails."""

    email: str
    now: datetime
    portal_url: str = ""
    address: str = ""


class Audit(BaseModel):
    at_ms = BigIntegerField(index=True)
    actor = CharField(default="")
    address = CharField(default="")
    event = CharField(index=True)
    subject = CharField(default="", index=True)
    detail = TextField(default="{}")
    once_key = CharField(null=True, unique=True)  # of a line that is written once

    class Meta:
        table_name = "audit"

    @property
    def facts(self) -> dict:
        return json.loads(self.detail)

    # Events that administrators are emailed about at once: a payment that differs from the gateway's records, money
    # that went back, or a worker that can't do its work. Transactions that may be another shop's (FOREIGN) are
    # emailed once a day.
    ALERTS = {
        "payment.mismatch": "Braintree has another charge than was agreed",
        "payment.double": "A card was charged twice for one payment",
        "payment.missing": "Braintree has no record of a charge that is booked here",
        "payment.unmatched": "A charge at Braintree belongs to no payment here",
        "payment.unapplied": "Money came in for a payment that was closed without it",
        "restored": "A backup was restored, and online payment is paused",
        "restore_finished": "Online payment is open again after the restore",
        "payment.excess": "A payment found at Braintree is more than what is open",
        "payment.refunded": "A refund was made at Braintree",
        "payment.failed": "The bank reversed a payment",
        "payment.voided": "A payment was voided at Braintree",
        "payment.dispute": "Dispute {kind}",
        "payment.corrected": "A payment was booked under a transaction that is not its own",
        "payment.undecided": "A payment needs your decision",
        "payment.notice_unreadable": "A notice from Braintree can't be read",
        "payment.unreadable": "A transaction at Braintree can't be read",
        "payment.not_audited": "Payments could not be compared with Braintree for two days",
        "payment.no_receipt": "A receipt could not be written",
        "payment.no_letter": "The payer could not be notified that a payment was reversed",
        "duty.failing": "A duty of the portal keeps failing",
    }
    FOREIGN = "payment.foreign"

    @classmethod
    def write(cls, event: str, now_ms: int, subject: str = "", actor: str = "", address: str = "", **detail) -> None:
        """Add a line, in the caller's transaction. `subject` is like 'attempt:PAY-…' or 'user:maya@…'; `detail` holds
        JSON values."""
        cls.insert(
            event=event,
            at_ms=now_ms,
            subject=subject,
            actor=actor,
            address=address,
            detail=json.dumps(detail, sort_keys=True),
        ).execute()

    @classmethod
    def write_by(cls, actor: Actor, event: str, subject: str, **detail) -> None:
        cls.write(event, to_ms(actor.now), subject, actor.email, actor.address, **detail)

    @classmethod
    def write_once(cls, event: str, now_ms: int, subject: str, **detail) -> bool:
        """Add a line unless this subject already has one with the same event and detail. Returns True if it was
        added."""
        if cls.has(event, subject, **detail):  # earlier releases wrote them without a key
            return False
        text = json.dumps(detail, sort_keys=True)
        line = {"event": event, "at_ms": now_ms, "subject": subject, "detail": text}
        key = digest(f"{event}\n{subject}\n{text}")
        return bool(cls.insert(**line, once_key=key).on_conflict_ignore().as_rowcount().execute())

    @classmethod
    def has(cls, event: str, subject: str, **detail) -> bool:
        same = cls.detail == json.dumps(detail, sort_keys=True)
        return cls.select().where(cls.event == event, cls.subject == subject, same).exists()

    @classmethod
    def newest_ms(cls) -> int | None:
        """None if the trail is empty."""
        line = cls.select(cls.at_ms).order_by(cls.id.desc()).first()
        return line and line.at_ms

    @classmethod
    def about(cls, subject: str):
        return cls.select().where(cls.subject == subject).order_by(cls.id.desc())

    @property
    def title(self) -> str:
        return self.ALERTS[self.event].format(kind=self.facts.get("kind", ""))

    @classmethod
    def alerts(cls, after: int):
        """Alerts with an id above `after`, oldest first."""
        return cls.select().where(cls.event.in_(list(cls.ALERTS)), cls.id > after).order_by(cls.id)

    @classmethod
    def alerts_about(cls, subjects: list[str]):
        return cls.select().where(cls.event.in_(list(cls.ALERTS)), cls.subject.in_(subjects)).order_by(cls.id)

    @classmethod
    def since(cls, event: str, at_ms: int):
        return cls.select().where(cls.event == event, cls.at_ms >= at_ms).order_by(cls.id)

    @classmethod
    def newest(cls, event: str, count: int):
        return cls.select().where(cls.event == event).order_by(cls.id.desc()).limit(count)

    @classmethod
    def between(cls, event: str, after: int, until: int):
        """Lines of this event with after < id <= until, oldest first."""
        return cls.select().where(cls.event == event, cls.id > after, cls.id <= until).order_by(cls.id)

    @classmethod
    def last_ms(cls, event: str, now_ms: int) -> int | None:
        """Time of the last line of this event at or before `now_ms`. Later lines were written while the clock was
        ahead."""
        return cls.select(fn.MAX(cls.at_ms)).where(cls.event == event, cls.at_ms <= now_ms).scalar()

    @classmethod
    def last(cls, event: str) -> "Audit | None":
        return cls.select().where(cls.event == event).order_by(cls.id.desc()).first()
