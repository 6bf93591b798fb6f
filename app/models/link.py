"""Emailed one-time links."""

from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.clock import AHEAD_MS, to_ms
from app.models.base import BaseModel, digest, new_token, one_transaction
from app.models.outbox import OutboxMail
from app.models.user import User

KEPT = timedelta(days=30)


class Link(BaseModel):
    """A one-time link: to set up a password, or to reset a forgotten one.

    A user has at most one live reset link. Several set-up links can be live, because several customers may invite the
    same person and no invitation revokes another. Using one set-up link ends them all. Dead links are kept for KEPT, so
    that a person who opens one can request a new one without typing anything.
    """

    SETUP = "setup"
    RESET = "reset"
    MAIL_KEY = "link:"
    EXPIRED = "Its link expired before the email could be sent."
    STOPPED = "Its link stopped working before the email could be sent."

    token_hash = CharField(unique=True)
    user = ForeignKeyField(User, backref="links", on_delete="CASCADE")
    purpose = CharField()
    created_ms = BigIntegerField()
    expires_ms = BigIntegerField()
    opened_ms = BigIntegerField(null=True)
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "link"

    @classmethod
    @one_transaction
    def issue(cls, user: User, purpose: str, now: datetime, life: timedelta) -> str:
        """The token of a new link. Earlier reset links of the user end. One transaction."""
        token, at = new_token(), to_ms(now)
        cls.end_all(user, now, cls.RESET)
        cls.create(
            token_hash=digest(token),
            user=user,
            purpose=purpose,
            created_ms=at,
            expires_ms=to_ms(now + life),
        )
        return token

    @classmethod
    def end_all(cls, user: User, now: datetime, purpose: str | None = None) -> None:
        """End the live links of `user`, and cancel queued mail that contains one of them. One transaction."""
        cls._end((cls.user == user) & (cls.purpose == purpose if purpose else True), now)

    @classmethod
    def end_all_of_everyone(cls, now: datetime) -> int:
        return cls._end(cls.used_ms.is_null(), now)

    @classmethod
    @one_transaction
    def _end(cls, which, now: datetime) -> int:
        at = to_ms(now)
        live = which & (cls.expires_ms > at)
        keys = [cls.MAIL_KEY + link.token_hash for link in cls.select(cls.token_hash).where(live)]
        ended = cls.update(expires_ms=at).where(live).execute()
        OutboxMail.cancel(keys, now, cls.STOPPED)
        return ended

    @classmethod
    def with_hash(cls, token_hash: str) -> "Link | None":
        return cls.get_or_none(cls.token_hash == token_hash)

    @classmethod
    def find(cls, token: str, purpose: str) -> "Link | None":
        is_it = (cls.token_hash == digest(token)) & (cls.purpose == purpose)
        return cls.select(cls, User).join(User).where(is_it).first()

    def is_live(self, now: datetime) -> bool:
        """Unused and not expired. A link whose creation time is in the future is dead: the clock was ahead, so its
        expiry can't be trusted."""
        return self.used_ms is None and self.expires_ms > to_ms(now) >= self.created_ms - AHEAD_MS

    def note_opened(self, now: datetime) -> bool:
        unopened = (Link.id == self.id) & Link.opened_ms.is_null()
        return bool(Link.update(opened_ms=to_ms(now)).where(unopened).execute())

    def use(self, now: datetime) -> bool:
        """Mark the link as used. Returns False if another request used it first or if it has expired."""
        at = to_ms(now)
        live = (Link.id == self.id) & Link.used_ms.is_null() & (Link.expires_ms > at)
        live &= Link.created_ms <= at + AHEAD_MS
        return bool(Link.update(used_ms=at).where(live).execute())

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        cls.delete().where(cls.expires_ms < to_ms(now - KEPT)).execute()
