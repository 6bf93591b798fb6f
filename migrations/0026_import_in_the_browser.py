"""Files that administrators upload, their previews, what undoes them, and columns of files that were mapped."""

from peewee import *


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ImportRun(Base):
        public_id = CharField(unique=True)
        kind = CharField()
        file_name = CharField()
        sha256 = CharField()
        content = BlobField(null=True)
        size = IntegerField()
        state = CharField()
        options = TextField()
        result = TextField()
        digest = CharField()
        claim = CharField()
        claimed_ms = BigIntegerField()
        progress = IntegerField()
        tries = IntegerField()
        actor = CharField()
        address = CharField()
        created_ms = BigIntegerField()
        applied_ms = BigIntegerField(null=True)

        class Meta:
            indexes = ((("state", "id"), False),)

    class ImportRow(Base):
        run = ForeignKeyField(ImportRun, index=False, on_delete="CASCADE")
        position = IntegerField()
        row = IntegerField(null=True)
        outcome = CharField()
        customer_number = CharField()
        kind = CharField()
        number = CharField()
        name = CharField()
        currency = CharField()
        total_minor = BigIntegerField(null=True)
        changes = TextField()
        reason = TextField()

        class Meta:
            indexes = ((("run", "outcome", "position"), False),)

    class ImportChange(Base):
        run = ForeignKeyField(ImportRun, on_delete="CASCADE")
        table_name = CharField()
        row_id = IntegerField()
        before = TextField(null=True)
        after = TextField(null=True)

    class ColumnMapping(Base):
        name = CharField()
        kind = CharField()
        headings = TextField()
        used_ms = BigIntegerField()

        class Meta:
            indexes = ((("kind", "name"), True),)

    db.create_tables([ImportRun, ImportRow, ImportChange, ColumnMapping], safe=False)
    for table in ("customer", "invoice"):
        for column in ("internal_id", "external_id"):
            db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(255) NOT NULL DEFAULT ''")
