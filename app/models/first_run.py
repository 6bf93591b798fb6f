"""The one-time token that makes the first administrator."""

from peewee import BigIntegerField, CharField

from app.models.base import BaseModel


class FirstRun(BaseModel):
    """At most one row. `closed_ms` is when the first administrator was made: from then on it stays closed."""

    token_hash = CharField()
    created_ms = BigIntegerField()
    closed_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "first_run"
