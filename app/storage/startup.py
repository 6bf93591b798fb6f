"""Bringing the database up for a process of the portal: every check, migrations, what follows from a restore."""

from datetime import datetime
from pathlib import Path

from peewee import PeeweeException, sqlite3

from app.accounts.totp_seeds import encrypt_clear_seeds
from app.clock import to_ms
from app.config import Config, ConfigError
from app.database.sqlite import migrate, open_database
from app.extensions import db
from app.models import Attempt, Audit, Deployment, FirstRun, Link, Session
from app.storage.checks import THOROUGH_SECONDS, check_content, check_files, stamp
from app.storage.errors import Unusable, explained
from app.storage.files import DatabaseFile, mark, tick_ms
from app.storage.lock import UseLock

DAY_MS = 24 * 3_600_000
_held: list[UseLock] = []  # until the process ends


def bring_up(config: Config, now: datetime) -> None:
    """Check the database, bring its schema up to date, and hold the lock that keeps `flask restore` out for as long
    as this process lives. Raises ConfigError with a sentence for what makes the database unusable."""
    file = DatabaseFile.of_url(config.database_url)
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        lock = UseLock.taken(file)
        _held.append(lock)
        is_copy = look_at(file, lock.alone)
        database = open_database(config.database_url)
        migrate(database)
        db.initialize(database)
        with database.connection_context():
            check_key(config, file.path)
            note_restore(file, now, is_copy)
            Attempt.note_gateway(config.place)
            encrypt_clear_seeds(config.secret_key)
        database.close_all()
        lock.share()
    except Unusable as problem:
        raise ConfigError([str(problem)]) from None
    except (PeeweeException, sqlite3.Error, OSError) as error:
        raise ConfigError([explained(error, file.path)]) from error


def look_at(file: DatabaseFile, alone: bool) -> bool:
    """Check the file; whether it is an older copy. Only the first process looks for damage: longer after a stop that
    was not clean. Raises Unusable."""
    if not file.exists:
        return False
    check_files(file)
    is_copy = file.is_older_copy()
    if not alone:
        check_content(file.path, seconds=0)
    elif file.leftover_log():
        check_content(file.path, pragma="integrity_check", seconds=THOROUGH_SECONDS)
    else:
        check_content(file.path)
    return is_copy


def check_key(config: Config, path: Path) -> None:
    if not Deployment.accepts_key(config.secret_key):
        raise Unusable(
            f"The secret key is not the one that the passwords in {path} were made with. Put the right secret_key back "
            f"into {config.instance}, or set SECRET_KEY. If it is lost: flask accept-secret-key, and everyone needs "
            "a new password."
        )


def note_restore(file: DatabaseFile, now: datetime, is_copy: bool) -> None:
    """Hold online payment on a database that was restored by hand, and log everyone out."""
    connection = db.connection()
    made_ms = stamp(connection)
    if is_copy or made_ms is not None:
        hold_payments(connection, made_ms, now)
        mark(connection, file, now)


def hold_payments(connection, made_ms: int | None, now: datetime) -> None:
    """Hold online payment until the gateway's books tell what this copy of the database doesn't know, and log
    everyone out."""
    with db.atomic():
        Deployment.hold(now, compare_from(connection, made_ms, now))
        Attempt.forget_nonces()
        end_logins(now)


def end_logins(now: datetime) -> None:
    """Sessions and links that were ended after the backup was made, by a new password or a revoked access, would
    work again in a restored copy: all of them end."""
    sessions, links = Session.end_all(), Link.end_all_of_everyone(now)
    FirstRun.end_token()
    Audit.write("restore_ended_logins", to_ms(now), subject="database", sessions=sessions, links=links)


def compare_from(connection, made_ms: int | None, now: datetime) -> int:
    """A moment before which a copy of the database surely knows everything; a day ago at the latest."""
    tick = connection.execute("PRAGMA user_version").fetchone()[0]
    known = [to_ms(now), made_ms, tick_ms(tick) if tick else None, Audit.newest_ms()]
    return min(moment for moment in known if moment is not None) - DAY_MS
