"""Webhook notifications from the gateway, stored before they are processed."""

from peewee import SQL, BigIntegerField, CharField, TextField

from app.models.base import BaseModel


class Webhook(BaseModel):
    """An authentic notification, unique by the SHA-256 of its payload. It is only a hint: when it is processed, the
    gateway is asked."""

    sha256 = CharField(unique=True)
    kind = CharField(default="")
    transaction_id = CharField(default="")
    payload = TextField()
    received_ms = BigIntegerField()
    handled_ms = BigIntegerField(null=True)
    asked_ms = BigIntegerField(default=0, constraints=[SQL("DEFAULT 0")])

    class Meta:
        table_name = "webhook"

    @classmethod
    def store(cls, sha256: str, kind: str, transaction_id: str, payload: str, now_ms: int) -> bool:
        is_new = (
            cls.insert(sha256=sha256, kind=kind, transaction_id=transaction_id, payload=payload, received_ms=now_ms)
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        return bool(is_new)

    @classmethod
    def unhandled(cls):
        return cls.select().where(cls.handled_ms.is_null()).order_by(cls.asked_ms, cls.id)

    def asked(self, now_ms: int) -> None:
        Webhook.update(asked_ms=now_ms).where(Webhook.id == self.id).execute()

    def handled(self, now_ms: int) -> None:
        Webhook.update(handled_ms=now_ms).where(Webhook.id == self.id).execute()
