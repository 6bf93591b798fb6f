"""Users: the people who log in."""

from datetime import datetime
from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, ModelSelect, fn

from app.clock import to_ms
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, locked, one_transaction, public_id
from app.models.company import Company
from app.printable import is_personal_name

# Ten steps of 30 seconds: more than a usual correction of the clock.
STEPS_AHEAD = 10


class User(BaseModel):
    """A person. `email` is lower case. They can't log in while `password_hash` is None."""

    UNKNOWN_PAYER = "unknown payer"
    PAYMENT_LINK = "payment link"

    email = CharField(unique=True)
    name = CharField(default="")
    password_hash = CharField(null=True)
    must_change_password = BooleanField(default=False)
    is_administrator = BooleanField(default=False)
    created_ms = BigIntegerField()
    last_login_ms = BigIntegerField(null=True)
    totp_secret = CharField(null=True)
    totp_confirmed_ms = BigIntegerField(null=True)
    totp_last_step = BigIntegerField(null=True)
    accesses: "ModelSelect[Any]"
    sessions: "ModelSelect[Any]"
    recovery_codes: "ModelSelect[Any]"
    passkeys: "ModelSelect[Any]"

    class Meta:
        table_name = "user_account"

    @property
    def greeting_name(self) -> str:
        """The name for a mail; '' if the person has not logged in yet, or if the name looks like more than a name.
        Customers' managers can type addresses and names, so a mail to a stranger must not contain their words."""
        return self.name if self.last_login_ms is not None and is_personal_name(self.name) else ""

    @classmethod
    def by_email(cls, email: str) -> "User | None":
        return cls.get_or_none(cls.email == email)

    @classmethod
    def named_or_new(cls, email: str, now_ms: int) -> "User":
        """The user with this address, created without a password if necessary."""
        return cls.by_email(email) or cls.create(email=email, created_ms=now_ms)

    @classmethod
    def decoy(cls, now: datetime) -> "User":
        """A user for work that is rolled back, so that it takes as long as for an existing user. Delete it in the
        same transaction."""
        return cls.create(email=f"{public_id(24)}@decoy.invalid", created_ms=to_ms(now))

    @classmethod
    def unknown_payer(cls, now_ms: int) -> "User":
        """The user of payments whose payer is unknown. It has no email address, so it can't log in."""
        return cls.get_or_none(cls.email == cls.UNKNOWN_PAYER) or cls.create(
            email=cls.UNKNOWN_PAYER, name="Unknown payer", created_ms=now_ms
        )

    @classmethod
    @one_transaction
    def payment_link(cls, now_ms: int) -> "User":
        """The user of payments made with a Payment Link. It has no email address, so it can't log in."""
        return cls.get_or_none(cls.email == cls.PAYMENT_LINK) or cls.create(
            email=cls.PAYMENT_LINK, name="Payment Link", created_ms=now_ms
        )

    @classmethod
    def administrators(cls):
        return cls.select().where(cls.is_administrator).order_by(cls.id)

    @classmethod
    def has_administrator(cls) -> bool:
        return cls.administrators().exists()

    @classmethod
    def has_passwords(cls) -> bool:
        return cls.select().where(cls.password_hash.is_null(False)).exists()

    def set_administrator(self, on: bool) -> bool:
        """Make the user an administrator, or not. Returns True if that was a change."""
        changed, self.is_administrator = self.is_administrator != on, on
        self.save(only=[User.is_administrator])
        return changed

    @one_transaction
    def rename(self, name: str, actor: Actor) -> None:
        Audit.write_by(actor, "renamed", f"user:{self.email}", was=self.name, to=name)
        self.name = name
        self.save(only=[User.name])

    def accept_step(self, step: int) -> bool:
        """Use up the TOTP code of `step` (30 seconds each, counted from 1970). Returns False if this or a later step
        was already used. A used step more than STEPS_AHEAD later doesn't count: the clock was ahead."""
        last = User.totp_last_step
        unused = (User.id == self.id) & (last.is_null() | (last < step) | (last > step + STEPS_AHEAD))
        return bool(User.update(totp_last_step=step).where(unused).execute())

    def confirm_totp(self, now: datetime) -> bool:
        """Turn two-factor authentication on with `totp_secret`. Returns False if it is already on with another
        secret."""
        self.totp_confirmed_ms = to_ms(now)
        values = {"totp_secret": self.totp_secret, "totp_confirmed_ms": self.totp_confirmed_ms}
        unconfirmed = (User.id == self.id) & User.totp_confirmed_ms.is_null()
        return bool(User.update(values).where(unconfirmed).execute())

    @classmethod
    def with_clear_seed(cls):
        """Users whose TOTP seed an earlier release stored unencrypted."""
        return cls.select().where(fn.LENGTH(cls.totp_secret) <= 64)

    @classmethod
    def with_seed(cls):
        return cls.select().where(cls.totp_secret.is_null(False))

    def replace_seed(self, encrypted: str) -> None:
        """Replace the seed unless it was replaced or removed since this object was read."""
        same = (User.id == self.id) & (User.totp_secret == self.totp_secret)
        User.update(totp_secret=encrypted).where(same).execute()

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_ms is not None or self.passkeys.exists()

    @one_transaction
    def drop_second_factor(self) -> None:
        """Delete the authenticator, the passkeys and the recovery codes. One transaction."""
        self.passkeys.model.delete().where(self.passkeys.model.user == self).execute()
        self.drop_totp()

    @one_transaction
    def drop_passkey(self, passkey) -> None:
        """Delete a passkey; with the last second factor, the recovery codes too. One transaction."""
        passkey.delete_instance()
        self._drop_unused_codes()

    @one_transaction
    def drop_totp(self) -> None:
        """Delete the authenticator; with the last second factor, the recovery codes too. One transaction."""
        self.totp_secret = self.totp_confirmed_ms = self.totp_last_step = None
        self.save(only=[User.totp_secret, User.totp_confirmed_ms, User.totp_last_step])
        self._drop_unused_codes()

    def _drop_unused_codes(self) -> None:
        if not self.has_second_factor:
            self.recovery_codes.model.delete().where(self.recovery_codes.model.user == self).execute()

    def may_log_in(self, company: Company) -> bool:
        """Administrators always; customers while Customer Access is on and they have access or an invitation. Takes
        equally long for both, so that the time reveals nothing."""
        is_offered = self.has_access_or_invitation()
        return self.is_administrator or (company.customer_access and is_offered)

    def has_access_or_invitation(self) -> bool:
        """True if the user has access, or an invitation, to any customer."""
        access = self.accesses.model
        return self.accesses.where(access.given | access.invited_ms.is_null(False)).exists()

    def has_same_password(self) -> bool:
        """True if the password is still the one that this object was read with. Locks the row, so call it in a
        transaction."""
        same = (User.id == self.id) & (User.password_hash == self.password_hash)
        return locked(User.select(User.id).where(same)).exists()

    @one_transaction
    def set_password(self, password_hash: str | None, *, must_change: bool = False) -> None:
        """Replace the password, or remove it with None, and end every session of the user. One transaction."""
        self.password_hash, self.must_change_password = password_hash, must_change
        self.save(only=[User.password_hash, User.must_change_password])
        self.end_sessions()

    def end_sessions(self, keep: int | None = None) -> int:
        """Log the user out, except from the session with the id `keep`. Returns the number of ended sessions."""
        sessions = self.sessions.model
        theirs = sessions.delete().where(sessions.user == self)
        return (theirs.where(sessions.id != keep) if keep else theirs).execute()
