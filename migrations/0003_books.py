"""What imports must remember of the books: documents that are void, and what the books said was paid."""


def up(migrator, db):
    # Not through the migrator: it would rebuild the whole table, which may have millions of rows.
    db.execute_sql("ALTER TABLE invoice ADD COLUMN paid_in_books_minor INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE invoice ADD COLUMN is_void INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("UPDATE invoice SET paid_in_books_minor = paid_elsewhere_minor WHERE paid_elsewhere_minor > 0")
