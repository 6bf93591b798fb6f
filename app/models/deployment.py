"""Which secret key this database belongs to, and whether it is a restored backup."""

import hashlib
import hmac
from datetime import datetime

from peewee import SQL, BigIntegerField, CharField, TextField

from app.clock import to_ms
from app.keys import Keys
from app.models.audit import Actor, Audit
from app.models.base import BaseModel, new_token, one_transaction, public_id
from app.models.company import Company
from app.models.unmatched_charge import UnmatchedCharge
from app.models.user import User
from app.sealed import decrypt, encrypt

PEPPER, KEY_CHANGED = "pepper of passwords", "secret_key_changed"


class Deployment(BaseModel):
    """One row.

    `key_check` identifies the secret key without revealing it; `pepper` is encrypted with that key. `portal_id` is sent
    with every charge, to tell this portal's charges from those of other portals of the same merchant. `backup_ms` is
    when the backup was made; it is set only in a backup. Company.payments_held_ms is set from a restore until the
    comparison with the gateway is complete and every charge that it found is booked or decided. `compare_from_ms` is
    the start of the period that is still to be compared, `compared_ms` when the comparison was completed. `home` is
    where the database is. If it differs from the last start, the database is a copy. On SQLite a file records that
    instead.
    """

    portal_id = CharField(default=lambda: public_id(8))
    key_check = CharField(default="")
    pepper = TextField(default="", constraints=[SQL("DEFAULT ''")])
    backup_ms = BigIntegerField(null=True)
    compare_from_ms = BigIntegerField(null=True)
    compared_ms = BigIntegerField(null=True)
    home = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "deployment"

    @classmethod
    def current(cls) -> "Deployment":
        return cls.get_by_id(1)

    @classmethod
    def is_held(cls) -> bool:
        return cls.held_ms() is not None

    @classmethod
    def held_ms(cls) -> int | None:
        return Company.select(Company.payments_held_ms).where(Company.id == 1).scalar()

    @classmethod
    def accepts(cls, keys: Keys) -> bool:
        """True if one of these keys belongs to this database. The first key that is ever passed is stored as the
        right one."""
        check = key_check(keys.secret)
        cls.update(key_check=check).where(cls.id == 1, cls.key_check == "").execute()
        return cls.matching_key(keys) is not None

    @classmethod
    def matching_key(cls, keys: Keys) -> str | None:
        check = cls.current().key_check
        return next((one for one in keys.secrets if hmac.compare_digest(check, key_check(one))), None)

    @classmethod
    def pepper_for(cls, keys: Keys) -> str:
        """The pepper that is mixed into each password before it is hashed. Raises Unreadable."""
        kept = cls.current().pepper
        return decrypt(kept, keys, PEPPER) if kept else cls.matching_key(keys) or keys.secret

    @classmethod
    @one_transaction
    def keep_pepper(cls, keys: Keys) -> None:
        """Create the pepper unless there is one. One transaction."""
        if not cls.current().pepper:
            # Earlier releases used the secret key itself, and passwords hashed with it can't be hashed again.
            pepper = cls.pepper_for(keys) if User.has_passwords() else new_token()
            cls.update(pepper=encrypt(pepper, keys, PEPPER)).where(cls.id == 1).execute()

    @classmethod
    @one_transaction
    def replace_key(cls, keys: Keys, now: datetime) -> None:
        """Store this key as the right one. Passwords that were hashed with the previous key stay unusable."""
        pepper = encrypt(new_token(), keys, PEPPER)
        cls.update(key_check=key_check(keys.secret), pepper=pepper).where(cls.id == 1).execute()
        Audit.write("secret_key_replaced", to_ms(now), actor="console")

    @classmethod
    def note_location(cls, home: str) -> bool:
        """Store where the database is. Returns True if it was elsewhere before; if several processes start at once,
        only one of them gets True."""
        before = cls.current().home
        moved = cls.update(home=home).where(cls.id == 1, cls.home == before, cls.home != home).execute()
        return bool(moved and before)

    @staticmethod
    def mark_as_backup(database, now: datetime) -> None:
        """Mark a connected database as a backup. It may be a database other than `db`."""
        database.execute_sql("UPDATE deployment SET backup_ms = ? WHERE id = 1 AND backup_ms IS NULL", (to_ms(now),))

    @staticmethod
    def forget_location(database) -> None:
        """For a copy that was made on purpose. It may be a database other than `db`."""
        database.execute_sql("UPDATE deployment SET home = '' WHERE id = 1")

    @classmethod
    @one_transaction
    def change_key(cls, keys: Keys, now: datetime) -> None:
        """Encrypt the pepper with the newest key, store that key as the right one, and write an audit line. One
        transaction."""
        if cls.matching_key(keys) not in (keys.secret, None):
            pepper = encrypt(cls.pepper_for(keys), keys, PEPPER)
            cls.update(key_check=key_check(keys.secret), pepper=pepper).where(cls.id == 1).execute()
            Audit.write(KEY_CHANGED, to_ms(now), subject="database")

    @classmethod
    @one_transaction
    def hold(cls, now: datetime, since_ms: int) -> None:
        """Pause online payment, because this database is a restored backup: what happened after `since_ms` is
        missing. If the comparison after an earlier restore isn't complete, its period is included."""
        from_ms = min(since_ms, cls.current().compare_from_ms or since_ms)
        cls.update(backup_ms=None, compare_from_ms=from_ms, compared_ms=None).where(cls.id == 1).execute()
        Company.update(payments_held_ms=to_ms(now)).where(Company.id == 1).execute()
        Audit.write("restored", to_ms(now), subject="database", since_ms=since_ms)

    @classmethod
    def compared_until(cls, from_ms: int, until_ms: int) -> bool:
        """Record that the payments from `from_ms` to `until_ms` were compared with the gateway. Returns False if
        another worker did so first."""
        changed = cls.update(compare_from_ms=until_ms).where(cls.id == 1, cls.compare_from_ms == from_ms)
        return bool(changed.execute())

    @classmethod
    @one_transaction
    def finish_comparison(cls, now: datetime, held_ms: int) -> None:
        """Record that the comparison is complete, unless there was another restore after `held_ms`."""
        if cls.held_ms() == held_ms:
            cls.update(compared_ms=to_ms(now)).where(cls.id == 1).execute()

    @classmethod
    @one_transaction
    def release(cls, actor: Actor, *, reason: str = "", **facts) -> bool:
        """Resume online payment and write an audit line. Returns True if this call resumed it. A `reason` is
        required while charges wait for a decision. One transaction."""
        waiting = UnmatchedCharge.waiting().count()
        if waiting and not reason:
            return False
        held = Company.payments_held_ms.is_null(False)
        freed = Company.update(payments_held_ms=None).where(Company.id == 1, held).execute()
        if freed:
            cls.update(compare_from_ms=None, compared_ms=None).where(cls.id == 1).execute()
            facts |= {"waiting": waiting, "reason": reason} if reason else {}
            Audit.write_by(actor, "restore_finished", "database", **facts)
        return bool(freed)


def key_check(secret_key: str) -> str:
    return hmac.new(secret_key.encode(), b"portal key check", hashlib.sha256).hexdigest()
