"""Since when the mailbox of bounces can't be read, and why."""

from peewee import *


def up(migrator, db):
    class BounceMailbox(Model):
        failed_ms = BigIntegerField()
        error = TextField()

        class Meta:
            database = db
            table_name = "bounce_mailbox"

    db.create_tables([BounceMailbox], safe=False)
