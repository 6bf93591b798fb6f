"""Tokens of pay forms that must not make a payment attempt."""

from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField

from app.clock import to_ms
from app.models.base import BaseModel, one_transaction
from app.models.payment_attempt import Attempt

# Longer than any request with the token can take.
VOIDED_KEPT = timedelta(days=1)


class VoidedToken(BaseModel):
    """The token of a pay form that was answered with "You have not been charged".

    A concurrent request with the same form that has not reserved yet finds this row and charges nothing, so that the
    answer stays true.
    """

    token = CharField(unique=True)
    voided_ms = BigIntegerField(index=True)

    class Meta:
        table_name = "voided_token"

    @classmethod
    def is_voided(cls, token: str) -> bool:
        return cls.select().where(cls.token == token).exists()

    @classmethod
    @one_transaction
    def void(cls, token: str, now: datetime) -> Attempt | None:
        """Void `token`. Returns the attempt that was already made with it; None guarantees that no attempt will ever
        be made with it. One transaction."""
        attempt = Attempt.by_token(token)
        if attempt is None:
            cls.delete().where(cls.voided_ms < to_ms(now - VOIDED_KEPT)).execute()
            cls.insert(token=token, voided_ms=to_ms(now)).on_conflict_ignore().execute()
        return attempt
