"""The one-time token for creating the first administrator."""

from datetime import datetime

from peewee import BigIntegerField, CharField

from app.clock import to_ms
from app.models.base import BaseModel, digest, new_token, one_transaction
from app.models.user import User


class FirstRun(BaseModel):
    """At most one row. `closed_ms` is when the first administrator was created; the first run never opens again."""

    token_hash = CharField()
    created_ms = BigIntegerField()
    closed_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "first_run"

    @classmethod
    def is_open(cls) -> bool:
        return not (User.has_administrator() or cls.select().where(cls.closed_ms.is_null(False)).exists())

    @classmethod
    @one_transaction
    def issue(cls, now: datetime) -> str | None:
        """A new token, which replaces the previous one; None if the first run is over."""
        token = new_token()
        if not cls.is_open():
            return None
        cls.delete().execute()
        cls.create(id=1, token_hash=digest(token), created_ms=to_ms(now))
        return token

    @classmethod
    def admits(cls, token: str) -> bool:
        return cls.is_open() and cls.select().where(cls.token_hash == digest(token)).exists()

    @classmethod
    def end_token(cls) -> None:
        cls.delete().where(cls.closed_ms.is_null()).execute()

    @classmethod
    def use(cls, token: str, now: datetime) -> bool:
        """Close the first run with `token`. False if another request was faster. Call it in a transaction."""
        live = (cls.token_hash == digest(token)) & cls.closed_ms.is_null()
        return cls.is_open() and bool(cls.update(closed_ms=to_ms(now)).where(live).execute())

    @classmethod
    def close(cls, now: datetime) -> None:
        """An administrator was created in another way. Call it in a transaction."""
        cls.update(closed_ms=to_ms(now)).where(cls.closed_ms.is_null()).execute()
        if not cls.select().exists():
            cls.create(id=1, token_hash="", created_ms=to_ms(now), closed_ms=to_ms(now))
