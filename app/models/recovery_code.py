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
    def draw(cls) -> list[str]:
        """New codes, like 'k7m2-px9w4-r3b8n', each with a label of its own."""
        labels: set[str] = set()
        while len(labels) < HOW_MANY:
            labels.add(public_id(LABEL))
        return [f"{label}-{public_id(5)}-{public_id(5)}" for label in sorted(labels)]

    @classmethod
    def hashed_part(cls, code: str) -> str:
        """What follows the label, without hyphens and spaces."""
        return normal(code)[LABEL:]

    @classmethod
    def issue(cls, user: User, hashes: dict[str, str]) -> None:
        """Replace the codes of `user`; `hashes` maps each drawn code to the hash of its hashed_part."""
        rows = [{"user": user, "label": code[:LABEL], "code_hash": code_hash} for code, code_hash in hashes.items()]
        with db.atomic():
            cls.delete().where(cls.user == user).execute()
            cls.insert_many(rows).execute()

    @classmethod
    def matching(cls, user: User, typed: str, matches: Callable[[str, str], bool]) -> "RecoveryCode | None":
        """The unused code of this person that was typed; at most one call of `matches(part, hash)`, which is slow: not
        in a transaction."""
        mine = (cls.user == user) & cls.used_ms.is_null()
        found = cls.get_or_none(mine & (cls.label == normal(typed)[:LABEL]))
        if found is not None and matches(cls.hashed_part(typed), found.code_hash):
            return found
        return cls.get_or_none(mine & cls.label.is_null() & (cls.code_hash == digest(f"{user.id}:{typed}")))

    def use(self, now: datetime) -> bool:
        """Use the code up. False when it was used or replaced in between."""
        unused = (RecoveryCode.id == self.id) & RecoveryCode.used_ms.is_null()
        return bool(RecoveryCode.update(used_ms=to_ms(now)).where(unused).execute())

    @classmethod
    def left(cls, user_id: int) -> int:
        return cls.select().where(cls.user == user_id, cls.used_ms.is_null()).count()


def normal(code: str) -> str:
    return re.sub(r"[\s-]", "", code)
