"""Opening SQLite and bringing its schema up to date. The names are those of `postgres.py`."""

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
TURN_SECONDS = 0.12  # who waits for its turn looks every 0.1 s
LONGEST_LOG_BYTES = 32 * 1024**2
NO_LOG = (
    "This version of SQLite has a bug in its write-ahead log, so the portal does without: payments are right, but "
    "slower. Use 3.51.3 or newer."
)
# Of each connection, and there is one for each request at the same moment: the system keeps the file in memory, too.
CACHE_KIB = 2_000
IMPORT_CACHE_KIB = 32_000
INDEXED_AT_ONCE = 200  # documents: others wait for them to write


class Database(Locks, PooledSqliteDatabase):  # type: ignore[misc]
    """SQLite with what differs from PostgreSQL under names that its class has, too."""

    like = "LIKE"
    has_trigrams = False
    merges_walks = True  # reads walks in one order, joined by UNION ALL, no further than the limit
    staging, staging_index = "staging.", "staging."  # in front of a staging table's name, and of its index's
    own_key = "INTEGER PRIMARY KEY"  # the type of an id that counts itself
    then_join = "CROSS JOIN"  # a join whose left table is read first

    @staticmethod
    def indexed_by(index: str) -> str:
        return f"INDEXED BY {index}"

    def rollback(self) -> None:
        # When the disk is full or fails, SQLite has rolled back by itself, and a second ROLLBACK would hide why.
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
        """Those of the portal, without the ones in which its text index is."""
        return [name for name in super().get_tables(schema) if not name.startswith(text_index.PREFIX)]

    def state_token(self) -> tuple[int, int]:
        """The same as before if nothing was written in between, by this connection or another. Call it in a
        transaction."""
        version = self.execute_sql("PRAGMA main.data_version").fetchone()[0]
        return version, self.connection().total_changes

    def give_way(self, seconds: float = 0) -> None:
        """Let others write, between transactions in a row, the last of which took so many seconds."""
        if not self.in_transaction():
            time.sleep(max(TURN_SECONDS, min(seconds / 4, 1)))

    @staticmethod
    def is_busy(error: Exception) -> bool:
        """Whether others held a lock for longer than a statement waits. Nothing of it was written."""
        return isinstance(error, OperationalError) and "is locked" in str(error)

    def facts(self) -> Facts:
        """Of a connected database."""
        journal = self.execute_sql("PRAGMA journal_mode").fetchone()[0]
        files = (Path(f"{self.database}{suffix}") for suffix in ("", "-wal"))
        size = sum(file.stat().st_size for file in files if file.exists())
        return Facts(
            f"SQLite {sqlite3.sqlite_version}", f"journal {journal}", size, () if journal == "wal" else (NO_LOG,)
        )

    @contextlib.contextmanager
    def staging_database(self) -> Iterator[None]:
        """A connection with an empty `staging` database beside the portal's; nested, the one that is there.

        It needs no journal, as it is thrown away at the end. As soon as its file is open, it has no name:
        however this process ends, nothing is left.
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
            # Nothing is attached, or a full disk keeps it busy: closing ends it.
            with contextlib.suppress(PeeweeException):
                self.execute_sql(f"PRAGMA main.cache_size = -{CACHE_KIB}")
                self.execute_sql("DETACH DATABASE staging")
            if opened:
                self.close()

    def add_rows(self, table: str, columns: list[str], rows: Iterable[tuple]) -> None:
        """Many rows at once, in the caller's transaction."""
        marks = ", ".join("?" * len(columns))
        self.cursor().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """A transaction that reads one state, however long it takes, and keeps no one from writing; or the caller's."""
        with self.atomic("DEFERRED"):
            yield

    def rows(self, table: str, columns: list[str]) -> Iterator[tuple]:
        """All rows by id, read as they are asked for."""
        yield from self.execute_sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")

    @contextlib.contextmanager
    def refilled(self, tables: list[str]) -> Iterator[None]:
        """Empties the tables, of which none refers to a later one, in the caller's transaction. What is added is taken
        as it is: no trigger runs. Indexes are made at the end, and new ids go on after the highest."""
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
        text_index.expect_all(self)

    @staticmethod
    def refused_row(error: Exception) -> tuple[int | None, str] | None:
        """(its place among those that `add_rows` was given, from 1, if it is known; why), for one with a value that
        doesn't belong into its column. SQLite takes any value."""
        return None

    def tidy(self) -> None:
        """After many rows were added."""

    @contextlib.contextmanager
    def changes_logged_in(self, log: str, columns: dict[str, tuple[str, ...]]) -> Iterator[None]:
        """Into `log` goes (table_name, row_id, before) of each change, by temporary triggers, which only this
        connection has."""
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
        """What a line `f` of the log has of these columns, as `json_array` has them."""
        return "f.before"

    @staticmethod
    def json_array(row: str, names: tuple[str, ...]) -> str:
        return f"json_array({', '.join(f'{row}.{name}' for name in names)})"

    @staticmethod
    def json_items(array: str, table: str, names: tuple[str, ...]) -> list[str]:
        """The values of these columns of a table from a `json_array` of them."""
        return [f"json_extract({array}, '$[{place}]')" for place in range(len(names))]

    def index_texts(self, seconds: float) -> None:
        """Bring the index of texts nearer to what has changed, for about so long; not while another writes."""
        end = time.monotonic() + seconds
        try:
            with self.waiting_at_most(seconds):
                while text_index.index_some(self, INDEXED_AT_ONCE) and time.monotonic() < end:
                    pass
        except OperationalError as error:
            if not self.is_busy(error):
                raise

    @staticmethod
    def is_refused(error: Exception) -> bool:
        """Whether a transaction failed only because of others at the same time. Here they take turns."""
        return False

    def has_place(self) -> bool:
        """Whether its file is still there. Open connections go on without it, and what they write is lost."""
        return Path(self.database).exists()

    @staticmethod
    def is_away(error: Exception) -> bool:
        """Whether the server can't be reached. There is none here."""
        return False

    @staticmethod
    def is_taken(error: Exception) -> bool:
        """Whether another transaction may have added the same key since this one looked."""
        return False


def log_trigger(table: str, event: str) -> str:
    return f"log_{table}_{event.split()[0].lower()}"


def path_of(url: str) -> Path:
    """Raises ValueError for the URL of a server, which would be the path of a folder."""
    path = url.removeprefix(PREFIX)
    if path == url:
        raise ValueError("This is no URL of an SQLite database.")  # which may have a password
    return Path(path)


def open_database(url: str) -> Database:
    """The database at `sqlite:///PATH`; nothing is connected yet.

    Every transaction begins IMMEDIATE, and what is deleted is overwritten: mail holds links. SQLite releases
    whose WAL can corrupt a database that has several connections (sqlite.org/wal.html, "the WAL-reset
    bug") are given a rollback journal.
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
    """Apply every migration that is pending; their names. Two processes may call it at once.

    The lock comes before the connection: SQLite does not wait when two turn an empty file to WAL.
    """
    with migration_lock(Path(database.database)), database.connection_context():
        return apply_migrations(database)


def apply_migrations(database) -> list[str]:
    """The same for a connected database that no one else uses, as a part of the caller's transaction."""
    return Runner(database, str(MIGRATIONS)).up()


def user_version(connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def set_user_version(connection, version: int) -> None:
    connection.execute(f"PRAGMA user_version = {version}")


def fold_log(connection) -> bool:
    """Write the log into the database file. False while others read an older state."""
    busy, in_log, folded = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return not busy and in_log == folded


def end_log(connection) -> None:
    """Make the database one file without a log beside it. No other connection is open."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode = DELETE")


def first_damage(connection, check: str = "integrity_check") -> str:
    """'' for none. `check` is integrity_check or the faster quick_check."""
    (found,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    return "" if found == "ok" else found.splitlines()[-1]


def has_table(connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def has_tables(connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
