"""Opening PostgreSQL and bringing its schema up to date. The names are those of `sqlite.py`.

SQL is written once, with SQLite's placeholders (`?`, `:name`). Values come back as SQLite gives them: dates as ISO
text, sums of integers as integers.
"""

import contextlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import psycopg
from peewee import OperationalError
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.types.numeric import NumericLoader
from psycopg.types.string import TextLoader

from app.config import ROOT

MIGRATIONS = ROOT / "migrations"
BASELINE = Path(__file__).with_name("postgres_baseline.sql")
MIGRATION_LOCK = 0x506F7274  # of pg_advisory_lock; any number that no other program uses in this database
LOCK_TIMEOUT_MS = 30_000
MIGRATION_LOCK_TIMEOUT_MS = 5_000
SETTINGS = f"-c TimeZone=UTC -c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=120000"
REFUSALS = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
# Only what is outside of literals and quoted names is a placeholder. peewee's own queries have %s.
TOKEN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|::|%s|%|\?|:([a-z_]\w*)""", re.IGNORECASE)


class Database(PooledPostgresqlDatabase):  # type: ignore[misc]
    """PostgreSQL with what differs from SQLite under names that SqliteDatabase has, too."""

    param = "?"
    like = "ILIKE"
    has_trigrams = True

    def init(self, database, **settings):
        """Transactions are SERIALIZABLE: what was shown to be right with one writer at a time is right, and a
        transaction that would not be is refused."""
        usual = {"prefer_psycopg3": True, "isolation_level": "SERIALIZABLE", "options": SETTINGS}
        super().init(database, **(usual | settings))

    def execute_sql(self, sql, params=None):
        return super().execute_sql(translated(sql), without_nul(params))

    def begin(self, lock_type=None):
        """`lock_type` is SQLite's."""
        super().begin()

    @staticmethod
    def indexed_by(index: str) -> str:
        return ""

    @staticmethod
    def is_refused(error: Exception) -> bool:
        """Whether a transaction failed only because of others at the same time: the same again may succeed."""
        return isinstance(error, OperationalError) and isinstance(getattr(error, "orig", None), REFUSALS)

    @staticmethod
    def without_case(column: str) -> str:
        """An expression in whose order letters are alike in upper and lower case, as the indexes have it."""
        return f"lower({column})"

    def _connect(self):
        connection = super()._connect()
        connection.adapters.register_loader("numeric", WholeNumberLoader)
        connection.adapters.register_loader("date", TextLoader)
        return connection


class WholeNumberLoader(NumericLoader):
    """No column is numeric: only the sums of integers are."""

    def load(self, data):
        value = super().load(data)
        return int(value) if value == value.to_integral_value() else value


def without_nul(params):
    """PostgreSQL's text has no NUL: the sign for what can't be shown stands for it."""
    if isinstance(params, Mapping):
        return {name: shown(value) for name, value in params.items()}
    return params and [shown(value) for value in params]


def shown(value):
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


@lru_cache(2048)
def translated(sql: str) -> str:
    """SQL with psycopg's placeholders instead of SQLite's."""
    return TOKEN.sub(placeholder, sql)


def placeholder(found: re.Match) -> str:
    text, name = found[0], found[1]
    if text == "?":
        return "%s"
    if name:
        return f"%({name})s"
    return text if text == "%s" else text.replace("%", "%%")


def open_database(url: str) -> Database:
    """The database at `postgresql://…`; nothing is connected yet."""
    return Database(url, max_connections=None, stale_timeout=None)


def migrate(database) -> list[str]:
    """Apply every migration that is pending; their names. Two processes may call it at once."""
    with database.connection_context(), migration_lock(database):
        made = make_baseline(database)
        return made + Runner(database, str(MIGRATIONS)).up()


@contextlib.contextmanager
def migration_lock(database):
    """One migrating process at a time. A migration that waits for a table gives up, and no request waits behind it."""
    run = database.execute_sql
    run("SELECT pg_advisory_lock(?)", (MIGRATION_LOCK,))
    run(f"SET lock_timeout = {MIGRATION_LOCK_TIMEOUT_MS}")
    try:
        yield
    finally:
        run(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        run("SELECT pg_advisory_unlock(?)", (MIGRATION_LOCK,))


def make_baseline(database) -> list[str]:
    """Make the tables of an empty database as SQLite's first migrations made them; the names of those."""
    if has_tables(database.connection()):
        return []
    with database.atomic():
        # As one string and without values: the server takes all statements at once.
        database.connection().execute(BASELINE.read_text())
    return [name for (name,) in database.execute_sql("SELECT name FROM schema_migration ORDER BY name")]


def has_table(connection, name: str) -> bool:
    found = connection.execute("SELECT to_regclass(quote_ident(%s))", (name,))
    return found.fetchone()[0] is not None


def has_tables(connection) -> bool:
    found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1")
    return found.fetchone() is not None
