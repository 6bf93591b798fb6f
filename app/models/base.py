"""Base model, constraints, row locks, public ids and tokens."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from peewee import SQL, AutoField, Check, Model, ModelSelect, NodeList

from app.extensions import db

__all__ = [
    "BaseModel",
    "all_by_id",
    "checks",
    "db",
    "digest",
    "locked",
    "new_token",
    "page_by_id",
    "parse_id",
    "public_id",
    "tuples",
]

Row = TypeVar("Row", bound=Model)
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
