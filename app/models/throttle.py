"""Rate limits. A try is counted before the work that it causes."""

from datetime import datetime

from peewee import BigIntegerField, CharField, IntegerField

from app.clock import AHEAD_MS, is_due, to_ms
from app.models.base import BaseModel, digest, locked, one_transaction

WINDOW_MS = 30 * 60 * 1000
DAY_MS = 24 * 3600 * 1000


class Throttle(BaseModel):
    """Tries under one key: an account ("account:…") or an address ("address:…").

    A try is counted before its outcome is known, and given back if it succeeds, so that simultaneous tries can't exceed
    the limit.
    """

    key = CharField(unique=True)
    tries = IntegerField(default=0)
    window_ms = BigIntegerField()
    locked_until_ms = BigIntegerField(default=0)

    class Meta:
        table_name = "throttle"

    @staticmethod
    def account(email: str) -> str:
        """The key of an account. Hashed, because people type passwords into the email field."""
        return f"account:{digest(email)}"

    @classmethod
    @one_transaction
    def take_try(cls, limits: dict[str, int], now: datetime) -> bool:
        """Count one try under every key of `limits` {key: limit}. If one limit is reached, returns False and counts
        nothing. One transaction."""
        at = to_ms(now)
        rows = [cls._row(key, at) for key in limits]
        if any(row.is_locked(at) or row.tries >= limits[row.key] for row in rows):
            return False
        for row in rows:
            row.tries += 1
            row.save()
        return True

    @classmethod
    def is_spent(cls, limits: dict[str, int], now: datetime) -> bool:
        """Only checks: counts and locks nothing."""
        at = to_ms(now)
        rows = (cls._row(key, at, lock=False) for key in limits)
        return any(row.is_locked(at) or row.tries >= limits[row.key] for row in rows)

    @classmethod
    def spent(cls, keys: list[str], limit: int, now: datetime) -> set[str]:
        at = to_ms(now)
        rows = cls.select().where(cls.key.in_(keys), (cls.tries >= limit) | (cls.locked_until_ms > at))
        return {row.key for row in rows if row.is_locked(at) or not row.is_over(at)}

    @classmethod
    def spent_until(cls, key: str, limit: int, now: datetime) -> int | None:
        """When the next try will be accepted, in milliseconds; None if it would be accepted now."""
        at = to_ms(now)
        row = cls._row(key, at, lock=False)
        if row.is_locked(at):
            return row.locked_until_ms
        return row.window_ms + WINDOW_MS if row.tries >= limit else None

    @classmethod
    def _row(cls, key: str, at: int, lock: bool = True) -> "Throttle":
        query = cls.select().where(cls.key == key)
        row = (locked(query) if lock else query).first() or cls(key=key, window_ms=at)
        if row.is_over(at) and not row.is_locked(at):
            row.tries = 0
            row.window_ms = at
        return row

    def is_over(self, at: int) -> bool:
        return is_due(self.window_ms, at + AHEAD_MS, WINDOW_MS + AHEAD_MS)

    def is_locked(self, at: int) -> bool:
        # A lock that ends later than any lock can was written while the clock was ahead, and doesn't count.
        return at < self.locked_until_ms <= at + WINDOW_MS + AHEAD_MS

    @classmethod
    def lock_if_spent(cls, key: str, limit: int, now: datetime) -> bool:
        """After a wrong try: lock `key` for 30 minutes if the limit is reached. Returns True if this call locked it."""
        at = to_ms(now)
        unlocked = (cls.locked_until_ms <= at) | (cls.locked_until_ms > at + WINDOW_MS + AHEAD_MS)
        spent = (cls.key == key) & (cls.tries >= limit) & unlocked
        return bool(cls.update(locked_until_ms=to_ms(now) + WINDOW_MS).where(spent).execute())

    @classmethod
    def give_back(cls, key: str) -> None:
        cls.update(tries=cls.tries - 1).where((cls.key == key) & (cls.tries > 0)).execute()

    @classmethod
    def clear(cls, key: str) -> None:
        cls.delete().where(cls.key == key).execute()

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        """Delete rows that no longer count or lock anything: those older than a day, and those written while the
        clock was ahead."""
        at = to_ms(now)
        is_over = [(moment < at - DAY_MS) | (moment > at + DAY_MS) for moment in (cls.window_ms, cls.locked_until_ms)]
        cls.delete().where(*is_over).execute()
