"""Databases for a test run: copies of SQLite files, or of a PostgreSQL server's template databases.

`choice.py` decides which tests run on which.
"""

import hashlib
import os
import shutil
import sys
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from app.database import is_postgres

Kept = type(cache(print))  # a function that remembers what it returned
URL = os.environ.get("TEST_DATABASE", "").rstrip("/")
SERVER = ""  # URL while a test runs on PostgreSQL


def use_server(use: bool) -> None:
    """Clear the SQL that this process has cached, because it is for one kind of database."""
    global SERVER
    before, SERVER = SERVER, URL if use else ""
    if before != SERVER:
        modules = [module for name, module in list(sys.modules.items()) if name.startswith("app.")]
        kept = [value for module in modules for value in vars(module).values() if isinstance(value, Kept)]
        [function.cache_clear() for function in kept]


def url_in(folder: Path, name: str = "portal") -> str:
    """URL of the database for a portal with the instance folder `folder`."""
    if not SERVER:
        return f"sqlite:///{folder / name}.sqlite3"
    digest = hashlib.sha256(f"{folder}/{name}".encode()).hexdigest()
    return f"{SERVER}/portal_test_{digest[:24]}"


def copy(source: str, target: str) -> None:
    """Make `target` a copy of `source`, to which nothing may be connected."""
    if is_postgres(source):
        remove(target)
        on_server(f'CREATE DATABASE "{name_of(target)}" TEMPLATE "{name_of(source)}" STRATEGY FILE_COPY')
    else:
        shutil.copy(path_of(source), path_of(target))


def make(url: str) -> str:
    """An empty database."""
    if is_postgres(url):
        remove(url)
        on_server(f'CREATE DATABASE "{name_of(url)}"')
    return url


def remove(url: str) -> None:
    """Deletes a database on the server. SQLite's files are deleted with their folder."""
    if is_postgres(url):
        on_server(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')


def fold(database) -> None:
    """Close the database and checkpoint it into one file, to be copied."""
    if not is_postgres(database.database):
        with database.connection_context():
            database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close_all()


def fail_on(database, event: str, table: str, condition: str = "TRUE") -> None:
    """From now on, `event` (INSERT or UPDATE) of a row of the table fails. `condition` refers to NEW."""
    if not is_postgres(database.database):
        database.execute_sql(
            f"CREATE TRIGGER broken BEFORE {event} ON {table} WHEN {condition}"
            " BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        )
        return
    database.execute_sql(
        "CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'disk is full' USING ERRCODE = 'disk_full'; END$$"
    )
    database.execute_sql(
        f"CREATE TRIGGER broken BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION break_it()"
    )


def path_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


def name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def on_server(statement: str) -> None:
    server_of(os.getpid()).execute(statement)


@cache
def server_of(_process: int):
    """This process's connection to the server. A forked child has its own."""
    import psycopg

    return psycopg.connect(f"{URL}/postgres", autocommit=True)


def tables_of(url: str, names: tuple[str, ...]) -> tuple[dict[str, list[dict]], list[str]]:
    """({table: its rows by id, as SQLite returns them}, errors that the database itself finds)"""
    return (rows_of_server if is_postgres(url) else rows_of_file)(url, names)


def rows_of_file(url, names):
    """Uses the same SQLite library that wrote the file, because two of them in one process don't see each other's
    locks."""
    # The library that wrote the file: two SQLites in one process don't see each other's locks.
    from peewee import sqlite3

    connection = sqlite3.connect(f"file:{path_of(url)}?mode=ro", uri=True, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")
        problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        problems += [f"{row[0]} {row[1]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")]
        rows = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY id")] for name in names}
    finally:
        connection.close()
    return rows, problems


def rows_of_server(url, names):
    import psycopg

    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY id').fetchall() for name in names}
    return rows, []
