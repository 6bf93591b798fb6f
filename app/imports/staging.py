"""Rows on their way in from a file: checked and compared as sets, then written all at once.

They are staged in a database file of their own that is attached to this connection. So a file of any size is
read without holding it in memory (many builds of SQLite keep temporary tables there), and no other process's
payment waits for it: only writing them locks the portal's database.
"""

import secrets
from contextlib import AbstractContextManager

from app.database.sqlite import staging_database
from app.extensions import db
from app.models.base import ALPHABET

BATCH = 5_000
ID_LENGTH = 16
UNBIASED = 256 - 256 % len(ALPHABET)
LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
REFUSED = bytes(range(UNBIASED, 256))


def public_ids(count: int) -> list[str]:
    """Many unguessable ids at once; the same kind as `public_id`, at a hundredth of its cost each."""
    letters = ""
    while len(letters) < count * ID_LENGTH:
        letters += secrets.token_bytes(count * ID_LENGTH + 1024).translate(LETTERS, REFUSED).decode("ascii")
    return [letters[start : start + ID_LENGTH] for start in range(0, count * ID_LENGTH, ID_LENGTH)]


def run(sql: str, parameters=()):
    # `?` stands for a parameter whatever the database.
    return db.execute_sql(sql.replace("?", db.obj.param), parameters)


class StagingTable:
    """A table of the staging database, filled in batches: an empty one, or, if it `is_kept`, the one that is there.
    `columns` maps names to SQL types; `add` expects those without DEFAULT."""

    def __init__(self, name: str, columns: dict[str, str], more: str = "", *, is_kept: bool = False):
        self.batch: list[tuple] = []
        if not is_kept:
            run(f"DROP TABLE IF EXISTS staging.{name}")
        shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        run(f"CREATE TABLE IF NOT EXISTS staging.{name} ({shape}{more})")
        written = [column for column, kind in columns.items() if "DEFAULT" not in kind]
        self.sql = f"INSERT INTO {name} ({', '.join(written)}) VALUES ({', '.join('?' * len(written))})"

    def add(self, values: tuple) -> None:
        self.batch.append(values)
        if len(self.batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        # DEFERRED: the portal's own database is not locked.
        if self.batch:
            with db.atomic("DEFERRED"):
                db.cursor().executemany(self.sql.replace("?", db.obj.param), self.batch)
            self.batch.clear()


def reading() -> AbstractContextManager[None]:
    """With an empty staging database, which is thrown away at the end. Inside another one it is the same."""
    return staging_database(db.obj)


def names(columns, prefix: str = "") -> str:
    return ", ".join(f"{prefix}{column}" for column in columns)
