"""Opens the database of a portal that is stopped."""

import contextlib
from collections.abc import Iterator

from app.config import is_postgres, shown_url
from app.database import module_for, open_database
from app.storage.database_file import DatabaseFile
from app.storage.errors import Unusable
from app.storage.locks import InUse, UseLock
from app.storage.schema import check_schema
from app.storage.server_startup import connected
from app.storage.startup import check_database_file


@contextlib.contextmanager
def stopped(url: str) -> Iterator:
    """The connected database of a portal. Raises Unusable if the portal runs, or if it is no portal's database."""
    with (stopped_server if is_postgres(url) else stopped_file)(url) as database:
        if not has_schema(database):
            raise Unusable(f"There is no portal in {name_of(url)}.")
        yield database


@contextlib.contextmanager
def stopped_file(url: str) -> Iterator:
    file = DatabaseFile.of_url(url)
    if not file.exists:
        raise Unusable(f"There is no portal at {file.path}.")
    try:
        lock = UseLock.exclusive(file)
    except InUse:
        raise Unusable(f"The portal on {file.path}, or one of its commands, is running. Stop it first.") from None
    try:
        if check_database_file(file, alone=True):
            raise Unusable(f"{file.path} was copied here by hand. Start the portal on it, stop it, and repeat.")
        database = open_database(url)
        with database.connection_context():
            yield database
        database.close_all()
    finally:
        lock.release()


@contextlib.contextmanager
def stopped_server(url: str) -> Iterator:
    database = connected(url)
    with database.connection_context():
        if others := database.count_others():
            connections = "1 other connection" if others == 1 else f"{others} other connections"
            raise Unusable(
                f"{name_of(url)} is in use: its user has {connections}. Stop the portal on every host, its workers and "
                "commands too."
            )
        if problem := module_for(url).why_unsuitable(database):
            raise Unusable(f"{name_of(url)} {problem}")
        yield database
    database.close_all()


def has_schema(database) -> bool:
    url = str(database.database)
    return check_schema(module_for(url), database.connection(), name_of(url))


def name_of(url: str) -> str:
    return shown_url(url) if is_postgres(url) else url.removeprefix("sqlite:///")
