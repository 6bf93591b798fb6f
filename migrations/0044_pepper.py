"""What is mixed into passwords before they are hashed, encrypted, so that the secret key can be replaced."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    text = 'text COLLATE "C"' if isinstance(db, PostgresqlDatabase) else "TEXT"
    db.execute_sql(f"ALTER TABLE deployment ADD COLUMN pepper {text} NOT NULL DEFAULT ''")
