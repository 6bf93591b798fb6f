"""Base model, constraints, row locks, public ids and tokens."""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from peewee import SQL, AutoField, Check, Model, ModelSelect, NodeList

from app.extensions import db

__all__ = ["BaseModel", "checks", "db", "digest", "locked", "new_token", "public_id", "tuples"]

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
    """`query` with its rows locked until the transaction ends.

    SQLite has no row locks: there every transaction begins IMMEDIATE, which locks the database.
    """
    return query.for_update() if db.obj.for_update else query


def tuples(query: "ModelSelect[Any]") -> Iterable[Any]:
    """The rows of `query` as tuples of its columns. peewee's types say that they are instances of the model."""
    return query.tuples()
