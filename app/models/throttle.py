"""Wrong tries, counted before the work they would cause."""

from datetime import datetime

from peewee import BigIntegerField, CharField, IntegerField

from app.clock import AHEAD_MS, is_due, to_ms
from app.models.base import BaseModel, db, locked
from app.models.tokens import digest

WINDOW_MS = 30 * 60 * 1000
DAY_MS = 24 * 3600 * 1000


class Throttle(BaseModel):
    """Tries under one key: an account ("account:…") or an address ("address:…").

    A try is taken before its outcome is known and given back when it was a right one, so that any
    number of tries at the same moment can't be more than the limit.
    """

    key = CharField(unique=True)
    tries = IntegerField(default=0)
    window_ms = BigIntegerField()
    locked_until_ms = BigIntegerField(default=0)

    class Meta:
        table_name = "throttle"

    @staticmethod
    def account(email: str) -> str:
        """The key of an account. Hashed, because people type passwords where the address belongs."""
        return f"account:{digest(email)}"

    @classmethod
    def take_try(cls, limits: dict[str, int], now: datetime) -> bool:
        """Count one try under every key of `limits`; False, and nothing counted, when one is used up."""
        at = to_ms(now)
        with db.atomic():
            rows = [cls._row(key, at) for key in limits]
            if any(row.is_locked(at) or row.tries >= limits[row.key] for row in rows):
                return False
            for row in rows:
                row.tries += 1
                row.save()
        return True

    @classmethod
    def is_spent(cls, limits: dict[str, int], now: datetime) -> bool:
        """Whether a try would be refused at this moment. Counts nothing and locks nothing."""
        at = to_ms(now)
        rows = (cls._row(key, at, lock=False) for key in limits)
        return any(row.is_locked(at) or row.tries >= limits[row.key] for row in rows)

    @classmethod
    def spent(cls, keys: list[str], limit: int, now: datetime) -> set[str]:
        """Those of `keys` under which no try is taken at this moment."""
        at = to_ms(now)
        rows = cls.select().where(cls.key.in_(keys), (cls.tries >= limit) | (cls.locked_until_ms > at))
        return {row.key for row in rows if row.is_locked(at) or not row.is_over(at)}

    @classmethod
    def spent_until(cls, key: str, limit: int, now: datetime) -> int | None:
        """When tries under `key` are taken again, in milliseconds; None when they are taken now."""
        at, row = to_ms(now), cls._row(key, to_ms(now), lock=False)
        if row.is_locked(at):
            return row.locked_until_ms
        return row.window_ms + WINDOW_MS if row.tries >= limit else None

    @classmethod
    def _row(cls, key: str, at: int, lock: bool = True) -> "Throttle":
        """The row of `key`, empty again when its window is over."""
        query = cls.select().where(cls.key == key)
        row = (locked(query) if lock else query).first() or cls(key=key, window_ms=at)
        if row.is_over(at) and not row.is_locked(at):
            row.tries, row.window_ms = 0, at
        return row

    def is_over(self, at: int) -> bool:
        """Whether its tries don't count any more."""
        return is_due(self.window_ms, at + AHEAD_MS, WINDOW_MS + AHEAD_MS)

    def is_locked(self, at: int) -> bool:
        """A lock that seems to last longer than any does is of a clock that has been set back since."""
        return at < self.locked_until_ms <= at + WINDOW_MS + AHEAD_MS

    @classmethod
    def lock_if_spent(cls, key: str, limit: int, now: datetime) -> bool:
        """After a wrong try: lock `key` for 30 minutes if that was the last one; whether it locked."""
        at = to_ms(now)
        unlocked = (cls.locked_until_ms <= at) | (cls.locked_until_ms > at + WINDOW_MS + AHEAD_MS)
        spent = (cls.key == key) & (cls.tries >= limit) & unlocked
        return bool(cls.update(locked_until_ms=to_ms(now) + WINDOW_MS).where(spent).execute())

    @classmethod
    def give_back(cls, key: str) -> None:
        """A try that was right, or that was never looked at, doesn't count."""
        cls.update(tries=cls.tries - 1).where((cls.key == key) & (cls.tries > 0)).execute()

    @classmethod
    def clear(cls, key: str) -> None:
        cls.delete().where(cls.key == key).execute()

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        """Also rows of a clock that has been set back since: they count and lock nothing."""
        at = to_ms(now)
        is_over = [(moment < at - DAY_MS) | (moment > at + DAY_MS) for moment in (cls.window_ms, cls.locked_until_ms)]
        cls.delete().where(*is_over).execute()
