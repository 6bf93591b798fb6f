"""State of the mailbox that receives bounces."""

from datetime import datetime

from peewee import BigIntegerField, TextField

from app.clock import to_ms
from app.models.base import BaseModel

ONLY = 1


class BounceMailbox(BaseModel):
    """One row while the mailbox can't be read: `failed_ms` is since when, `error` the reason at the last try."""

    failed_ms = BigIntegerField()
    error = TextField()

    class Meta:
        table_name = "bounce_mailbox"

    @classmethod
    def note(cls, error: str, now: datetime) -> None:
        """Record the result of a try: `error` is the reason, '' for success. Writes only if something changed."""
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
