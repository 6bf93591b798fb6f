"""Documents that an administrator enters by hand, and the optimistic lock of their form."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE invoice ADD COLUMN source VARCHAR(255) NOT NULL DEFAULT 'import'")
    db.execute_sql("ALTER TABLE invoice ADD COLUMN version INTEGER NOT NULL DEFAULT 1")
