"""Backs up the database while the portal runs. A backup is always a SQLite file, and either database can restore it."""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.clock import to_ms
from app.config import Config, is_postgres
from app.database import open_database
from app.database.sqlite import sqlite3
from app.database.sqlite_file import end_log, first_damage
from app.models import Deployment, Duty
from app.models.duty import Run
from app.storage.copying import fill
from app.storage.database_file import DatabaseFile, mark
from app.storage.drafts import draft_beside, opened, publish
from app.storage.errors import DAMAGED, Unusable, user_name
from app.storage.server_errors import database_error_text

DUTY = "backup"  # the name of its row in the table of duties


def back_up(config: Config, target: Path, now: datetime, *, overwrite: bool = False) -> int:
    """Write a checked copy of the database to `target`, whole or not at all, readable only by its owner. Returns its
    size in bytes. Raises Unusable."""
    is_server = is_postgres(config.database_url)
    check_target(target, overwrite)
    if not is_server and target.exists() and target.samefile(config.data_path):
        raise Unusable(f"{target} is the database itself. Name another file.")
    try:
        with draft_beside(target) as draft:
            (copy_server if is_server else copy_file)(config, draft, now)
            if damage := damage_of_copy(draft):
                raise Unusable(no_backup_of(config, damage))
            size = draft.stat().st_size
            publish(draft, target, overwrite=overwrite)
    except (sqlite3.Error, PeeweeException, OSError) as error:
        if not is_server and is_damage(error):
            raise Unusable(no_backup_of(config, str(error))) from error
        raise Unusable(database_error_text(error, config, target)) from error
    return size


def check_target(target: Path, overwrite: bool) -> None:
    folder = target.parent
    if not os.path.isdir(folder):  # where Path.is_dir raises, below a folder that this user may not enter
        raise Unusable(f"There is no folder {folder}. Make it, or name a file in another folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        me = user_name(os.geteuid())
        raise Unusable(f"{me} may not write in the folder {folder.absolute()}. Name a file in another folder.")
    if target.is_dir():
        raise Unusable(f"{target} is a folder: name a file in it.")
    if target.exists() and not overwrite:
        raise Unusable(f"{target} exists already. Name another file, or add --overwrite.")


def no_backup_of(config: Config, damage: str) -> str:
    return f"No backup was made: {config.database_name} is damaged ({damage}). Restore a backup: flask restore FILE."


def is_damage(error: Exception) -> bool:
    return any(part in str(error).lower() for part in DAMAGED)


def copy_file(config: Config, draft: Path, now: datetime) -> None:
    """Copy SQLite's database while others use it, and mark the copy as a backup. After that, the database's marker
    says that it is newer than this copy."""
    file = DatabaseFile.of_url(config.database_url)
    with closing(sqlite3.connect(file.path, timeout=30, isolation_level=None)) as source:
        with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            source.backup(copy)
            end_log(copy)
            copy.execute("UPDATE deployment SET backup_ms = ?", (to_ms(now),))
        mark(source, file, now)


def copy_server(config: Config, draft: Path, now: datetime) -> None:
    """Copy a snapshot of PostgreSQL's database while others use it, and mark the copy as a backup."""
    server = open_database(config.database_url)
    try:
        with server.connection_context(), opened(draft) as copy:
            fill(server, copy)
            Deployment.mark_as_backup(copy, now)
    finally:
        server.close_all()


def note_backup(began: datetime, ended: datetime) -> None:
    """For System Status and `flask doctor`."""
    started_ms = to_ms(began)
    Duty.note(Run(DUTY, started_ms, max(0, to_ms(ended) - started_ms), "", 0, 0))


def damage_of_copy(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return first_damage(database)
