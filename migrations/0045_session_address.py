"""From which network address a person logged in, for the list of their logins."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    text = 'text COLLATE "C"' if isinstance(db, PostgresqlDatabase) else "VARCHAR(45)"
    db.execute_sql(f"ALTER TABLE session ADD COLUMN address {text} NOT NULL DEFAULT ''")
