"""What finding out about a payment must remember, in columns: it was read from the audit log before."""

COLUMNS = {
    "named_id": "VARCHAR(255) NOT NULL DEFAULT ''",
    "looked_ms": "INTEGER",
    "searching_ms": "INTEGER",
    "empty_searches": "INTEGER NOT NULL DEFAULT 0",
    "duplicate_ms": "INTEGER",
    "resent_ms": "INTEGER",
    "unclear_ms": "INTEGER",
    "unclear_looks": "INTEGER NOT NULL DEFAULT 0",
    "decision_ms": "INTEGER",
    "doubles_checked": "INTEGER NOT NULL DEFAULT 0",
}
NOTED = {"searching_ms": "payment.searching", "duplicate_ms": "payment.duplicate", "resent_ms": "payment.resent"}


def up(migrator, db):
    for name, kind in COLUMNS.items():
        db.execute_sql(f"ALTER TABLE attempt ADD COLUMN {name} {kind}")
    for name, event in NOTED.items():
        db.execute_sql(
            f"UPDATE attempt SET {name} = (SELECT MIN(at_ms) FROM audit"
            " WHERE event = ? AND subject = 'attempt:' || attempt.reference) WHERE state IN ('created', 'sent')",
            (event,),
        )
    # Charges of before that have settled are past being voided; the nightly comparison has looked at them.
    db.execute_sql("UPDATE attempt SET doubles_checked = 1 WHERE poll_ms IS NULL")
    db.execute_sql("ALTER TABLE webhook ADD COLUMN asked_ms INTEGER NOT NULL DEFAULT 0")
