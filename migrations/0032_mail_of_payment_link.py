"""Which email has a Payment Link, so that revoking the link cancels the email."""

from peewee import *


def up(migrator, db):
    db.execute_sql("ALTER TABLE payment_link ADD COLUMN mail_key VARCHAR(255) NOT NULL DEFAULT ''")
    db.execute_sql("CREATE INDEX payment_link_mail_key ON payment_link (mail_key)")
    db.execute_sql(
        "UPDATE payment_link SET mail_key = 'payment_link:' || token_hash"
        " WHERE 'payment_link:' || token_hash IN (SELECT key FROM outbox)"
    )
