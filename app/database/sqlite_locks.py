"""Locks for SQLite: row locks, which do nothing, and locks of duties that one process at a time does. These end with
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
        """True if this thread got the lock `name`, which only one thread of all processes can hold. It ends with the
        process."""
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
        """`query` unchanged: SQLite's transactions run one at a time."""
        return query

    def lock_rows(self, table: str, condition: str, values: tuple = ()) -> list[int]:
        """Returns the ids of the rows in order. The transaction has already locked the whole database."""
        return []

    @contextlib.contextmanager
    def lock_timeout(self, seconds: float) -> Iterator[None]:
        """Statements in the `with` block fail if they wait longer than this for a lock."""
        self.execute_sql(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
        try:
            yield
        finally:
            self.execute_sql(f"PRAGMA busy_timeout = {BUSY_MS}")


@contextlib.contextmanager
def migration_lock(path: Path):
    # Only one process migrates at a time. The lock file next to the database stays, because unlinking it would race.
    with open(f"{path}.migrating", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not path.exists():
            path.touch(mode=0o600)
            give_to_owner_of(path.parent, path)
        give_to_owner_of(path, Path(file.name))
        yield
