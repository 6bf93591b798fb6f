"""Locks beside SQLite's file: of rows, which aren't needed there, and of what one process at a time does. They end with
their process."""

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.files import give_to_owner_of

BUSY_MS = 30_000


class Locks:
    database: str
    execute_sql: Callable[..., Any]

    @contextlib.contextmanager
    def try_lock(self, name: str) -> Iterator[bool]:
        """Whether this thread got the lock `name`, which one thread of all processes has at a time. It ends with
        the process."""
        folder = Path(f"{self.database}.duties")
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(folder / name, "w") as file:
            give_to_owner_of(folder.parent, folder, folder / name)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    @staticmethod
    def skip_locked(query):
        """`query` without the rows that others are claiming at this moment. Here they take turns."""
        return query

    def lock_rows(self, table: str, condition: str, values: tuple = ()) -> list[int]:
        """Lock rows in the order of their ids until the transaction ends; their ids. Here it has locked the
        database, and none is locked by itself."""
        return []

    @contextlib.contextmanager
    def waiting_at_most(self, seconds: float) -> Iterator[None]:
        """A statement in it fails if it would wait for longer until others have written."""
        self.execute_sql(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
        try:
            yield
        finally:
            self.execute_sql(f"PRAGMA busy_timeout = {BUSY_MS}")


@contextlib.contextmanager
def migration_lock(path: Path):
    # One migrating process at a time. The lock file beside the database stays: unlinking it would race.
    with open(f"{path}.migrating", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
            path.touch(mode=0o600)
            give_to_owner_of(path.parent, path)
        give_to_owner_of(path, Path(file.name))
        yield
