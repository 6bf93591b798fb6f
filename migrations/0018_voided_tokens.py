"""Tokens of pay forms whose sender was told that they were not charged."""

from peewee import *


def up(migrator, db):
    class VoidedToken(Model):
        token = CharField(unique=True)
        voided_ms = BigIntegerField(index=True)

        class Meta:
            database = db
            table_name = "voided_token"

    db.create_tables([VoidedToken])
