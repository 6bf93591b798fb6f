"""Locks of PostgreSQL: of rows, and of what one process at a time does. They end with their connection."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from peewee import PeeweeException

LOCK_TIMEOUT_MS = 30_000


class Locks:
    execute_sql: Callable[..., Any]
    get_tables: Callable[[], list[str]]

    @contextlib.contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Whether this thread got the lock `name`, which one thread of all processes has at a time. It ends with
        the connection."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        has_lock = self.execute_sql("SELECT pg_try_advisory_lock(?)", (key,)).fetchone()[0]
        try:
            yield has_lock
        finally:
            if has_lock:
                with contextlib.suppress(PeeweeException):
                    self.execute_sql("SELECT pg_advisory_unlock(?)", (key,))

    @staticmethod
    def skip_locked(query):
        """`query` without the rows that others are claiming at this moment."""
        return query.for_update("FOR UPDATE SKIP LOCKED")

    def lock_rows(self, table: str, condition: str, values: tuple = ()) -> None:
        """Lock rows in the order of their ids until the transaction ends."""
        rows = f"SELECT 1 FROM {table} WHERE {condition} ORDER BY id FOR UPDATE"
        self.execute_sql(f"SELECT count(*) FROM ({rows}) AS locked", values)

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
