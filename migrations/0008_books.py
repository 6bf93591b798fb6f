"""What the books said of each document, payments made elsewhere one by one, and the other spellings of a number."""

from peewee import *


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Customer(Base):
        pass

    class Invoice(Base):
        pass

    class PaymentElsewhere(Base):
        invoice = ForeignKeyField(Invoice, on_delete="CASCADE")
        customer = ForeignKeyField(Customer, index=False, on_delete="RESTRICT")
        amount_minor = BigIntegerField()
        paid_on = DateField(null=True)
        reference = CharField(default="")
        recorded_ms = BigIntegerField(null=True)
        listed_on = DateField()

        class Meta:
            indexes = ((("customer", "listed_on", "id"), False),)

    class NumberSpelling(Base):
        customer = ForeignKeyField(Customer, index=False, on_delete="CASCADE")
        kind = CharField()
        written = CharField()
        invoice = ForeignKeyField(Invoice, null=True, on_delete="CASCADE")

        class Meta:
            indexes = ((("customer", "kind", "written"), True),)

    db.create_tables([PaymentElsewhere, NumberSpelling], safe=False)
    # Not through the migrator: it would rebuild the whole table, which may have millions of rows.
    for column in ("credited_in_books_minor", "paid_beyond_minor", "credited_beyond_minor"):
        db.execute_sql(f"ALTER TABLE invoice ADD COLUMN {column} INTEGER")
    db.execute_sql("""
        INSERT INTO payment_elsewhere (invoice_id, customer_id, amount_minor, reference, listed_on)
        SELECT id, customer_id, paid_elsewhere_minor, '', issued_on FROM invoice
        WHERE paid_elsewhere_minor > 0 AND kind = 'invoice' ORDER BY id""")
