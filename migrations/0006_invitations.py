"""Access that a customer's manager offers: pending until the person accepts it."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE access ADD COLUMN invited_ms INTEGER")
    db.execute_sql("ALTER TABLE access ADD COLUMN invited_by VARCHAR(255) NOT NULL DEFAULT ''")
