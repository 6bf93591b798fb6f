"""Codes for an administrator who has lost the device that makes their one-time passwords."""

import re
from collections.abc import Callable
from datetime import datetime

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.clock import to_ms
from app.models.base import BaseModel, db, public_id
from app.models.tokens import digest
from app.models.user import User

HOW_MANY, LABEL = 10, 4


class RecoveryCode(BaseModel):
    """A code that works once, in place of one from the device.

    `label` is its first LABEL letters, which find the one hash that it is compared with; `code_hash` is a slow hash of
    the rest. A code of an earlier release has no label, and its hash is a SHA-256.
    """

    user = ForeignKeyField(User, backref="recovery_codes", on_delete="CASCADE")
    label = CharField(null=True)
    code_hash = CharField(unique=True)
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "recovery_code"

    @classmethod
    def issue(cls, user: User, hash_code: Callable[[str], str]) -> list[str]:
        """New codes, like 'k7m2-px9w4-r3b8n'; the ones before stop working."""
        labels: set[str] = set()
        while len(labels) < HOW_MANY:
            labels.add(public_id(LABEL))
        codes = [(label, public_id(5), public_id(5)) for label in sorted(labels)]
        rows = [{"user": user, "label": label, "code_hash": hash_code(first + last)} for label, first, last in codes]
        with db.atomic():
            cls.delete().where(cls.user == user).execute()
            cls.insert_many(rows).execute()
        return ["-".join(parts) for parts in codes]

    @classmethod
    def use(cls, user: User, typed: str, matches: Callable[[str, str], bool], now: datetime) -> bool:
        """Use a code up; at most one call of `matches(code, hash)`. False when it is none of this person's, or was
        used before."""
        code = re.sub(r"[\s-]", "", typed)
        mine = (cls.user == user) & cls.used_ms.is_null()
        found = cls.get_or_none(mine & (cls.label == code[:LABEL]))
        if found is None or not matches(code[LABEL:], found.code_hash):
            found = cls.get_or_none(mine & cls.label.is_null() & (cls.code_hash == digest(f"{user.id}:{typed}")))
        return found is not None and bool(cls.update(used_ms=to_ms(now)).where(mine, cls.id == found.id).execute())

    @classmethod
    def left(cls, user_id: int) -> int:
        return cls.select().where(cls.user == user_id, cls.used_ms.is_null()).count()
