"""Moves an installation to another database: from SQLite to PostgreSQL, or back."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.config import Config, is_postgres
from app.database import module_for
from app.database.sqlite import sqlite3
from app.extensions import db
from app.models import Deployment
from app.storage.copying import Say, fill
from app.storage.database_file import DatabaseFile
from app.storage.drafts import draft_beside, opened, publish
from app.storage.errors import Unusable, file_error_text
from app.storage.schema import check_key
from app.storage.server_errors import is_of_file, server_error_text
from app.storage.server_startup import connected
from app.storage.stopped import has_schema, name_of, stopped


def move_database(source: Config, target: Config, now: datetime, say: Say) -> list[str]:
    """Copy the database of `source`, whose portal is stopped, into the empty database of `target`. From then on,
    `source` counts as a backup: a portal that starts on it first compares its payments with the gateway. Returns
    rows whose sums are wrong in both. Raises Unusable; `target` is then empty again."""
    urls = source.database_url, target.database_url
    try:
        with stopped(source.database_url) as old:
            db.initialize(old)
            check_key(source)
            with created(target.database_url) as new:
                wrong = fill(old, new, say)
                Deployment.forget_location(new)
            Deployment.mark_as_backup(old, now)
    except Unusable as problem:
        raise Unusable(f"Nothing was moved. {problem}") from None
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise Unusable(f"Nothing was moved. {move_error_text(error, *urls)}") from error
    return wrong


@contextlib.contextmanager
def created(url: str) -> Iterator:
    """A new database, connected, in one transaction. If it fails, nothing remains."""
    with (created_on_server if is_postgres(url) else created_file)(url) as database:
        yield database


@contextlib.contextmanager
def created_on_server(url: str) -> Iterator:
    database = connected(url)
    with database.connection_context():
        if problem := module_for(url).why_unsuitable(database):
            raise Unusable(f"{name_of(url)} {problem}")
        if has_schema(database):
            raise Unusable(f"{name_of(url)} is not empty: it has a portal. Make a new database for this one.")
        with database.atomic():
            yield database
        database.vacuum()
    database.close_all()


@contextlib.contextmanager
def created_file(url: str) -> Iterator:
    path = DatabaseFile.of_url(url).path
    if path.exists():
        raise Unusable(f"{path} exists already. Name another file.")
    with draft_beside(path) as draft:
        with opened(draft) as database:
            yield database
        publish(draft, path)


def move_error_text(error: Exception, source: str, target: str) -> str:
    """A sentence for the error: about whichever of the two is a file, or about the one that is a server."""
    if is_of_file(error):
        return file_error_text(error, Path(name_of(source if is_postgres(target) else target)))
    return server_error_text(error, name_of(target if is_postgres(target) else source))
