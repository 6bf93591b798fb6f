"""Runs of the export of payments to the books, and what each of them has."""


def up(migrator, db):
    db.execute_sql("""
        CREATE TABLE export_run (
            id INTEGER NOT NULL PRIMARY KEY,
            number INTEGER NOT NULL,
            format VARCHAR(255) NOT NULL,
            file_name VARCHAR(255) NOT NULL,
            actor VARCHAR(255) NOT NULL,
            created_ms INTEGER NOT NULL,
            content BLOB NOT NULL
        )""")
    db.execute_sql("CREATE UNIQUE INDEX export_run_number ON export_run (number)")
    db.execute_sql("""
        CREATE TABLE export_line (
            id INTEGER NOT NULL PRIMARY KEY,
            run_id INTEGER NOT NULL REFERENCES export_run (id) ON DELETE RESTRICT,
            ledger_entry_id INTEGER REFERENCES ledger (id) ON DELETE RESTRICT,
            refund_id INTEGER REFERENCES audit (id) ON DELETE RESTRICT,
            amount_minor INTEGER NOT NULL,
            currency VARCHAR(3) NOT NULL,
            confirmed_ms INTEGER,
            confirmed_by VARCHAR(255) NOT NULL,
            CHECK ((ledger_entry_id IS NULL) <> (refund_id IS NULL))
        )""")
    db.execute_sql("CREATE UNIQUE INDEX export_line_ledger_entry_id ON export_line (ledger_entry_id)")
    db.execute_sql("CREATE UNIQUE INDEX export_line_refund_id ON export_line (refund_id)")
    db.execute_sql("CREATE INDEX export_line_run_id_confirmed_ms ON export_line (run_id, confirmed_ms)")
    db.execute_sql("CREATE INDEX export_line_confirmed_ms ON export_line (confirmed_ms)")
