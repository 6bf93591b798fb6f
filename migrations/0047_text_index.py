"""An index of the texts in documents for SQLite's search, as PostgreSQL's is in its baseline.

Which documents have changed since they were indexed is in `text_index_pending`, by triggers: at first all of them. The
worker indexes them little by little (`app/database/text_index.py`).
"""

from peewee import PostgresqlDatabase

PENDING = "INSERT OR IGNORE INTO text_index_pending (customer_id, invoice_id)"
TRIGGERS = {
    "invoice_added": ("INSERT ON invoice", "VALUES (NEW.customer_id, NEW.id)"),
    "invoice_changed": (
        "UPDATE OF customer_id, number, po_number, memo, version ON invoice",
        "VALUES (OLD.customer_id, OLD.id), (NEW.customer_id, NEW.id)",
    ),
    "invoice_deleted": ("DELETE ON invoice", "VALUES (OLD.customer_id, OLD.id)"),
    "line_added": (
        "INSERT ON invoice_line WHEN NEW.customer_id IS NOT NULL",
        "VALUES (NEW.customer_id, NEW.invoice_id)",
    ),
    "line_changed": (
        "UPDATE OF customer_id, invoice_id, description ON invoice_line",
        "VALUES (NEW.customer_id, NEW.invoice_id)",
    ),
    "line_deleted": ("DELETE ON invoice_line", "VALUES (OLD.customer_id, OLD.invoice_id)"),
}


def up(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        return
    db.execute_sql(
        "CREATE VIRTUAL TABLE text_index"
        " USING fts5 (keys, body, content = '', columnsize = 0, detail = none, tokenize = 'trigram')"
    )
    db.execute_sql("CREATE TABLE text_index_document (id INTEGER PRIMARY KEY, keys TEXT NOT NULL, body TEXT NOT NULL)")
    db.execute_sql(
        "CREATE TABLE text_index_pending (customer_id INTEGER NOT NULL, invoice_id INTEGER NOT NULL,"
        " PRIMARY KEY (customer_id, invoice_id)) WITHOUT ROWID"
    )
    db.execute_sql(f"{PENDING} SELECT customer_id, id FROM invoice ORDER BY customer_id, id")
    for name, (event, rows) in TRIGGERS.items():
        db.execute_sql(f"CREATE TRIGGER text_index_{name} AFTER {event} BEGIN {PENDING} {rows}; END")
