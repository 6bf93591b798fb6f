"""Copies of the database: made while the portal runs, and put back while it doesn't."""

import contextlib
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.clock import to_ms
from app.config import Config
from app.database import sqlite
from app.database.sqlite import (
    end_log,
    first_damage,
    has_table,
    migrate,
    open_database,
    set_user_version,
    sqlite3,
    user_version,
)
from app.extensions import db
from app.files import give_to_owner_of, sync_folder
from app.models import Audit, Company, Deployment, Duty
from app.models.duty import Run
from app.storage.database_file import LOGS, DatabaseFile, mark, next_tick
from app.storage.errors import DAMAGED, Unusable, explained
from app.storage.holding import hold_payments
from app.storage.locks import InUse, UseLock
from app.storage.schema import check_schema
from app.storage.startup import compare_from, stamp

DUTY = "backup"  # its row among the worker's duties
LEFTOVERS = (*LOGS, "-shm", ".migrating")


def back_up(config: Config, target: Path, now: datetime, *, overwrite: bool = False) -> int:
    """Write a checked copy of the database as it is now to `target`, whole or not at all, for its owner alone; its
    size in bytes. Raises Unusable."""
    file = DatabaseFile.of_url(config.database_url)
    if target.is_dir():
        raise Unusable(f"{target} is a folder: name a file in it.")
    if not target.parent.is_dir():
        raise Unusable(f"There is no folder {target.parent}. Make it, or name a file in another folder.")
    if target.exists() and target.samefile(file.path):
        raise Unusable(f"{target} is the database itself. Name another file.")
    if target.exists() and not overwrite:
        raise Unusable(f"{target} exists already. Name another file, or add --overwrite.")
    try:
        with draft_beside(target) as draft:
            copy_online(file, draft, now)
            if damage := damage_of_copy(draft):
                raise Unusable(no_backup_of(file, damage))
            size = draft.stat().st_size
            move(draft, target, overwrite)
    except (sqlite3.Error, OSError) as error:
        raise Unusable(no_backup_of(file, str(error)) if is_damage(error) else explained(error, target)) from error
    return size


def no_backup_of(file: DatabaseFile, damage: str) -> str:
    return f"No backup was made: {file.path} is damaged ({damage}). Restore a backup: flask restore FILE."


def is_damage(error: Exception) -> bool:
    return any(part in str(error).lower() for part in DAMAGED)


@contextlib.contextmanager
def draft_beside(target: Path):
    """An empty file in the folder of `target`, gone at the end unless it was renamed."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield draft
    finally:
        for leftover in (draft, *(draft.with_name(draft.name + suffix) for suffix in LEFTOVERS)):
            leftover.unlink(missing_ok=True)


def copy_online(file: DatabaseFile, draft: Path, now: datetime) -> None:
    """Copy the database while others use it, and stamp the copy as a backup. Afterwards the marker of the database
    says that it is newer than this copy."""
    with closing(sqlite3.connect(file.path, timeout=30, isolation_level=None)) as source:
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            source.backup(copy)
            end_log(copy)
            copy.execute("UPDATE deployment SET backup_ms = ?", (to_ms(now),))
        mark(source, file, now)


def note_backup(began: datetime, ended: datetime) -> None:
    """For System Status and `flask doctor`."""
    started_ms = to_ms(began)
    Duty.note(Run(DUTY, started_ms, max(0, to_ms(ended) - started_ms), "", 0, 0))


def damage_of_copy(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return first_damage(database)


def move(draft: Path, target: Path, overwrite: bool) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    if overwrite:
        draft.replace(target)
    else:
        os.link(draft, target)  # unlike a rename, it fails when there is one by now
    sync_folder(target.parent)


@dataclass(frozen=True)
class Exchange:
    """What a restore is about to do. Company names are '' where there is none, or none can be read; `made_ms` is when
    the backup was made, or last written to."""

    company: str
    made_ms: int | None
    replaced: str


def restore(
    config: Config,
    source: Path,
    now: datetime,
    *,
    new_key: bool = False,
    confirm: Callable[[Exchange], None] = lambda _exchange: None,
) -> Path | None:
    """Put the backup `source` into the place of the database, which is kept beside it: its new path, None when there
    was none. Until everything is checked and migrated, and `confirm` has returned, nothing is replaced. `new_key`: the
    secret key is another one on purpose. Raises Unusable."""
    file = DatabaseFile.of_url(config.database_url)
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = UseLock.taken_alone(file)
    except InUse:
        raise Unusable(
            "Nothing was restored. The portal, or one of its commands, is running. Stop it, then restore."
        ) from None
    except OSError as error:
        raise Unusable(f"Nothing was restored. {explained(error, file.path)}") from error
    try:
        with draft_beside(file.path) as draft:
            copy_in(source, draft, file)
            tick, found = prepare(draft, source, config, file, now, new_key)
            confirm(found)
            return exchange(draft, file, tick, now)
    except Unusable as problem:
        raise Unusable(f"Nothing was restored. {problem}") from None
    except (sqlite3.Error, PeeweeException, OSError) as error:
        why = damaged_backup(source, str(error)) if is_damage(error) else explained(error, file.path)
        raise Unusable(f"Nothing was restored. {why}") from error
    finally:
        lock.release()


def damaged_backup(source: Path, damage: str) -> str:
    return f"{source} is damaged ({damage}). Restore another backup."


def copy_in(source: Path, draft: Path, file: DatabaseFile) -> None:
    # Copy `source` with the log that lies beside it; the log beside the database itself belongs to another.
    if not DatabaseFile(source).is_sqlite():
        raise Unusable(f"{source} is not a SQLite database.")
    give_to_owner_of(file.path, draft)
    shutil.copyfile(source, draft)
    is_own = file.path.exists() and source.samefile(file.path)
    for suffix in LOGS:
        log = DatabaseFile(source).beside(suffix)
        if log.exists() and not is_own:
            shutil.copyfile(log, draft.with_name(draft.name + suffix))
            draft.with_name(draft.name + suffix).chmod(0o600)


def prepare(
    draft: Path, source: Path, config: Config, file: DatabaseFile, now: datetime, new_key: bool
) -> tuple[int, Exchange]:
    """Check the draft, migrate it, and mark it as restored; its tick, higher than that of the database before, and
    what is exchanged for what."""
    with closing(sqlite3.connect(draft)) as connection:
        check_is_portal(connection, source)
        made_ms = stamp(connection)
    if damage := damage_of_copy(draft):
        raise Unusable(damaged_backup(source, damage))
    database = open_database(f"sqlite:///{draft}")
    migrate(database)
    db.initialize(database)
    with database.connection_context():
        connection = database.connection()
        if new_key:
            Deployment.replace_key(config.keys, now)
        if not Deployment.accepts(config.keys):
            raise Unusable(
                "The secret key is not the one that the passwords in this backup were made with. Put the secret_key "
                f"that belongs to it into {config.instance}, or set SECRET_KEY, or add it to SECRET_KEY_FALLBACKS; "
                "then restore. If it is lost: restore with --new-secret-key, and everyone needs a new password."
            )
        check_people(config)
        found = Exchange(Company.current().name, made_ms or Audit.newest_ms(), company_of(file))
        hold_payments(now, compare_from(connection, made_ms, now))
        last = max(file.marked_tick() or 0, user_version(connection))
        tick = next_tick(last, now)
        set_user_version(connection, tick)
        end_log(connection)
    database.close_all()
    return tick, found


def check_people(config: Config) -> None:
    if not config.demo and Audit.last("demo_loaded") is not None:
        raise Unusable(
            f"This backup holds the demo company, whose people and passwords are published, and "
            f"BRAINTREE_ENVIRONMENT is {config.environment}. Check that FILE is the backup of this portal."
        )


def company_of(file: DatabaseFile) -> str:
    try:
        with closing(sqlite3.connect(f"{file.path.absolute().as_uri()}?immutable=1", uri=True)) as database:
            return database.execute("SELECT name FROM company WHERE id = 1").fetchone()[0]
    except (sqlite3.Error, TypeError):
        return ""


def check_is_portal(connection, path: Path) -> None:
    if not has_table(connection, "schema_migration") or not has_table(connection, "invoice"):
        raise Unusable(f"{path} is not a portal's database.")
    check_schema(sqlite, connection, str(path))


def exchange(draft: Path, file: DatabaseFile, tick: int, now: datetime) -> Path | None:
    # Put the draft in the place of the database. The marker comes first: if the power fails in between, the next start
    # takes what is there for a restored copy. What was there stays, with its log, under a dated name.
    with draft.open("rb") as opened:
        os.fsync(opened.fileno())
    file.write_marker(tick)
    kept = None
    if file.path.exists():
        kept = file.beside(f".replaced-{now:%Y%m%d-%H%M%S}")
        os.link(file.path, kept)
        for suffix in LOGS:
            if file.beside(suffix).exists():
                file.beside(suffix).replace(kept.with_name(kept.name + suffix))
    file.beside("-shm").unlink(missing_ok=True)
    draft.replace(file.path)
    sync_folder(file.path.parent)
    return kept
