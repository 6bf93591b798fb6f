"""Emails about new and due invoices: the settings, what was sent, and who wants no reminders."""

from peewee import *


def up(migrator, db):
    class Customer(Model):
        class Meta:
            database = db
            table_name = "customer"

    class Invoice(Model):
        class Meta:
            database = db
            table_name = "invoice"

    class InvoiceNotice(Model):
        invoice = ForeignKeyField(Invoice, index=False, on_delete="CASCADE")
        kind = CharField()
        step = IntegerField(default=0)
        at_ms = BigIntegerField()

        class Meta:
            database = db
            table_name = "invoice_notice"
            indexes = ((("invoice", "kind", "step"), True),)

    class ReminderStop(Model):
        customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
        email = CharField()
        at_ms = BigIntegerField()

        class Meta:
            database = db
            table_name = "reminder_stop"
            indexes = ((("customer", "email"), True),)

    db.create_tables([InvoiceNotice, ReminderStop])
    for column in (
        "invoice_mail INTEGER NOT NULL DEFAULT 0",
        "invoice_mail_after INTEGER NOT NULL DEFAULT 0",
        "reminders_before VARCHAR(255) NOT NULL DEFAULT ''",
        "reminders_after VARCHAR(255) NOT NULL DEFAULT ''",
        "reminders_from VARCHAR(255) NOT NULL DEFAULT ''",
        "links_in_mail INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute_sql(f"ALTER TABLE company ADD COLUMN {column}")
    db.execute_sql("ALTER TABLE customer ADD COLUMN reminders_off INTEGER NOT NULL DEFAULT 0")
