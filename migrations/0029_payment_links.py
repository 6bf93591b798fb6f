"""Links that open one invoice without a login, their views, and the payments made with them."""

from peewee import *


def up(migrator, db):
    class Invoice(Model):
        class Meta:
            database = db
            table_name = "invoice"

    class PaymentLink(Model):
        invoice = ForeignKeyField(Invoice, on_delete="CASCADE")
        token_hash = CharField(unique=True)
        recipient = CharField(default="")
        actor = CharField()
        created_ms = BigIntegerField()
        expires_ms = BigIntegerField()
        revoked_ms = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "payment_link"

    class PaymentLinkView(Model):
        link = ForeignKeyField(PaymentLink, on_delete="CASCADE")
        at_ms = BigIntegerField()
        address = CharField()

        class Meta:
            database = db
            table_name = "payment_link_view"

    db.create_tables([PaymentLink, PaymentLinkView])
    db.execute_sql(
        "ALTER TABLE attempt ADD COLUMN payment_link_id INTEGER REFERENCES payment_link (id) ON DELETE RESTRICT"
    )
    db.execute_sql("CREATE INDEX attempt_payment_link_id ON attempt (payment_link_id)")
    db.execute_sql("ALTER TABLE attempt ADD COLUMN payer_email VARCHAR(255) NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE company ADD COLUMN payment_link_days INTEGER NOT NULL DEFAULT 30")
