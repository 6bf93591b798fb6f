"""The name that a manager typed for the person they invite."""


def up(migrator, db):
    db.execute_sql("ALTER TABLE access ADD COLUMN invited_name VARCHAR(255) NOT NULL DEFAULT ''")
