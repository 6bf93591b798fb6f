"""Opens SQLite and updates its schema. The names are the same as in `postgres.py`."""

import contextlib
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from peewee import OperationalError, PeeweeException
from peewee import sqlite3 as sqlite3  # type: ignore[attr-defined]
from playhouse.migrations import Runner
from playhouse.pool import PooledSqliteDatabase

from app.config import ROOT
from app.database import text_index
from app.database.facts import Facts
from app.database.sqlite_locks import BUSY_MS, Locks, migration_lock

MIGRATIONS = ROOT / "migrations"
PREFIX = "sqlite:///"
TURN_SECONDS = 0.12  # waiting connections retry every 0.1 s
LONGEST_LOG_BYTES = 32 * 1024**2
NO_LOG = (
    "This version of SQLite has a bug in its write-ahead log, so the portal does without: payments are right, but "
    "slower. Use 3.51.3 or newer."
)
# Per connection, and each concurrent request has one. The operating system caches the file too.
CACHE_KIB = 2_000
IMPORT_CACHE_KIB = 32_000
INDEXED_AT_ONCE = 200  # documents in a transaction, which blocks other writers


class FileGone(OperationalError):
    """The database file was deleted while the portal runs. Nothing was written."""


class Database(Locks, PooledSqliteDatabase):  # type: ignore[misc]
    """SQLite, with everything that differs from PostgreSQL under the same names as in PostgreSQL's class."""

    like = "LIKE"
    has_trigrams = False
    merges_ordered_reads = True  # reads walks in one order, joined by UNION ALL, no further than the limit
    staging, staging_index = "staging.", "staging."  # in front of a staging table's name, and of its index's
    own_key = "INTEGER PRIMARY KEY"  # the type of an id that counts itself
    ordered_join = "CROSS JOIN"  # a join whose left table is read first

    @staticmethod
    def indexed_by(index: str) -> str:
        return f"INDEXED BY {index}"

    def begin(self, lock_type: str | None = None) -> None:
        if not self.file_exists():
            raise FileGone(f"{self.database} is gone")
        super().begin(lock_type)

    def rollback(self) -> None:
        # If the disk is full or fails, SQLite has already rolled back, and a second ROLLBACK would hide the error.
        if self.connection().in_transaction:
            super().rollback()

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        point = super().savepoint()
        point.__enter__()
        try:
            yield
        except BaseException:
            if self.connection().in_transaction:
                point.rollback(begin=False)
            raise
        point.__exit__(None, None, None)

    def get_tables(self, schema: str | None = None) -> list[str]:
        """The portal's tables, without those of its text index."""
        return [name for name in super().get_tables(schema) if not name.startswith(text_index.PREFIX)]

    def change_token(self) -> tuple[int, int]:
        """The same value as before if nothing was written in between, by this or any other connection. Call it in a
        transaction."""
        version = self.execute_sql("PRAGMA main.data_version").fetchone()[0]
        return version, self.connection().total_changes

    def yield_to_writers(self, seconds: float = 0) -> None:
        """Let others write between consecutive transactions, the last of which took this long."""
        if not self.in_transaction():
            time.sleep(max(TURN_SECONDS, min(seconds / 4, 1)))

    @staticmethod
    def is_busy(error: Exception) -> bool:
        """True if the database was locked for longer than the timeout; nothing was written."""
        return isinstance(error, OperationalError) and "is locked" in str(error)

    def facts(self) -> Facts:
        """Needs a connection."""
        journal = self.execute_sql("PRAGMA journal_mode").fetchone()[0]
        files = (Path(f"{self.database}{suffix}") for suffix in ("", "-wal"))
        size = sum(file.stat().st_size for file in files if file.exists())
        return Facts(
            f"SQLite {sqlite3.sqlite_version}", f"journal {journal}", size, () if journal == "wal" else (NO_LOG,)
        )

    @contextlib.contextmanager
    def staging_database(self) -> Iterator[None]:
        """A connection with an empty attached database `staging`. When nested, it is the outer one.

        It has no journal, because it is thrown away at the end. Its file is unlinked as soon as it is open, so nothing
        remains however this process ends.
        """
        opened = self.connect(reuse_if_open=True)
        if any(name == "staging" for _seq, name, _file in self.execute_sql("PRAGMA database_list")):
            yield
            return
        try:
            with tempfile.TemporaryDirectory(prefix="import-") as folder:
                self.execute_sql("ATTACH DATABASE ? AS staging", (str(Path(folder) / "staging.sqlite3"),))
                for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{IMPORT_CACHE_KIB}"):
                    self.execute_sql(f"PRAGMA staging.{pragma}").fetchall()
            self.execute_sql(f"PRAGMA main.cache_size = -{IMPORT_CACHE_KIB}")
            yield
        finally:
            # Nothing is attached, or a full disk keeps the database busy. Closing detaches it.
            with contextlib.suppress(PeeweeException):
                self.execute_sql(f"PRAGMA main.cache_size = -{CACHE_KIB}")
                self.execute_sql("DETACH DATABASE staging")
            if opened:
                self.close()

    def add_rows(self, table: str, columns: list[str], rows: Iterable[tuple]) -> None:
        """Insert many rows, in the caller's transaction."""
        marks = ", ".join("?" * len(columns))
        self.cursor().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """A read-only transaction with a stable snapshot that doesn't block writers; or the caller's transaction."""
        with self.atomic("DEFERRED"):
            yield

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple]:
        """All rows ordered by id, read lazily."""
        yield from self.execute_sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    @contextlib.contextmanager
    def replacing_rows(self, tables: list[str]) -> Iterator[None]:
        """Empty the tables, so that the caller can add rows as they are: no trigger runs. No table refers to a later
        one. At the end, indexes are recreated and new ids continue after the highest. All in the caller's
        transaction."""
        made = self.execute_sql(
            "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _sql in made:
            self.execute_sql(f'DROP {kind} "{name}"')
        for table in reversed(tables):
            self.execute_sql(f"DELETE FROM {table}")
        yield
        for _kind, _name, sql in made:
            self.execute_sql(sql)
        text_index.mark_all_pending(self)

    @staticmethod
    def rejected_row(error: Exception) -> tuple[int | None, str] | None:
        """(position among the rows passed to `add_rows`, from 1, or None if unknown; why) for an error about a row
        whose value doesn't fit its column; None for any other error. SQLite accepts any value."""
        return None

    def vacuum(self) -> None:
        """Call it after many rows were added."""

    @contextlib.contextmanager
    def changes_logged_in(self, log: str, columns: dict[str, tuple[str, ...]]) -> Iterator[None]:
        """Log each change into `log` as (table_name, row_id, before), by temporary triggers of this connection."""
        for table, names in columns.items():
            old, new = self.json_array("old", names), self.json_array("new", names)
            for event, when, row, before in (
                ("INSERT", "TRUE", "new", "NULL"),
                (f"UPDATE OF {', '.join(names)}", f"{old} <> {new}", "new", old),
                ("DELETE", "TRUE", "old", old),
            ):
                self.execute_sql(
                    f"CREATE TEMP TRIGGER {log_trigger(table, event)} AFTER {event} ON main.{table} WHEN {when} BEGIN"
                    f" INSERT INTO {log} (table_name, row_id, before) VALUES ('{table}', {row}.id, {before}); END"
                )
        try:
            yield
        finally:
            for table in columns:
                for event in ("INSERT", "UPDATE", "DELETE"):
                    self.execute_sql(f"DROP TRIGGER IF EXISTS temp.{log_trigger(table, event)}")

    @staticmethod
    def logged_values(names: tuple[str, ...]) -> str:
        """The values of these columns in a line `f` of the log, in the format of `json_array`."""
        return "f.before"

    @staticmethod
    def json_array(row: str, names: tuple[str, ...]) -> str:
        return f"json_array({', '.join(f'{row}.{name}' for name in names)})"

    @staticmethod
    def json_items(array: str, table: str, names: tuple[str, ...]) -> list[str]:
        """The values of these columns of a table, from a `json_array` of them."""
        return [f"json_extract({array}, '$[{place}]')" for place in range(len(names))]

    def index_texts(self, seconds: float) -> None:
        """Index changed documents for about this long, unless another process writes."""
        end = time.monotonic() + seconds
        try:
            with self.lock_timeout(seconds):
                while text_index.index_some(self, INDEXED_AT_ONCE) and time.monotonic() < end:
                    pass
        except OperationalError as error:
            if not self.is_busy(error):
                raise

    @staticmethod
    def is_conflict(error: Exception) -> bool:
        """Always false: SQLite's transactions run one at a time."""
        return False

    def file_exists(self) -> bool:
        """True if the database file is still there. Open connections work without it, but what they write is lost."""
        return Path(self.database).exists()

    @staticmethod
    def is_disconnected(error: Exception) -> bool:
        """True if the database file is gone. Nothing was written."""
        return isinstance(error, FileGone)

    @staticmethod
    def is_duplicate_key(error: Exception) -> bool:
        """Always false: SQLite's transactions run one at a time."""
        return False


def log_trigger(table: str, event: str) -> str:
    return f"log_{table}_{event.split()[0].lower()}"


def path_of(url: str) -> Path:
    """Raises ValueError for a server's URL, which would otherwise be taken for a folder."""
    path = url.removeprefix(PREFIX)
    if path == url:
        raise ValueError("This is no URL of an SQLite database.")  # which may have a password
    return Path(path)


def open_database(url: str) -> Database:
    """The database at `sqlite:///PATH`, without connecting.

    Every transaction begins IMMEDIATE. Deleted content is overwritten, because mail contains links. SQLite releases
    whose WAL can corrupt a database with several connections (sqlite.org/wal.html, "the WAL-reset bug") use a rollback
    journal instead.
    """
    path = path_of(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    if wal_is_safe(sqlite3.sqlite_version_info):
        pragmas = {"journal_mode": "wal", "synchronous": "full"}
    else:
        pragmas = {"journal_mode": "delete", "synchronous": "extra"}
    return Database(
        str(path),
        max_connections=None,
        stale_timeout=None,
        check_same_thread=False,  # the pool hands a connection to one thread at a time
        lock_type="IMMEDIATE",
        # The pool takes `timeout` for itself. 100 payments at once take turns for longer than one would think.
        pragmas={
            **pragmas,
            "busy_timeout": BUSY_MS,
            "journal_size_limit": LONGEST_LOG_BYTES,  # after a large import the log is cut to this
            "foreign_keys": 1,
            "cache_size": -CACHE_KIB,
            "trusted_schema": 0,
            "secure_delete": 1,
        },
    )


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def migrate(database) -> list[str]:
    """Apply all pending migrations and return their names. Two processes may call it at once.

    The lock is taken before connecting, because SQLite does not wait when two processes switch an empty file to WAL.
    """
    with migration_lock(Path(database.database)), database.connection_context():
        return apply_migrations(database)


def apply_migrations(database) -> list[str]:
    """Like `migrate`, for a connected database that is used by nothing else, in the caller's transaction."""
    return Runner(database, str(MIGRATIONS)).up()


def has_table(connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def has_tables(connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
