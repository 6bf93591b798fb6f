"""Notices from the gateway, kept before they are handled."""

from peewee import SQL, BigIntegerField, CharField, TextField

from app.models.base import BaseModel


class Webhook(BaseModel):
    """A genuine notice from the gateway, stored by the hash of its payload; a hint, not a fact."""

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
        """Keep a genuine notice; False when the same one was kept before."""
        kept = cls.insert(
            sha256=sha256, kind=kind, transaction_id=transaction_id, payload=payload, received_ms=now_ms
        ).on_conflict_ignore().as_rowcount().execute()
        return bool(kept)

    @classmethod
    def unhandled(cls):
        """Notices to look into, in the order in which they were last looked into."""
        return cls.select().where(cls.handled_ms.is_null()).order_by(cls.asked_ms, cls.id)

    def asked(self, now_ms: int) -> None:
        """It is being looked into."""
        Webhook.update(asked_ms=now_ms).where(Webhook.id == self.id).execute()

    def handled(self, now_ms: int) -> None:
        Webhook.update(handled_ms=now_ms).where(Webhook.id == self.id).execute()
