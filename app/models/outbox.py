"""The outbox: a request inserts a row, and the worker sends it."""

import re
from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField, Value, fn

from app.clock import to_ms
from app.models.audit import Audit
from app.models.base import BaseModel, claim, one_transaction, parse_id, public_id
from app.models.customer import Customer
from app.models.user import User

PART = r"""[^\s@<>()\[\]\\,;:"]+"""
ADDRESS = re.compile(f"{PART}@{PART}")
BACKOFF_MINUTES = (1, 2, 5, 15, 60, 120, 240, 480, 960, 1440)
LONGEST_PAUSE_MS = (BACKOFF_MINUTES[-1] + 5) * 60_000
LEASE_MS = 5 * 60_000
HOLD_MS = 60_000
GIVE_UP_AFTER = timedelta(days=5)
# If the clock jumps ahead for a moment, mail that was hardly tried must not be given up.
LEAST_WAITS = 100
# If the clock was ahead when a mail was queued, the mail must not wait forever.
MAX_WAITS = GIVE_UP_AFTER // timedelta(milliseconds=HOLD_MS)
WORKER_LATE_MS = 5 * 60_000
GAVE_UP_BATCH = 200
SECRET_LINK = re.compile("(/(?:reset|welcome|pay)/)[A-Za-z0-9_-]{43}")
REMOVED = r"\1[removed]"


class OutboxMail(BaseModel):
    """`key` identifies the occasion and makes queueing idempotent: one occasion is one mail. `message_id` is the
    Message-ID up to the @. It is random, because a bounce is authenticated by it. `kind` is like "receipt" or
    "invitation".

    `state`: QUEUED (never tried), RETRYING (`error` is the last reason), SENT (accepted by the mail server at
    `sent_ms`), SAVED (written to a file, because no mail server is set), REFUSED (permanently; `error` is the server's
    reason), GAVE_UP (after many tries), BOUNCED (accepted, and returned later) or CANCELED (its link ended first).
    `ended_ms` is when the mail got one of the last five states.

    A mail is due at `next_try_ms`; NEVER means that nothing is left to do. `waits` counts how often in a row the mail
    server was unreachable. `repeats` is the id of the mail that Send again copied.
    """

    NEVER = 2**53 - 1
    QUEUED, RETRYING, SENT = "queued", "retrying", "sent"
    SAVED, REFUSED, GAVE_UP, BOUNCED, CANCELED = "saved", "refused", "gave_up", "bounced", "canceled"
    WAITING = (QUEUED, RETRYING)
    FAILED = (REFUSED, GAVE_UP, BOUNCED)
    UNDELIVERED = (SAVED, *FAILED)
    STATES = (QUEUED, RETRYING, SENT, SAVED, REFUSED, GAVE_UP, BOUNCED, CANCELED)
    NO_SERVER = "no mail server was set (SMTP_URL)"

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
    message_id = CharField(index=True, default="")
    kind = CharField(default="")
    state = CharField(default=QUEUED)
    ended_ms = BigIntegerField(null=True)
    waits = IntegerField(default=0)
    customer = ForeignKeyField(Customer, null=True, on_delete="SET NULL")
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    user_id: int | None
    repeats = BigIntegerField(null=True, unique=True)

    class Meta:
        table_name = "outbox"
        indexes = ((("state", "id"), False), (("recipient", "id"), False))

    @classmethod
    def queue(
        cls,
        key: str,
        recipient: str,
        mail,
        now: datetime,
        *,
        kind: str = "",
        customer: Customer | None = None,
        user: User | None = None,
        repeats: int | None = None,
    ) -> None:
        """Put `mail` (compose.Mail) into the outbox, inside the caller's transaction.

        The same `key` again changes nothing. `kind` defaults to the part of `key` before the colon. Raises ValueError
        unless `recipient` is one plain address: anything else could add headers or recipients.
        """
        if not ADDRESS.fullmatch(recipient) or not recipient.isprintable():
            raise ValueError(f"not an email address: {recipient!r}")
        cls.insert(
            key=key,
            recipient=recipient,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            created_ms=to_ms(now),
            next_try_ms=to_ms(now),
            message_id=public_id(32),
            kind=kind or key.partition(":")[0],
            customer=customer,
            user=user,
            repeats=repeats,
        ).on_conflict_ignore().execute()

    @classmethod
    def with_keys(cls, keys: list[str]) -> list["OutboxMail"]:
        return list(cls.select().where(cls.key.in_(keys)))

    @classmethod
    def due(cls, now: datetime):
        """Mail with the fewest tries first, then the oldest."""
        return cls.select().where(cls._is_due(now)).order_by(cls.tries, cls.id)

    @classmethod
    def _is_due(cls, now: datetime):
        # Mail due later than the longest pause is included: its time was written while the clock was ahead.
        at = to_ms(now)
        return (cls.next_try_ms <= at) | ((cls.next_try_ms > at + LONGEST_PAUSE_MS) & (cls.next_try_ms < cls.NEVER))

    @classmethod
    def hold(cls, now: datetime, error: str) -> None:
        """The mail server is unreachable: postpone all due mail by HOLD_MS without counting a try, and give up mail
        that has waited for GIVE_UP_AFTER."""
        due = cls._is_due(now)
        cls.update(next_try_ms=to_ms(now) + HOLD_MS, error=error, state=cls.RETRYING, waits=cls.waits + 1).where(
            due
        ).execute()
        old = (cls.waits >= LEAST_WAITS) & (cls.created_ms <= to_ms(now - GIVE_UP_AFTER))
        hopeless = old | (cls.waits >= MAX_WAITS)
        for row in cls.select().where(cls.state == cls.RETRYING, hopeless).limit(GAVE_UP_BATCH):
            row.fail(cls.GAVE_UP, now, error)

    @classmethod
    def cancel(cls, keys: list[str], now: datetime, reason: str) -> None:
        for row in cls.select().where(cls.key.in_(keys), cls.state.in_(cls.WAITING)):
            row.end(cls.CANCELED, now, reason)

    @classmethod
    def newest_first(cls):
        return cls.select().order_by(cls.id.desc())

    @classmethod
    def latest(cls, *keys: str) -> "OutboxMail | None":
        """The newest mail whose key is one of `keys`, or starts with one of them and a colon."""
        conditions = [(cls.key == key) | cls.key.between(f"{key}:", f"{key};") for key in keys]
        condition = conditions[0]
        for alternative in conditions[1:]:
            condition |= alternative
        return cls.select().where(condition).order_by(cls.id.desc()).first()

    @classmethod
    def unmailed_alerts(cls, after: int) -> list[Audit]:
        key = Value("alert:").concat(Audit.id.cast("TEXT"))
        keys = key.concat(":"), key.concat(";")
        return list(Audit.alerts(after).where(~fn.EXISTS(cls.select(cls.id).where(cls.key.between(*keys)))))

    @classmethod
    def by_id(cls, number: str) -> "OutboxMail | None":
        return cls.get_or_none(cls.id == parse_id(number))

    @classmethod
    def with_message_id(cls, message_id: str) -> "OutboxMail | None":
        return cls.get_or_none((cls.message_id == message_id) & (cls.message_id != ""))

    def claim(self, now: datetime) -> bool:
        """Reserve the mail for sending for LEASE_MS. Returns False if another worker has it."""
        table = type(self)
        unclaimed = (table.next_try_ms == self.next_try_ms) & table.state.in_(self.WAITING)
        changed = claim(self, unclaimed, next_try_ms=to_ms(now) + LEASE_MS, tries=table.tries + 1, waits=0)
        self.tries += 1
        return changed == 1

    def rewrite(self, mail) -> None:
        """Replace what is sent with `mail` (compose.Mail)."""
        self._set(subject=mail.subject, text=mail.text, html=mail.html)

    def sent(self, now: datetime, keep: bool) -> None:
        dropped = {} if keep else {"text": redacted(self.text), "html": ""}
        self._set(sent_ms=to_ms(now), state=self.SENT, next_try_ms=self.NEVER, error="", **dropped)

    def saved(self, now: datetime) -> None:
        self.end(self.SAVED, now, self.NO_SERVER)

    def retry_later(self, now: datetime, error: str) -> None:
        if self.tries > len(BACKOFF_MINUTES):
            return self.fail(self.GAVE_UP, now, error)
        pause = BACKOFF_MINUTES[self.tries - 1] * 60_000
        return self._set(next_try_ms=to_ms(now) + pause, state=self.RETRYING, error=error)

    def retry_now(self, now: datetime) -> bool:
        """Returns False if the mail is no longer waiting for a retry."""
        table = type(self)
        waiting = (table.id == self.id) & (table.state == self.RETRYING)
        return bool(table.update(next_try_ms=to_ms(now)).where(waiting).execute())

    @one_transaction
    def fail(self, state: str, now: datetime, reason: str) -> None:
        """End the mail undelivered and write an audit line. `state` is one of FAILED. One transaction."""
        self.end(state, now, reason)
        Audit.write(
            "mail_failed",
            to_ms(now),
            subject=f"user:{self.recipient}",
            mail=self.id,
            kind=self.kind,
            state=state,
            reason=reason,
        )

    def end(self, state: str, now: datetime, reason: str) -> None:
        self._set(
            state=state,
            next_try_ms=self.NEVER,
            ended_ms=to_ms(now),
            error=reason,
            text=redacted(self.text),
            html=redacted(self.html),
        )

    @property
    def waits_to_be_sent(self) -> bool:
        return self.state in self.WAITING

    @property
    def has_address(self) -> bool:
        """False after the person was erased."""
        return "@" in self.recipient

    @property
    def is_undelivered(self) -> bool:
        return self.state in self.UNDELIVERED

    def _set(self, **values) -> None:
        type(self).update(values).where(type(self).id == self.id).execute()
        self.__data__.update(values)


class BounceMailbox(BaseModel):
    """One row while the mailbox can't be read: `failed_ms` is when that began, `error` the reason of the last
    failure."""

    failed_ms = BigIntegerField()
    error = TextField()

    class Meta:
        table_name = "bounce_mailbox"

    @classmethod
    def note(cls, error: str, now: datetime) -> None:
        """Record the result of a try: `error` is the reason, '' for success. Writes only if something changed."""
        row = cls.trouble()
        if row is None and error:
            cls.insert(id=1, failed_ms=to_ms(now), error=error).on_conflict_ignore().execute()
        elif row and not error:
            cls.delete().execute()
        elif row and row.error != error:
            cls.update(error=error).execute()

    @classmethod
    def trouble(cls) -> "BounceMailbox | None":
        return cls.get_or_none(cls.id == 1)


def redacted(text: str) -> str:
    return SECRET_LINK.sub(REMOVED, text)
