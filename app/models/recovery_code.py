"""Recovery codes for administrators who lost their authenticator."""

import re
from collections.abc import Callable
from datetime import datetime

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.clock import to_ms
from app.models.base import BaseModel, digest, one_transaction, public_id
from app.models.user import User

HOW_MANY, LABEL = 10, 4


class RecoveryCode(BaseModel):
    """A code that works once, instead of a code from the authenticator.

    `label` is the first LABEL letters. It selects the single hash to compare with; `code_hash` is a slow hash of the
    rest. Codes of earlier releases have no label and a SHA-256 hash.
    """

    user = ForeignKeyField(User, backref="recovery_codes", on_delete="CASCADE")
    label = CharField(null=True)
    code_hash = CharField(unique=True)
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "recovery_code"

    @classmethod
    def draw(cls) -> list[str]:
        """New codes like 'k7m2-px9w4-r3b8n', with distinct labels."""
        labels: set[str] = set()
        while len(labels) < HOW_MANY:
            labels.add(public_id(LABEL))
        return [f"{label}-{public_id(5)}-{public_id(5)}" for label in sorted(labels)]

    @classmethod
    def hashed_part(cls, code: str) -> str:
        return normal(code)[LABEL:]

    @classmethod
    @one_transaction
    def issue(cls, user: User, hashes: dict[str, str]) -> None:
        """Replace the codes of `user`. `hashes` is {code: hash of its hashed_part}. One transaction."""
        rows = [{"user": user, "label": code[:LABEL], "code_hash": code_hash} for code, code_hash in hashes.items()]
        cls.delete().where(cls.user == user).execute()
        cls.insert_many(rows).execute()

    @classmethod
    def matching(cls, user: User, typed: str, matches: Callable[[str, str], bool]) -> "RecoveryCode | None":
        """The unused code of `user` that was typed. Calls `matches(part, hash)` at most once. That is slow, so don't
        call this in a transaction."""
        mine = (cls.user == user) & cls.used_ms.is_null()
        code = cls.get_or_none(mine & (cls.label == normal(typed)[:LABEL]))
        if code is not None and matches(cls.hashed_part(typed), code.code_hash):
            return code
        return cls.get_or_none(mine & cls.label.is_null() & (cls.code_hash == digest(f"{user.id}:{typed}")))

    def use(self, now: datetime) -> bool:
        """Returns False if another request used or replaced the code."""
        unused = (RecoveryCode.id == self.id) & RecoveryCode.used_ms.is_null()
        return bool(RecoveryCode.update(used_ms=to_ms(now)).where(unused).execute())

    @classmethod
    def left(cls, user_id: int) -> int:
        return cls.select().where(cls.user == user_id, cls.used_ms.is_null()).count()


def normal(code: str) -> str:
    return re.sub(r"[\s-]", "", code)
