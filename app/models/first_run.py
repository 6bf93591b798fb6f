"""The one-time token for creating the first administrator."""

import base64
import hmac
from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField

from app.clock import AHEAD_MS, to_ms
from app.keys import Keys
from app.models.base import BaseModel, digest, one_transaction
from app.models.user import User

PURPOSE = "first-administrator"
LIFE = timedelta(days=7)


class FirstRun(BaseModel):
    """At most one row. `closed_ms` is when the first administrator was created; the first run never opens again.

    The token is derived from the secret key and `created_ms`, so that each start can show it again; only its hash is
    stored.
    """

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
    def issue(cls, keys: Keys, now: datetime) -> str | None:
        """A new token, which replaces the previous one; None if the first run is closed."""
        if not cls.is_open():
            return None
        at_ms = to_ms(now)
        at_ms += cls.select().where(cls.created_ms == at_ms).exists()  # another token than the previous one
        token = token_of(keys.of(PURPOSE)[0], at_ms)
        cls.delete().execute()
        cls.create(id=1, token_hash=digest(token), created_ms=at_ms)
        return token

    @classmethod
    @one_transaction
    def issued(cls, keys: Keys, now: datetime) -> str | None:
        """The token that still works, or a new one; None if the first run is closed."""
        for row in cls.select().where(cls._is_live(now)) if cls.is_open() else ():
            for token in (token_of(key, row.created_ms) for key in keys.of(PURPOSE)):
                if digest(token) == row.token_hash:
                    return token
        return cls.issue(keys, now)

    @classmethod
    def _is_live(cls, now: datetime):
        is_young = (cls.created_ms > to_ms(now - LIFE)) & (cls.created_ms <= to_ms(now) + AHEAD_MS)
        return is_young & cls.closed_ms.is_null()

    @classmethod
    def accepts(cls, token: str, now: datetime) -> bool:
        return cls.is_open() and cls.select().where(cls.token_hash == digest(token), cls._is_live(now)).exists()

    @classmethod
    def end_token(cls) -> None:
        cls.delete().where(cls.closed_ms.is_null()).execute()

    @classmethod
    def use(cls, token: str, now: datetime) -> bool:
        """Close the first run with `token`. Returns False if another request did so first. Call it in a transaction."""
        live = (cls.token_hash == digest(token)) & cls._is_live(now)
        return cls.is_open() and bool(cls.update(closed_ms=to_ms(now)).where(live).execute())

    @classmethod
    def close(cls, now: datetime) -> None:
        """Close the first run because an administrator was created in another way. Call it in a transaction."""
        cls.update(closed_ms=to_ms(now)).where(cls.closed_ms.is_null()).execute()
        if not cls.select().exists():
            cls.create(id=1, token_hash="", created_ms=to_ms(now), closed_ms=to_ms(now))


def token_of(key: bytes, created_ms: int) -> str:
    made = hmac.digest(key, str(created_ms).encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
