"""At which gateway an attempt was made: another one knows nothing of it."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE attempt ADD COLUMN gateway VARCHAR(255) NOT NULL DEFAULT ''")
