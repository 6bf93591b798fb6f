"""Staging tables: rows of a file are compared and checked as sets before they are written.

On SQLite they are in a separate database file that is attached to this connection, on PostgreSQL in temporary tables.
So a file of any size is read without holding it in memory (many builds of SQLite keep temporary tables in memory), and
no other process's payment waits: only writing locks the portal's database.
"""

import secrets
from contextlib import AbstractContextManager

from app.extensions import db
from app.models.base import ALPHABET, one_snapshot

BATCH = 5_000
OWN_KEY = "an id that counts itself"
ROW_UNCHANGED, ROW_NEW, ROW_CHANGED = 0, 1, 2  # the `state` of a staged row
ID_LENGTH = 16
UNBIASED = 256 - 256 % len(ALPHABET)
LETTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
REFUSED = bytes(range(UNBIASED, 256))


def public_ids(count: int) -> list[str]:
    """Many unguessable ids at once, of the same form as `public_id`, a hundred times faster."""
    letters = ""
    while len(letters) < count * ID_LENGTH:
        letters += secrets.token_bytes(count * ID_LENGTH + 1024).translate(LETTERS, REFUSED).decode("ascii")
    return [letters[start : start + ID_LENGTH] for start in range(0, count * ID_LENGTH, ID_LENGTH)]


def execute(sql: str, parameters=()):
    return db.execute_sql(sql, parameters)


def index(name: str, table: str, columns: str, where: str = "TRUE") -> None:
    some = "" if where == "TRUE" else f" WHERE {where}"
    execute(f"CREATE INDEX IF NOT EXISTS {db.staging_index}{name} ON {table} ({columns}){some}")


def drop(table: str) -> None:
    execute(f"DROP TABLE IF EXISTS {db.staging}{table}")


def copy_of(table: str, query: str) -> None:
    """A staging table with the rows of `query`."""
    execute(f"CREATE TABLE {db.staging}{table} AS {query}")


class StagingTable:
    """A table of the staging database, filled in batches. It is created empty or, if it `is_kept`, already exists.
    `columns` maps names to SQL types; `add` expects those that are neither OWN_KEY nor have a DEFAULT."""

    def __init__(self, name: str, columns: dict[str, str], more: str = "", *, is_kept: bool = False):
        self.batch: list[tuple] = []
        if not is_kept:
            drop(name)
        shape = ", ".join(f"{column} {db.own_key if kind == OWN_KEY else kind}" for column, kind in columns.items())
        execute(f"CREATE TABLE IF NOT EXISTS {db.staging}{name} ({shape}{more})")
        self.name = name
        self.written = [column for column, kind in columns.items() if kind != OWN_KEY and "DEFAULT" not in kind]

    def add(self, values: tuple) -> None:
        self.batch.append(values)
        if len(self.batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        if self.batch:
            one_snapshot(db.add_rows)(self.name, self.written, self.batch)
            self.batch.clear()


def staging_database() -> AbstractContextManager[None]:
    """Context manager for an empty staging database, which is dropped at the end. When nested, it is the outer one."""
    return db.staging_database()


def names(columns, prefix: str = "") -> str:
    return ", ".join(f"{prefix}{column}" for column in columns)
