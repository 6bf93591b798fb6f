"""Locks of PostgreSQL: of rows, and of what one process at a time does. They end with their connection."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from peewee import OperationalError

LOCK_TIMEOUT_MS = 30_000


class Held(threading.local):
    """How many locks of `try_lock` this thread has."""

    count = 0


class Locks:
    """A thread that has a lock of `try_lock` gets no other connection: when its own ends, so does the lock, and what it
    still does would be done beside the next one that gets the lock."""

    connection: Callable[[], psycopg.Connection]
    execute_sql: Callable[..., Any]
    get_tables: Callable[[], list[str]]
    is_closed: Callable[[], bool]

    def __init__(self, *arguments, **settings):
        self.held = Held()
        super().__init__(*arguments, **settings)

    def connect(self, reuse_if_open=False):
        if self.held.count and self.is_closed():
            raise OperationalError("The connection that held a lock was closed before the work under it ended.")
        return super().connect(reuse_if_open)  # type: ignore[misc]

    @contextlib.contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Whether this thread got the lock `name`, which one thread of all processes has at a time. It ends with
        the connection; then every statement fails until the end of the `with`."""
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
        """`query` without the rows that others are claiming at this moment."""
        return query.for_update("FOR UPDATE SKIP LOCKED")

    def lock_rows(self, table: str, condition: str, values: tuple = ()) -> list[int]:
        """Lock rows in the order of their ids until the transaction ends; their ids."""
        rows = self.execute_sql(f"SELECT id FROM {table} WHERE {condition} ORDER BY id FOR UPDATE", values)
        return [row_id for (row_id,) in rows]

    def close_to_others(self) -> None:
        """Until the caller's transaction ends, others wait. It has read nothing yet."""
        if tables := self.get_tables():
            self.execute_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")

    @contextlib.contextmanager
    def waiting_at_most(self, seconds: float) -> Iterator[None]:
        """A statement in it fails if it would wait for longer until others have written."""
        self.execute_sql(f"SET lock_timeout = {max(1, round(1000 * seconds))}")
        try:
            yield
        finally:
            self.execute_sql(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
