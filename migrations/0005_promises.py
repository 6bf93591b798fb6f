"""What the code promises about money, kept by the database: CHECK constraints, and books that are only added to."""

import re

CHECKS = {
    "attempt": (
        "amount_minor > 0",
        "state IN ('created', 'sent', 'approved', 'declined', 'abandoned')",
        "settlement IN ('', 'submitted', 'settled', 'failed', 'voided')",
        "(state = 'approved') = (settlement <> '')",
        "empty_searches >= 0 AND unclear_looks >= 0",
    ),
    "allocation": ("amount_minor > 0",),
    "ledger": (
        "kind IN ('charge', 'rebooked', 'unapplied', 'unapplied_returned', 'settlement_declined', 'void')",
        "(kind IN ('charge', 'rebooked', 'unapplied')) = (amount_minor > 0)",
        "amount_minor <> 0",
        "gateway_ref <> ''",
    ),
    "invoice": (
        "kind IN ('invoice', 'credit_memo')",
        "total_minor >= 0",
        "paid_elsewhere_minor >= 0",
        "credited_minor >= 0",
        "processing_minor >= 0 AND paid_online_minor >= 0",
        "processing_minor + paid_online_minor <= total_minor",
        "open_minor >= 0",
    ),
}
APPEND_ONLY = ("ledger", "audit")


def up(migrator, db):
    for table, checks in CHECKS.items():
        rebuild(db, table, checks)
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            db.execute_sql(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
            )


def rebuild(db, table, checks):
    """SQLite can't add a constraint to a table: make it again, with its rows, indexes and triggers."""
    (sql,) = db.execute_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
    beside = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL", (table,)
    ).fetchall()
    columns = ", ".join(f'"{row[1]}"' for row in db.execute_sql(f'PRAGMA table_info("{table}")').fetchall())
    made = re.sub(rf'^CREATE TABLE (IF NOT EXISTS )?"?{table}"?', f'CREATE TABLE "{table}__new"', sql, count=1)
    made = made.rstrip().removesuffix(")") + "".join(f", CHECK ({check})" for check in checks) + ")"
    db.execute_sql(made)
    db.execute_sql(f'INSERT INTO "{table}__new" ({columns}) SELECT {columns} FROM "{table}"')
    db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql(f'ALTER TABLE "{table}__new" RENAME TO "{table}"')
    for (statement,) in beside:
        db.execute_sql(statement)
