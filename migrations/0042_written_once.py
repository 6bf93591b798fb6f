"""A line of the audit trail that is written once has a key that no other line has."""

from peewee import PostgresqlDatabase

TEXT = {True: 'text COLLATE "C"', False: "VARCHAR(255)"}


def up(migrator, db):
    db.execute_sql(f"ALTER TABLE audit ADD COLUMN once_key {TEXT[isinstance(db, PostgresqlDatabase)]}")
    db.execute_sql("CREATE UNIQUE INDEX audit_once_key ON audit (once_key)")
