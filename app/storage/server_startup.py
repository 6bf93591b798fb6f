"""Starts a process of the portal on PostgreSQL: checks, migrations, and consequences of the settings."""

import contextlib
import time
from datetime import datetime

from peewee import PeeweeException

from app.accounts.two_factor import encrypt_clear_seeds
from app.clock import to_ms
from app.config import Config, ConfigError, TryLater
from app.database import migrate, module_for, open_database
from app.database.facts import applied_migrations
from app.extensions import db
from app.models import Attempt, Audit, Customer, Deployment, Duty, WorkerProcess, one_transaction
from app.storage.errors import Unusable, file_error_text
from app.storage.holding import hold_payments
from app.storage.markers import ServerMarker
from app.storage.schema import check_key, check_schema
from app.storage.server_errors import is_starting, server_error_text

START_SECONDS = 30
DAY_MS = 24 * 3_600_000
NOTED_BY = "0041_hosts"  # the migration with the settings of each worker


def bring_up_server(config: Config, now: datetime, *, may_make: bool) -> None:
    """Raises ConfigError with a sentence if the database is unusable."""
    try:
        config.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = open_server(config, now, may_make=may_make)
        migrate(database)
        with database.connection_context():
            check_key(config)
            Deployment.keep_pepper(config.keys)
            note_restore(config, now, module_for(config.database_url).home_of(database))
            Attempt.note_gateway(config.gateway_id)
            encrypt_clear_seeds(config.keys)
            Customer.fill_sort_keys()
        database.close_all()
    except Unusable as problem:
        raise ConfigError([str(problem)]) from None
    except PeeweeException as error:
        is_disconnected = module_for(config.database_url).Database.is_disconnected(error)
        kind = TryLater if is_disconnected else ConfigError
        raise kind([server_error_text(error, config.database_name)]) from error
    except OSError as error:
        raise ConfigError([file_error_text(error, config.instance)]) from error


def open_server(config: Config, now: datetime, *, may_make: bool):
    """The database, checked and bound, whether or not its schema is up to date. Raises Unusable or an error of
    peewee."""
    database, where, module = connected(config.database_url), config.database_name, module_for(config.database_url)
    db.initialize(database)
    with database.connection_context():
        if problem := module.why_unsuitable(database):
            raise Unusable(f"{where} {problem}")
        if check_schema(module, database.connection(), where):
            check_others(database, config, now)
        elif not may_make:
            raise Unusable(
                f"There is no portal in {where}, which is empty. Check DATABASE_URL. To begin with an empty portal: "
                "flask init."
            )
    return database


def connected(url: str):
    """The database. Waits for a server that is starting."""
    database, until = open_database(url), time.monotonic() + START_SECONDS
    while True:
        try:
            with database.connection_context():
                return database
        except PeeweeException as error:
            if not is_starting(error) or time.monotonic() > until:
                raise
        time.sleep(0.5)


def check_others(database, config: Config, now: datetime) -> None:
    """Raises Unusable while a worker of a portal with another URL or gateway runs on this database."""
    if NOTED_BY not in applied_migrations(database):
        return
    other = WorkerProcess.with_other(config.shared, now)
    if other:
        raise Unusable(
            f"A portal with PORTAL_URL={other.portal_url} and BRAINTREE_ENVIRONMENT={other.environment} runs on "
            f"{config.database_name}, with the worker {other.name}; here they are {config.portal_url} and "
            f"{config.environment}. Export its settings in this shell, or set DATABASE_URL to another database. If it "
            "was killed, it counts as running for two minutes."
        )


def note_restore(config: Config, now: datetime, home: str) -> None:
    """Pause online payment in a database that was restored or copied. Its home differs then; or, if all files of the
    server were restored, this host's marker is ahead of it."""
    marker = ServerMarker(config)
    if hold_if_restored(now, home, marker.is_ahead()):
        with contextlib.suppress(OSError):
            marker.write()


@one_transaction
def hold_if_restored(now: datetime, home: str, is_older: bool) -> bool:
    is_restored = Deployment.note_location(home) or is_older or Deployment.current().backup_ms is not None
    if is_restored:
        newest_ms = max(filter(None, (Audit.newest_ms(), Duty.newest_ms())), default=to_ms(now))
        hold_payments(now, min(newest_ms, to_ms(now)) - DAY_MS)
    return is_restored
