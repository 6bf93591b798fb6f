"""An installation in another database: from SQLite to PostgreSQL, or back."""

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
from app.storage.errors import Unusable, explained
from app.storage.schema import check_key
from app.storage.server_errors import explained_of_server, is_of_file
from app.storage.server_startup import connected
from app.storage.stopped import has_schema, name_of, stopped


def move_database(source: Config, target: Config, now: datetime, say: Say) -> list[str]:
    """Make the empty database of `target` what that of `source` is, whose portal is stopped. That one stays, and counts
    as a backup from now on: a portal that starts on it compares its payments with the gateway first. Returns rows
    whose sums are wrong in both. Raises Unusable; then the target is as empty as before."""
    urls = source.database_url, target.database_url
    try:
        with stopped(source.database_url) as old:
            db.initialize(old)
            check_key(source)
            with made(target.database_url) as new:
                wrong = fill(old, new, say)
                Deployment.forget_location(new)
            Deployment.mark_as_backup(old, now)
    except Unusable as problem:
        raise Unusable(f"Nothing was moved. {problem}") from None
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise Unusable(f"Nothing was moved. {explained_of(error, *urls)}") from error
    return wrong


@contextlib.contextmanager
def made(url: str) -> Iterator:
    """A new database, connected, in one transaction: what fails in it leaves nothing of it."""
    with (made_on_server if is_postgres(url) else made_file)(url) as database:
        yield database


@contextlib.contextmanager
def made_on_server(url: str) -> Iterator:
    database = connected(url)
    with database.connection_context():
        if problem := module_for(url).unfit(database):
            raise Unusable(f"{name_of(url)} {problem}")
        if has_schema(database):
            raise Unusable(f"{name_of(url)} is not empty: it has a portal. Make a new database for this one.")
        with database.atomic():
            yield database
        database.tidy()
    database.close_all()


@contextlib.contextmanager
def made_file(url: str) -> Iterator:
    path = DatabaseFile.of_url(url).path
    if path.exists():
        raise Unusable(f"{path} exists already. Name another file.")
    with draft_beside(path) as draft:
        with opened(draft) as database:
            yield database
        publish(draft, path)


def explained_of(error: Exception, source: str, target: str) -> str:
    """In a sentence: the file is that of the one which is a file, if any, and the server that of the other one."""
    if is_of_file(error):
        return explained(error, Path(name_of(source if is_postgres(target) else target)))
    return explained_of_server(error, name_of(target if is_postgres(target) else source))
