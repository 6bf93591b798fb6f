"""Whether the mailbox that bounces come to can be read."""

from datetime import datetime

from peewee import BigIntegerField, TextField

from app.clock import to_ms
from app.models.base import BaseModel

ONLY = 1


class BounceMailbox(BaseModel):
    """One row while it can't be read, since `failed_ms`; `error` is why at the last try."""

    failed_ms = BigIntegerField()
    error = TextField()

    class Meta:
        table_name = "bounce_mailbox"

    @classmethod
    def note(cls, error: str, now: datetime) -> None:
        """It can't be read for this reason or, with an empty one, was read. Writes only what has changed."""
        row = cls.trouble()
        if row is None and error:
            cls.insert(id=ONLY, failed_ms=to_ms(now), error=error).on_conflict_ignore().execute()
        elif row and not error:
            cls.delete().execute()
        elif row and row.error != error:
            cls.update(error=error).execute()

    @classmethod
    def trouble(cls) -> "BounceMailbox | None":
        return cls.get_or_none(cls.id == ONLY)
