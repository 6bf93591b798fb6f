"""Passkeys (WebAuthn credentials) as a second factor, and the challenges that they answer."""

from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField, ForeignKeyField, TextField

from app.clock import AHEAD_MS, to_ms
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, new_token, one_transaction, parse_id
from app.models.session import Session
from app.models.user import User

CHALLENGE_LIFE = timedelta(minutes=5)
MAX_PASSKEYS = 10


class Passkey(BaseModel):
    """`credential_id` and `public_key` are base64url. `sign_count` is the authenticator's counter at the last login;
    many authenticators always send 0."""

    user = ForeignKeyField(User, backref="passkeys", on_delete="CASCADE")
    credential_id = TextField(unique=True)
    public_key = TextField()
    sign_count = BigIntegerField()
    name = CharField()
    created_ms = BigIntegerField()
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "passkey"

    @classmethod
    def of(cls, user_id: int) -> list["Passkey"]:
        return list(cls.select().where(cls.user == user_id).order_by(cls.id))

    @classmethod
    def by_id(cls, user_id: int, number: str) -> "Passkey | None":
        return cls.get_or_none((cls.user == user_id) & (cls.id == parse_id(number)))

    @classmethod
    def is_known(cls, credential_id: str) -> bool:
        return cls.select().where(cls.credential_id == credential_id).exists()

    @classmethod
    def add(
        cls, user: User, credential_id: str, public_key: str, sign_count: int, name: str, now: datetime
    ) -> "Passkey":
        return cls.create(
            user=user,
            credential_id=credential_id,
            public_key=public_key,
            sign_count=sign_count,
            name=name,
            created_ms=to_ms(now),
        )

    @classmethod
    def with_credential(cls, user_id: int, credential_id: str) -> "Passkey | None":
        return cls.get_or_none((cls.user == user_id) & (cls.credential_id == credential_id))

    @one_transaction
    def rename(self, name: str, actor: Actor) -> None:
        if name != self.name:
            Audit.write_by(actor, "passkey_renamed", f"user:{self.user.email}", was=self.name, to=name)
            Passkey.update(name=name).where(Passkey.id == self.id).execute()

    def use(self, sign_count: int, now: datetime) -> bool:
        """Record a login. Returns False if another login has raised the counter since this object was read."""
        same = (Passkey.id == self.id) & (Passkey.sign_count == self.sign_count)
        return bool(Passkey.update(sign_count=sign_count, used_ms=to_ms(now)).where(same).execute())


class PasskeyChallenge(BaseModel):
    """A challenge for a passkey to sign, valid once and in one session. `name` is the name of a passkey that is
    being added."""

    ADD, LOG_IN = "add", "log_in"

    session = ForeignKeyField(Session, on_delete="CASCADE")
    purpose = CharField()
    challenge = CharField(unique=True)
    name = CharField(default="")
    expires_ms = BigIntegerField()

    class Meta:
        table_name = "passkey_challenge"

    @classmethod
    @one_transaction
    def issue(cls, session_id: int, purpose: str, now: datetime, name: str = "") -> str:
        """A random challenge. It replaces the session's previous one for this purpose."""
        challenge = new_token()
        cls.delete().where(cls.session == session_id, cls.purpose == purpose).execute()
        cls.create(
            session=session_id,
            purpose=purpose,
            challenge=challenge,
            name=name,
            expires_ms=to_ms(now + CHALLENGE_LIFE),
        )
        return challenge

    @classmethod
    @one_transaction
    def take(cls, session_id: int, purpose: str, now: datetime) -> "PasskeyChallenge | None":
        """This session's challenge, which is then used up; None if there is none or if it has expired."""
        row = cls.get_or_none((cls.session == session_id) & (cls.purpose == purpose))
        if row is None or not cls.delete().where(cls.id == row.id).execute():
            return None
        at, life_ms = to_ms(now), to_ms(now + CHALLENGE_LIFE) - to_ms(now)
        return row if at <= row.expires_ms <= at + life_ms + AHEAD_MS else None
