"""Imports that came before all payments that a restore had lost were found."""


def up(migrator, db):
    db.execute_sql("""
        CREATE TABLE early_import (
            id INTEGER NOT NULL PRIMARY KEY,
            invoice_id INTEGER NOT NULL REFERENCES invoice (id) ON DELETE CASCADE,
            read_ms INTEGER NOT NULL,
            includes_paid INTEGER NOT NULL,
            includes_credits INTEGER NOT NULL,
            known_paid_minor INTEGER NOT NULL,
            known_credited_minor INTEGER NOT NULL,
            taken_minor INTEGER NOT NULL
        )""")
    db.execute_sql("CREATE UNIQUE INDEX early_import_invoice_id ON early_import (invoice_id)")
