"""PostgreSQL's locks: of rows, and of duties that one process at a time does. They end with their connection."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from peewee import OperationalError

LOCK_TIMEOUT_MS = 30_000


class HeldLocks(threading.local):
    """Number of locks from `try_lock` that this thread holds."""

    count = 0


class Locks:
    """A thread that holds a lock from `try_lock` never gets a new connection. If its connection ends, the lock ends
    too, and any further work would run beside the next holder of the lock."""

    connection: Callable[[], psycopg.Connection]
    execute_sql: Callable[..., Any]
    get_tables: Callable[[], list[str]]
    is_closed: Callable[[], bool]

    def __init__(self, *arguments, **settings):
        self.held = HeldLocks()
        super().__init__(*arguments, **settings)

    def connect(self, reuse_if_open=False):
        if self.held.count and self.is_closed():
            raise OperationalError("The connection that held a lock was closed before the work under it ended.")
        return super().connect(reuse_if_open)  # type: ignore[misc]

    @contextlib.contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """True if this thread got the lock `name`, which only one thread of all processes can hold. The lock ends
        with the connection; after that, every statement fails until the end of the `with` block."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection = self.connection()
        has_lock = self.execute_sql("SELECT pg_try_advisory_lock(?)", (key,)).fetchone()[0]
        self.held.count += has_lock
        try:
            yield has_lock
        finally:
            if has_lock:
                self.held.count -= 1
                with contextlib.suppress(psycopg.Error):
                    connection.execute("SELECT pg_advisory_unlock(%s)", (key,))

    @staticmethod
    def skip_locked(query):
        """`query` without the rows that others are claiming at the moment."""
        return query.for_update("FOR UPDATE SKIP LOCKED")

    def lock_rows(self, table: str, condition: str, values: tuple = ()) -> list[int]:
        """Lock rows in the order of their ids until the transaction ends. Returns their ids."""
        rows = self.execute_sql(f"SELECT id FROM {table} WHERE {condition} ORDER BY id FOR UPDATE", values)
        return [row_id for (row_id,) in rows]

    def lock_out_others(self) -> None:
        """Block all other transactions until the caller's transaction ends. Call it before the transaction reads
        anything."""
        if tables := self.get_tables():
            self.execute_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")

    @contextlib.contextmanager
    def lock_timeout(self, seconds: float) -> Iterator[None]:
        """Statements in the `with` block fail if they wait longer than this for a lock."""
        self.execute_sql(f"SET lock_timeout = {max(1, round(1000 * seconds))}")
        try:
            yield
        finally:
            self.execute_sql(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
