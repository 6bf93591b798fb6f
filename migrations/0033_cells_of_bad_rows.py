"""The cells of rows of an upload that can't be imported, to be corrected on its page."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE import_row ADD COLUMN cells TEXT NOT NULL DEFAULT '[]'")
