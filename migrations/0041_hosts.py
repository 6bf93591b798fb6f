"""Where the database was when a portal started on it, and with which settings each worker runs."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    text = 'text COLLATE "C"' if isinstance(db, PostgresqlDatabase) else "VARCHAR(255)"
    for table, column in (("deployment", "home"), ("worker_process", "portal_url"), ("worker_process", "environment")):
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column} {text} NOT NULL DEFAULT ''")
