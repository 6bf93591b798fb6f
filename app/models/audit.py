"""Who did what, when, from where. Append-only; never holds a secret."""

import json

from peewee import BigIntegerField, CharField, TextField

from app.models.base import BaseModel


class Audit(BaseModel):
    at_ms = BigIntegerField(index=True)
    actor = CharField(default="")
    address = CharField(default="")
    event = CharField(index=True)
    subject = CharField(default="", index=True)
    detail = TextField(default="{}")

    class Meta:
        table_name = "audit"

    @property
    def facts(self) -> dict:
        return json.loads(self.detail)

    # What a person must look at: a payment that does not agree with the gateway's books.
    ALERTS = ("payment.mismatch", "payment.double", "payment.missing", "payment.unmatched", "payment.unapplied",
              "payment.no_receipt", "payment.no_letter", "payment.unreadable", "payment.not_audited", "payment.failed",
              "payment.voided")

    @classmethod
    def write(cls, event: str, now_ms: int, subject: str = "", actor: str = "", address: str = "", **detail) -> None:
        """Add a line. `subject` is like 'attempt:PAY-…' or 'user:maya@…'; `detail` is JSON values."""
        cls.insert(
            event=event, at_ms=now_ms, subject=subject, actor=actor, address=address,
            detail=json.dumps(detail, sort_keys=True),
        ).execute()

    @classmethod
    def write_once(cls, event: str, now_ms: int, subject: str, **detail) -> bool:
        """Add a line unless the same was written about this subject before; whether it was added."""
        same = cls.detail == json.dumps(detail, sort_keys=True)
        if cls.select().where(cls.event == event, cls.subject == subject, same).exists():
            return False
        cls.write(event, now_ms, subject=subject, **detail)
        return True

    @classmethod
    def first_ms(cls, event: str, subject: str) -> int | None:
        """When this event was written about this subject for the first time."""
        line = cls.select().where(cls.event == event, cls.subject == subject).order_by(cls.id).first()
        return line and line.at_ms

    @classmethod
    def about(cls, subject: str):
        """Lines about this subject, newest first."""
        return cls.select().where(cls.subject == subject).order_by(cls.id.desc())

    @classmethod
    def alerts(cls, since_ms: int):
        """Lines that a person must look at, oldest first."""
        return cls.select().where(cls.event.in_(cls.ALERTS), cls.at_ms >= since_ms).order_by(cls.id)

    @classmethod
    def last(cls, event: str) -> "Audit | None":
        return cls.select().where(cls.event == event).order_by(cls.id.desc()).first()
