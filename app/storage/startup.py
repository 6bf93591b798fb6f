"""Starts a process of the portal on its database: all checks, migrations, and consequences of a restore."""

import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.accounts.two_factor import encrypt_clear_seeds
from app.clock import to_ms
from app.config import Config, ConfigError, is_postgres
from app.database import sqlite
from app.database.sqlite import has_table, migrate, open_database, sqlite3
from app.database.sqlite_file import first_damage, user_version
from app.extensions import db
from app.models import Attempt, Audit, Customer, Deployment
from app.storage.database_file import DatabaseFile, mark, tick_ms
from app.storage.errors import Unusable, file_error_text
from app.storage.holding import hold_payments
from app.storage.locks import UseLock
from app.storage.schema import check_key, check_schema
from app.storage.server_startup import bring_up_server

# At most, at a start: PRAGMA quick_check reads 140 MB in 0.25 s, integrity_check in 4 s.
QUICK_SECONDS, THOROUGH_SECONDS = 5, 10
DAY_MS = 24 * 3_600_000
_held: list[UseLock] = []  # until the process ends


def bring_up(config: Config, now: datetime, *, may_make: bool = True) -> None:
    """Check the database, update its schema, and hold the lock that keeps `flask restore` out as long as this
    process lives. Raises ConfigError with a sentence if the database is unusable; an empty database is unusable
    unless `may_make` a portal in it."""
    if is_postgres(config.database_url):
        bring_up_server(config, now, may_make=may_make)
        return
    file = DatabaseFile.of_url(config.database_url)
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        lock = UseLock.exclusive_or_shared(file)
        _held.append(lock)
        is_copy = check_database_file(file, lock.is_exclusive)
        database = open_database(config.database_url)
        migrate(database)
        db.initialize(database)
        with database.connection_context():
            check_key(config)
            Deployment.keep_pepper(config.keys)
            note_restore(file, now, is_copy)
            Attempt.note_gateway(config.gateway_id)
            encrypt_clear_seeds(config.keys)
            Customer.fill_sort_keys()
        database.close_all()
        lock.share()
    except Unusable as problem:
        raise ConfigError([str(problem)]) from None
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise ConfigError([file_error_text(error, file.path)]) from error


def check_database_file(file: DatabaseFile, alone: bool) -> bool:
    """Check the file. Returns True if it is an older copy. Only the first process looks for damage, and more
    thoroughly after an unclean stop. Raises Unusable."""
    if not file.exists:
        return False
    check_before_opening(file)
    is_copy = file.is_older_copy()
    if not alone:
        check_content(file.path, seconds=0)
    elif file.leftover_log():
        check_content(file.path, pragma="integrity_check", seconds=THOROUGH_SECONDS)
    else:
        check_content(file.path)
    return is_copy


def note_restore(file: DatabaseFile, now: datetime, is_copy: bool) -> None:
    connection = db.connection()
    made_ms = backup_time_ms(connection)
    if is_copy or made_ms is not None:
        hold_payments(now, compare_from(connection, made_ms, now))
        mark(connection, file, now)


def compare_from(connection, made_ms: int | None, now: datetime) -> int:
    # A time up to which a copy of the database is certainly complete; a day ago at the latest.
    tick = user_version(connection)
    known = [to_ms(now), made_ms, tick_ms(tick) if tick else None, Audit.newest_ms()]
    return min(moment for moment in known if moment is not None) - DAY_MS


def check_before_opening(file: DatabaseFile) -> None:
    if not file.is_sqlite():
        raise Unusable(
            f"{file.path} is not a SQLite database. Check DATABASE_URL and INSTANCE_PATH, or restore a "
            "backup: flask restore FILE."
        )
    log = file.leftover_log()
    if log and (file.is_older_copy() or is_backup(file.path)):
        raise Unusable(
            f"{file.path} is a backup that was copied here, and {log.name} belongs to the database before it: opening "
            "them together would destroy both. Restore the backup with: flask restore FILE. If you no longer have it "
            f"elsewhere: flask restore {file.path}"
        )


def is_backup(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
            return backup_time_ms(database) is not None
    except sqlite3.Error:
        return False


def backup_time_ms(database) -> int | None:
    """When a backup was made; None for a database in use, or of a version without this mark."""
    if not has_table(database, "deployment"):
        return None
    return database.execute("SELECT backup_ms FROM deployment WHERE id = 1").fetchone()[0]


def check_content(path: Path, *, pragma: str = "quick_check", seconds: float = QUICK_SECONDS) -> None:
    """Check that the database is intact, is a portal's, and is not newer than this code. `pragma` looks for damage,
    for at most so many seconds. Raises Unusable."""
    try:
        with closing(sqlite3.connect(path, timeout=30)) as database:
            damage = damage_of(database, pragma, seconds)
            if damage:
                raise Unusable(f"{path} is damaged ({damage}). Restore a backup: flask restore FILE.")
            check_schema(sqlite, database, str(path))
    except sqlite3.DatabaseError as error:
        raise Unusable(file_error_text(error, path)) from error


def damage_of(database, pragma: str, seconds: float) -> str:
    until = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        return first_damage(database, pragma)
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return ""
    finally:
        database.set_progress_handler(None, 0)
