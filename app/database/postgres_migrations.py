"""Updating the schema of a PostgreSQL database, one process at a time."""

import contextlib
from pathlib import Path

from peewee import __exception_wrapper__ as peewee_errors  # type: ignore[attr-defined]
from playhouse.migrations import Runner

from app.config import ROOT
from app.database.postgres_locks import LOCK_TIMEOUT_MS

MIGRATIONS = ROOT / "migrations"
BASELINE = Path(__file__).with_name("postgres_baseline.sql")
MIGRATION_LOCK = 0x506F7274  # of pg_advisory_lock; any number that no other program uses in this database
MIGRATION_LOCK_TIMEOUT_MS = 5_000


def migrate(database) -> list[str]:
    """Apply all pending migrations and return their names. Two processes may call it at once."""
    with database.connection_context():
        return apply_migrations(database)


def apply_migrations(database) -> list[str]:
    """Like `migrate`, for a connected database; also in the caller's transaction."""
    with migration_lock(database):
        made = make_baseline(database)
        return made + Runner(database, str(MIGRATIONS)).up()


@contextlib.contextmanager
def migration_lock(database):
    """Only one process migrates at a time. A migration that waits for a table gives up, so that no request queues
    behind it."""
    run = database.execute_sql
    run("SELECT pg_advisory_lock(?)", (MIGRATION_LOCK,))
    run(f"SET lock_timeout = {MIGRATION_LOCK_TIMEOUT_MS}")
    try:
        yield
    finally:
        run(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        run("SELECT pg_advisory_unlock(?)", (MIGRATION_LOCK,))


def make_baseline(database) -> list[str]:
    """Create the tables of an empty database as SQLite's first migrations would. Returns the names of those
    migrations."""
    if has_tables(database.connection()):
        return []
    with database.atomic(), peewee_errors:
        # As one string and without values: the server takes all statements at once.
        database.connection().execute(BASELINE.read_text())
    return [name for (name,) in database.execute_sql("SELECT name FROM schema_migration ORDER BY name")]


def has_table(connection, name: str) -> bool:
    found = connection.execute("SELECT to_regclass(quote_ident(%s))", (name,))
    return found.fetchone()[0] is not None


def has_tables(connection) -> bool:
    found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1")
    return found.fetchone() is not None
