"""Base model, constraints, row locks, public ids and tokens."""

import functools
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec, TypeVar

from peewee import SQL, AutoField, Check, Model, ModelSelect, NodeList

from app.database.retry import retry_conflicts
from app.extensions import db

__all__ = [
    "BaseModel",
    "all_by_id",
    "checks",
    "claim",
    "db",
    "digest",
    "locked",
    "new_token",
    "one_snapshot",
    "one_transaction",
    "page_by_id",
    "parse_id",
    "public_id",
    "tuples",
]

Row = TypeVar("Row", bound=Model)
Given = ParamSpec("Given")
Result = TypeVar("Result")
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id(length: int = 16) -> str:
    """An unguessable id for URLs: 16 characters are 79 bits, without letters that look alike."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_token() -> str:
    """256 random bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """SHA-256 in hex of any text, even with lone surrogates."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class BaseModel(Model):
    id = AutoField()

    class Meta:
        database = db
        legacy_table_names = False


def one_transaction(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Decorator: run the function in one transaction, or in the caller's if there is one.

    PostgreSQL may refuse a transaction because of concurrent ones: it can't be serialized, or another transaction has
    just added the same unique key. Then the function runs again, with its row arguments reset to their old values. So
    the function must not touch anything outside the database.
    """
    return in_transaction(work)


def one_snapshot(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Like `one_transaction`, for functions that read a single snapshot and write only to staging tables. On SQLite,
    other processes may write at the same time."""
    return in_transaction(work, "DEFERRED")


def in_transaction(work: Callable[Given, Result], *lock_type: str) -> Callable[Given, Result]:
    @functools.wraps(work)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if db.in_transaction():
            with db.atomic():
                return work(*args, **kwargs)
        rows = [
            (row, row.__data__.copy(), row.__rel__.copy())
            for row in (*args, *kwargs.values())
            if isinstance(row, Model)
        ]

        def once() -> Result:
            for row, data, relations in rows:
                row.__data__, row.__rel__ = data.copy(), relations.copy()
            with db.atomic(*lock_type):
                return work(*args, **kwargs)

        return retry_conflicts(once, lambda error: db.is_conflict(error) or db.is_duplicate_key(error))

    return run


def checks(*rules: str) -> list[SQL | NodeList]:
    """CHECK constraints for a table's Meta. A migration must add the same ones to existing tables."""
    return [Check(rule) for rule in rules]


def locked(query):
    """`query` with its rows locked until the transaction ends."""
    # SQLite has no row locks: there every transaction begins IMMEDIATE, which locks the database.
    return query.for_update() if db.obj.for_update else query


def claim(row: BaseModel, condition: Any, **values: Any) -> int:
    """Set columns of a row if it still meets `condition`. Returns 0 if it doesn't, or if another process is claiming
    it."""
    table: Any = type(row)
    free = db.skip_locked(table.select(table.id).where(table.id == row.id, condition))
    return table.update(**values).where(table.id.in_(free)).execute()


def tuples(query: "ModelSelect[Any]") -> Iterable[Any]:
    """The rows of `query` as tuples of its columns. Works around peewee's types, which say that they are model
    instances."""
    return query.tuples()


def parse_id(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def all_by_id(query: "ModelSelect[Row]", row_id: AutoField, batch: int = 1_000) -> Iterator[Row]:
    """All rows of `query`, newest first, read in batches so that memory use stays the same for any number of rows."""
    rows = list(query.order_by(row_id.desc()).limit(batch))
    while rows:
        yield from rows
        last: Any = rows[-1]
        rows = list(query.where(row_id < last.id).order_by(row_id.desc()).limit(batch))


def page_by_id(
    query: "ModelSelect[Row]", row_id: AutoField, size: int, before: int | None, after: int | None
) -> tuple[list[Row], bool, bool]:
    """(rows of a page, newest first; True if there are newer ones; True if there are older ones).

    `before` and `after` are the id of the row next to the page. Without them it is the newest page.
    """
    if after is not None:
        rows = list(query.where(row_id > after).order_by(row_id).limit(size + 1))
        return rows[:size][::-1], len(rows) > size, True
    if before is not None:
        query = query.where(row_id < before)
    rows = list(query.order_by(row_id.desc()).limit(size + 1))
    return rows[:size], before is not None, len(rows) > size
