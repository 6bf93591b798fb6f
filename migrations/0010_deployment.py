"""What tells copies of a database apart: the key they go with, when they were made, and when one was restored."""

import secrets

from peewee import *


def up(migrator, db):
    class Deployment(Model):
        portal_id = CharField()
        key_check = CharField()
        backup_ms = BigIntegerField(null=True)
        compare_from_ms = BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Deployment], safe=False)
    Deployment.create(id=1, portal_id=secrets.token_hex(4), key_check="")
    migrator.migrate(migrator.add_column("company", "payments_held_ms", BigIntegerField(null=True)))
