"""Codes for an administrator who has lost the device that makes their one-time passwords."""

from peewee import BigIntegerField, CharField, ForeignKeyField

from app.models.base import BaseModel
from app.models.user import User


class RecoveryCode(BaseModel):
    """A code that works once, in place of one from the device. Only its hash is kept."""

    user = ForeignKeyField(User, backref="recovery_codes", on_delete="CASCADE")
    code_hash = CharField(unique=True)
    used_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "recovery_code"
