"""This database as one among copies of it: which secret key it goes with, and whether it is a restored backup."""

import hashlib
import hmac
from datetime import datetime

from peewee import BigIntegerField, CharField

from app.clock import to_ms
from app.models.audit import Audit
from app.models.base import BaseModel, db, public_id
from app.models.company import Company
from app.models.unmatched_charge import UnmatchedCharge


class Deployment(BaseModel):
    """One row.

    `portal_id` goes with every charge, so that a charge of this portal can be told from another's at the same
    merchant. `backup_ms` is set in a backup only: when it was made. From a restore until the gateway's books were
    compared, and every charge that was found is booked or decided, Company.payments_held_ms is set. `compare_from_ms`
    is the moment from which they still have to be compared, `compared_ms` when all of it was.
    """

    portal_id = CharField(default=lambda: public_id(8))
    key_check = CharField(default="")
    backup_ms = BigIntegerField(null=True)
    compare_from_ms = BigIntegerField(null=True)
    compared_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "deployment"

    @classmethod
    def current(cls) -> "Deployment":
        """The migration made the row."""
        return cls.get_by_id(1)

    @classmethod
    def is_held(cls) -> bool:
        """Whether online payment waits for the comparison after a restore."""
        return Company.current().payments_held_ms is not None

    @classmethod
    def accepts_key(cls, secret_key: str) -> bool:
        """Whether the passwords here were made with this key. The first key is kept as the right one."""
        check = key_check(secret_key)
        cls.update(key_check=check).where(cls.id == 1, cls.key_check == "").execute()
        return hmac.compare_digest(cls.current().key_check, check)

    @classmethod
    def replace_key(cls, secret_key: str, now: datetime) -> None:
        """From now on this is the key; passwords made with the one before stay unusable."""
        with db.atomic():
            cls.update(key_check=key_check(secret_key)).where(cls.id == 1).execute()
            Audit.write("secret_key_replaced", to_ms(now), actor="console")

    @classmethod
    def hold(cls, now: datetime, since_ms: int) -> None:
        """This database is a restored backup that knows nothing of what happened after `since_ms`."""
        with db.atomic():
            cls.update(backup_ms=None, compare_from_ms=since_ms, compared_ms=None).where(cls.id == 1).execute()
            Company.update(payments_held_ms=to_ms(now)).where(Company.id == 1).execute()
            Audit.write("restored", to_ms(now), subject="database", since_ms=since_ms)

    @classmethod
    def compared_until(cls, from_ms: int, until_ms: int) -> bool:
        """Note that the gateway's books were compared from the one moment to the other."""
        changed = cls.update(compare_from_ms=until_ms).where(cls.id == 1, cls.compare_from_ms == from_ms)
        return bool(changed.execute())

    @classmethod
    def note_compared(cls, now: datetime, held_ms: int) -> None:
        """Note that everything was compared, unless another restore came since `held_ms`."""
        with db.atomic():
            if Company.current().payments_held_ms == held_ms:
                cls.update(compared_ms=to_ms(now)).where(cls.id == 1).execute()

    @classmethod
    def release(cls, now: datetime, actor: str, *, reason: str = "", address: str = "", **facts) -> bool:
        """Open online payment again; whether this call did. While charges wait for a decision it takes a `reason`."""
        with db.atomic():
            waiting = UnmatchedCharge.waiting().count()
            if waiting and not reason:
                return False
            held = Company.payments_held_ms.is_null(False)
            freed = Company.update(payments_held_ms=None).where(Company.id == 1, held).execute()
            if freed:
                cls.update(compare_from_ms=None, compared_ms=None).where(cls.id == 1).execute()
                facts |= {"waiting": waiting, "reason": reason} if reason else {}
                Audit.write("restore_finished", to_ms(now), "database", actor, address, **facts)
        return bool(freed)


def key_check(secret_key: str) -> str:
    """A value that tells whether a key is the right one, and nothing else about it."""
    return hmac.new(secret_key.encode(), b"portal key check", hashlib.sha256).hexdigest()
