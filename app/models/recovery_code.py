"""Codes for an administrator who has lost the device that makes their one-time passwords."""

from datetime import datetime

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.clock import to_ms
from app.models.base import BaseModel, db, public_id
from app.models.tokens import digest
from app.models.user import User

HOW_MANY = 10


class RecoveryCode(BaseModel):
    """A code that works once, in place of one from the device. Only its hash is kept."""

    user = ForeignKeyField(User, backref="recovery_codes", on_delete="CASCADE")
    code_hash = CharField(unique=True)
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "recovery_code"

    @classmethod
    def issue(cls, user: User) -> list[str]:
        """New codes, like 'k7m2p-x9w4r'; the ones before stop working."""
        codes = [f"{public_id(5)}-{public_id(5)}" for _ in range(HOW_MANY)]
        with db.atomic():
            cls.delete().where(cls.user == user).execute()
            cls.insert_many([{"user": user, "code_hash": cls.kept(user, code)} for code in codes]).execute()
        return codes

    @classmethod
    def use(cls, user: User, code: str, now: datetime) -> bool:
        """Use a code up. False when it is none of this person's, or was used before."""
        unused = (cls.user == user) & (cls.code_hash == cls.kept(user, code)) & cls.used_ms.is_null()
        return bool(cls.update(used_ms=to_ms(now)).where(unused).execute())

    @classmethod
    def left(cls, user_id: int) -> int:
        return cls.select().where(cls.user == user_id, cls.used_ms.is_null()).count()

    @staticmethod
    def kept(user: User, code: str) -> str:
        return digest(f"{user.id}:{code}")
