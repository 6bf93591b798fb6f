"""Base model, constraints, row locks, public ids and tokens."""

import functools
import hashlib
import random
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec, TypeVar

from peewee import SQL, AutoField, Check, Model, ModelSelect, NodeList, OperationalError

from app.extensions import db

__all__ = [
    "BaseModel",
    "all_by_id",
    "checks",
    "db",
    "digest",
    "locked",
    "new_token",
    "one_transaction",
    "page_by_id",
    "parse_id",
    "public_id",
    "tuples",
]

Row = TypeVar("Row", bound=Model)
Given = ParamSpec("Given")
Result = TypeVar("Result")
RERUN_SECONDS, LONGEST_PAUSE = 30, 0.5  # as long as SQLite lets a transaction wait for its turn
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id(length: int = 16) -> str:
    """An unguessable id for URLs: 16 characters are 79 bits, without letters that look alike."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_token() -> str:
    """256 random bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """SHA-256 in hex of any text, lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class BaseModel(Model):
    id = AutoField()

    class Meta:
        database = db
        legacy_table_names = False


def one_transaction(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """`work` as one transaction, or as a part of the caller's.

    PostgreSQL refuses a transaction that can't be put in an order with those beside it. Then it runs again, with the
    rows among its arguments as they were; so it calls nothing outside of the database.
    """

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
        until, pause = time.monotonic() + RERUN_SECONDS, 0.005
        while True:
            try:
                with db.atomic():
                    return work(*args, **kwargs)
            except OperationalError as error:
                if not db.is_refused(error) or time.monotonic() > until:
                    raise
            for row, data, relations in rows:
                row.__data__, row.__rel__ = data.copy(), relations.copy()
            time.sleep(random.uniform(0, pause))  # noqa: S311
            pause = min(2 * pause, LONGEST_PAUSE)

    return run


def checks(*rules: str) -> list[SQL | NodeList]:
    """CHECK constraints for a table's Meta. A migration must add the same to existing tables."""
    return [Check(rule) for rule in rules]


def locked(query):
    """`query` with its rows locked until the transaction ends."""
    # SQLite has no row locks: there every transaction begins IMMEDIATE, which locks the database.
    return query.for_update() if db.obj.for_update else query


def tuples(query: "ModelSelect[Any]") -> Iterable[Any]:
    """The rows of `query` as tuples of its columns. peewee's types say that they are instances of the model."""
    return query.tuples()


def parse_id(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def all_by_id(query: "ModelSelect[Row]", row_id: AutoField, batch: int = 1_000) -> Iterator[Row]:
    """All rows of `query`, newest first, read in batches: any number of them takes no more memory."""
    rows = list(query.order_by(row_id.desc()).limit(batch))
    while rows:
        yield from rows
        last: Any = rows[-1]
        rows = list(query.where(row_id < last.id).order_by(row_id.desc()).limit(batch))


def page_by_id(
    query: "ModelSelect[Row]", row_id: AutoField, size: int, before: int | None, after: int | None
) -> tuple[list[Row], bool, bool]:
    """(rows of a page, newest first; whether there are newer ones; whether there are older ones). `before` and `after`
    are ids of the row next to the page; without them it is the newest page."""
    if after is not None:
        rows = list(query.where(row_id > after).order_by(row_id).limit(size + 1))
        return rows[:size][::-1], len(rows) > size, True
    if before is not None:
        query = query.where(row_id < before)
    rows = list(query.order_by(row_id.desc()).limit(size + 1))
    return rows[:size], before is not None, len(rows) > size
