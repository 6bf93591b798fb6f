"""Mail that waits to be sent. A request writes a row; the worker talks to the mail server."""

import re
from datetime import datetime

from peewee import BigIntegerField, CharField, IntegerField, TextField

from app.clock import to_ms
from app.models.base import BaseModel

PART = r"""[^\s@<>()\[\]\\,;:"]+"""
ADDRESS = re.compile(f"{PART}@{PART}")
BACKOFF_MINUTES = (1, 2, 5, 15, 60, 120, 240, 480, 960, 1440)
LEASE_MS = 5 * 60_000


class OutboxMail(BaseModel):
    """`key` names the occasion, so that one occasion is one mail; its Message-ID is made from it.

    A mail is due when `next_try_ms` has come; NEVER there means that it was given up.
    """

    NEVER = 2**53 - 1

    key = CharField(unique=True)
    recipient = CharField()
    subject = CharField()
    text = TextField()
    html = TextField()
    created_ms = BigIntegerField()
    next_try_ms = BigIntegerField(index=True)
    tries = IntegerField(default=0)
    sent_ms = BigIntegerField(null=True)
    error = TextField(default="")

    class Meta:
        table_name = "outbox"

    @classmethod
    def queue(cls, key: str, recipient: str, mail, now: datetime) -> None:
        """Put `mail` (compose.Mail) into the outbox, inside the caller's transaction.

        The same `key` again changes nothing. Raises ValueError for a recipient that isn't one
        plain address, which would be a way to add headers or readers.
        """
        if not ADDRESS.fullmatch(recipient) or not recipient.isprintable():
            raise ValueError(f"not an email address: {recipient!r}")
        cls.insert(
            key=key, recipient=recipient, subject=mail.subject, text=mail.text, html=mail.html,
            created_ms=to_ms(now), next_try_ms=to_ms(now),
        ).on_conflict_ignore().execute()

    @classmethod
    def known(cls, keys: list[str]) -> set[str]:
        """Those of `keys` under which there is mail already."""
        return {row.key for row in cls.select(cls.key).where(cls.key.in_(keys))}

    @classmethod
    def due(cls, now: datetime):
        """Mail to send now: what was tried least, then oldest first."""
        return (
            cls.select()
            .where(cls.sent_ms.is_null(), cls.next_try_ms <= to_ms(now))
            .order_by(cls.tries, cls.id)
        )

    @classmethod
    def hold(cls, ids: list[int], now: datetime, error: str) -> None:
        """Keep what is still due of `ids` for a minute: the way out is closed."""
        cls.update(next_try_ms=to_ms(now) + 60_000, error=error).where(
            cls.id.in_(ids), cls.sent_ms.is_null(), cls.next_try_ms <= to_ms(now)
        ).execute()

    @classmethod
    def newest_first(cls):
        return cls.select().order_by(cls.id.desc())

    @classmethod
    def latest(cls, prefix: str) -> "OutboxMail | None":
        """The newest mail whose key begins with `prefix`."""
        return cls.select().where(cls.key.startswith(prefix)).order_by(cls.id.desc()).first()

    @classmethod
    def numbered(cls, number: str):
        """The mail with that id; `number` comes from a URL."""
        id_ = int(number) if re.fullmatch("[0-9]{1,18}", number) else 0
        return cls.select().where(cls.id == id_)

    def claim(self, now: datetime) -> bool:
        """Take it for five minutes, to send it; False when another worker has it."""
        table = type(self)
        unclaimed = (table.next_try_ms == self.next_try_ms) & table.sent_ms.is_null()
        changed = (
            table.update(next_try_ms=to_ms(now) + LEASE_MS, tries=table.tries + 1)
            .where(table.id == self.id, unclaimed)
            .execute()
        )
        self.tries += 1
        return changed == 1

    def sent(self, now: datetime, keep: bool) -> None:
        """It is out. Unless `keep`, its text goes: it may hold a link that logs somebody in."""
        dropped = {} if keep else {"text": "", "html": ""}
        self._set(sent_ms=to_ms(now), error="", **dropped)

    def retry_later(self, now: datetime, error: str) -> None:
        """Try again after a pause that grows; after the last one it is given up."""
        if self.tries > len(BACKOFF_MINUTES):
            return self.give_up(error)
        pause = BACKOFF_MINUTES[self.tries - 1] * 60_000
        return self._set(next_try_ms=to_ms(now) + pause, error=error)

    def give_up(self, error: str) -> None:
        """Nobody will get it: trying again can't help."""
        self._set(next_try_ms=self.NEVER, error=error, text="", html="")

    @property
    def given_up(self) -> bool:
        return self.sent_ms is None and self.next_try_ms == self.NEVER

    def _set(self, **values) -> None:
        type(self).update(values).where(type(self).id == self.id).execute()
        self.__data__.update(values)
