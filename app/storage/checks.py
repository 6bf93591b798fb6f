"""Whether a file is a portal's database that this code can use, in sentences for a person at a console."""

import time
from contextlib import closing
from pathlib import Path

from peewee import sqlite3
from playhouse.migrations import Migration

from app.database.sqlite import MIGRATIONS
from app.storage.errors import Unusable, explained
from app.storage.files import DatabaseFile

# At most, at a start: PRAGMA quick_check reads 140 MB in 0.25 s, integrity_check in 4 s.
QUICK_SECONDS, THOROUGH_SECONDS = 5, 10


def check_files(file: DatabaseFile) -> None:
    """Before SQLite opens it: is it a database, and does the log beside it belong to it? Raises Unusable."""
    if not file.is_sqlite():
        raise Unusable(
            f"{file.path} is not a SQLite database. Check DATABASE_URL and INSTANCE_PATH, or restore a "
            "backup: flask restore FILE."
        )
    log = file.leftover_log()
    if log and (file.is_older_copy() or is_stamped_backup(file.path)):
        raise Unusable(
            f"{file.path} is a backup that was copied here, and {log.name} belongs to the database before it: opening "
            "them together would destroy both. Restore the backup with: flask restore FILE. If you no longer have it "
            f"elsewhere: flask restore {file.path}"
        )


def is_stamped_backup(path: Path) -> bool:
    """Whether the database file alone, without any log, was made by `flask backup`."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as database:
            return stamp(database) is not None
    except sqlite3.Error:
        return False


def stamp(database) -> int | None:
    """When a backup was made, in ms; None for a database in use, or of a version without the stamp."""
    if not has_table(database, "deployment"):
        return None
    return database.execute("SELECT backup_ms FROM deployment WHERE id = 1").fetchone()[0]


def check_content(path: Path, *, pragma: str = "quick_check", seconds: float = QUICK_SECONDS) -> None:
    """Is the database whole, a portal's, and not newer than this code? `pragma` looks for damage, for at most so
    many seconds. Raises Unusable."""
    try:
        with closing(sqlite3.connect(path, timeout=30)) as database:
            damage = damage_of(database, pragma, seconds)
            if damage:
                raise Unusable(f"{path} is damaged ({damage}). Restore a backup: flask restore FILE.")
            check_version(database, path)
    except sqlite3.DatabaseError as error:
        raise Unusable(explained(error, path)) from error


def damage_of(database, pragma: str, seconds: float) -> str:
    """The first damage that quick_check or integrity_check finds in this time; '' for none."""
    until = time.monotonic() + seconds
    database.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        (found,) = database.execute(f"PRAGMA {pragma}(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return ""
    finally:
        database.set_progress_handler(None, 0)
    return "" if found == "ok" else found.splitlines()[-1]


def check_version(database, path: Path) -> None:
    """Raises Unusable."""
    if not has_table(database, "schema_migration"):
        if has_tables(database):
            raise Unusable(f"{path} is the database of another program. Check DATABASE_URL and INSTANCE_PATH.")
        return
    known = {migration.name for migration in Migration.load_directory(str(MIGRATIONS))}
    newer = sorted({name for (name,) in database.execute("SELECT name FROM schema_migration")} - known)
    if newer:
        raise Unusable(
            f"{path} is of a newer version of the portal (it has {newer[-1]}). Upgrade the portal, or "
            "restore the backup that was made before the upgrade: flask restore FILE."
        )


def has_table(database, name: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def has_tables(database) -> bool:
    return database.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
