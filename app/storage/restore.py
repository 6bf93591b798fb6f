"""Restores a backup while the portal is stopped. The replaced database is kept."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peewee import PeeweeException

from app.config import Config, is_postgres
from app.database import apply_migrations, sqlite
from app.database.sqlite import has_table, migrate, open_database, sqlite3
from app.database.sqlite_file import end_log, set_user_version, user_version
from app.extensions import db
from app.files import give_to_owner_of, sync_folder
from app.models import Audit, Company, Deployment
from app.storage.backup import damage_of_copy, is_damage
from app.storage.copying import fill
from app.storage.database_file import LOGS, DatabaseFile, next_tick
from app.storage.drafts import draft_beside, opened, publish
from app.storage.errors import Unusable
from app.storage.holding import hold_payments
from app.storage.locks import InUse, UseLock
from app.storage.markers import ServerMarker
from app.storage.schema import check_schema
from app.storage.server_errors import database_error_text
from app.storage.startup import backup_time_ms, compare_from
from app.storage.stopped import has_schema, stopped_server


@dataclass(frozen=True)
class Replacement:
    """What a restore is about to replace. Company names are '' if there is none or it can't be read. `made_ms` is
    when the backup was made, or last written to. `replaced` is None if there is no database."""

    company: str
    made_ms: int | None
    replaced: str | None


Confirm = Callable[[Replacement], None]


def restore(
    config: Config,
    source: Path,
    now: datetime,
    *,
    new_key: bool = False,
    confirm: Confirm = lambda _exchange: None,
) -> Path | None:
    """Replace the database with the backup `source`. The old database is saved in a file; returns its path, None if
    there was none. Nothing is replaced until everything is checked and migrated and `confirm` has returned.
    `new_key`: the secret key differs on purpose. Raises Unusable."""
    work = restore_to_server if is_postgres(config.database_url) else restore_to_file
    try:
        for folder in {config.instance, config.data_path.parent}:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return work(config, source, now, new_key, confirm)
    except Unusable as problem:
        raise Unusable(f"Nothing was restored. {problem}") from None
    except (sqlite3.Error, PeeweeException, OSError) as error:
        why = damaged_backup(source, str(error)) if is_damage(error) else database_error_text(error, config)
        raise Unusable(f"Nothing was restored. {why}") from error


def restore_to_file(config: Config, source: Path, now: datetime, new_key: bool, confirm: Confirm) -> Path | None:
    file = DatabaseFile.of_url(config.database_url)
    try:
        lock = UseLock.exclusive(file)
    except InUse:
        raise Unusable("The portal, or one of its commands, is running. Stop it, then restore.") from None
    try:
        with draft_beside(file.path) as draft:
            copy_in(source, draft, file)
            last_tick = file.marked_tick() or 0
            tick, found = prepare(draft, source, config, now, new_key, company_of(file), last_tick)
            confirm(found)
            return replace_database(draft, file, tick, now)
    finally:
        lock.release()


def restore_to_server(config: Config, source: Path, now: datetime, new_key: bool, confirm: Confirm) -> Path | None:
    path = config.instance / f"replaced-{now:%Y%m%d-%H%M%S}.bak"
    with stopped_server(config.database_url) as server, draft_beside(path.with_name("restored")) as draft:
        is_portal = has_schema(server)
        copy_in(source, draft, DatabaseFile(path))
        _tick, found = prepare(draft, source, config, now, new_key, Company.name_in(server) if is_portal else None)
        confirm(found)
        with opened(draft) as backup, server.atomic():
            server.lock_out_others()
            if is_portal:
                keep(server, path)
            try:
                fill(backup, server)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        server.vacuum()
        db.initialize(server)
        ServerMarker(config).write()
    return path if is_portal else None


def keep(server, path: Path) -> None:
    """Save the server's content, migrated, as a file. Runs in the caller's transaction."""
    apply_migrations(server)
    with draft_beside(path) as draft:
        with opened(draft) as copy:
            fill(server, copy)
        publish(draft, path)


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
    draft: Path, source: Path, config: Config, now: datetime, new_key: bool, replaced: str | None, last_tick: int = 0
) -> tuple[int, Replacement]:
    """Check the draft, migrate it, and mark it as restored. Returns its tick, which is higher than the previous
    database's, and the Replacement."""
    with closing(sqlite3.connect(draft)) as connection:
        check_is_portal(connection, source)
        made_ms = backup_time_ms(connection)
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
        found = Replacement(Company.current().name, made_ms or Audit.newest_ms(), replaced)
        Deployment.forget_location(database)
        hold_payments(now, compare_from(connection, made_ms, now))
        tick = next_tick(max(last_tick, user_version(connection)), now)
        set_user_version(connection, tick)
        end_log(connection)
    database.close_all()
    return tick, found


def check_people(config: Config) -> None:
    if not config.demo and Audit.last("demo_loaded") is not None:
        raise Unusable(
            f"This backup contains the demo company, whose people and passwords are published, and "
            f"BRAINTREE_ENVIRONMENT is {config.environment}. Check that FILE is the backup of this portal."
        )


def company_of(file: DatabaseFile) -> str | None:
    if not file.path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.path.absolute().as_uri()}?immutable=1", uri=True)) as database:
            return database.execute("SELECT name FROM company WHERE id = 1").fetchone()[0]
    except (sqlite3.Error, TypeError):
        return ""


def check_is_portal(connection, path: Path) -> None:
    if not has_table(connection, "schema_migration") or not has_table(connection, "invoice"):
        raise Unusable(f"{path} is not a portal's database.")
    check_schema(sqlite, connection, str(path))


def replace_database(draft: Path, file: DatabaseFile, tick: int, now: datetime) -> Path | None:
    # Put the draft in the place of the database. The marker comes first: if the power fails in between, the next start
    # takes what is there for a restored copy. What was there stays, with its log, under a dated name.
    with draft.open("rb") as whole:
        os.fsync(whole.fileno())
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
