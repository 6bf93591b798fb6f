"""What pay pages ask and offer: the card's postal code, and how to pay by bank transfer."""

from peewee import BooleanField, TextField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("company", "asks_postal_code", BooleanField(default=False)),
        migrator.add_column("company", "bank_details", TextField(default="{}")),
    )
