"""The sheet of a workbook that saved columns are of."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    text = 'text COLLATE "C"' if isinstance(db, PostgresqlDatabase) else "VARCHAR(255)"
    db.execute_sql(f"ALTER TABLE column_mapping ADD COLUMN sheet {text} NOT NULL DEFAULT ''")
