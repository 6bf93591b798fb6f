"""Bringing a PostgreSQL database up for a process of the portal: its schema, and what follows from the settings."""

import time

from peewee import PeeweeException
from playhouse.migrations import Migration

from app.accounts.two_factor import encrypt_clear_seeds
from app.config import Config, ConfigError
from app.database import MIGRATIONS, migrate, module_for, open_database
from app.extensions import db
from app.models import Attempt, Deployment
from app.storage.errors import Unusable

CONNECT_SECONDS = 30


def bring_up_server(config: Config) -> None:
    """Raises ConfigError with a sentence for what makes the database unusable."""
    where = config.database_name
    try:
        database = connected(config.database_url)
        check_version(database, where)
        migrate(database)
        db.initialize(database)
        with database.connection_context():
            if not Deployment.accepts_key(config.secret_key):
                raise Unusable(
                    f"The secret key is not the one that the passwords in {where} were made with. Set SECRET_KEY to "
                    "the right one. If it is lost: flask accept-secret-key, and everyone needs a new password."
                )
            Attempt.note_gateway(config.place)
            encrypt_clear_seeds(config.secret_key)
        database.close_all()
    except Unusable as problem:
        raise ConfigError([str(problem)]) from None
    except PeeweeException as error:
        raise ConfigError([f"{where} can't be used: {str(error).strip()}"]) from error


def connected(url: str):
    """The database, which may be starting: it is waited for."""
    database, until = open_database(url), time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            database.connect()
            database.close()
            return database
        except PeeweeException as error:
            if "starting up" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.5)


def check_version(database, where: str) -> None:
    tables = module_for(database.database)
    with database.connection_context():
        connection = database.connection()
        if not tables.has_table(connection, "schema_migration"):
            if tables.has_tables(connection):
                raise Unusable(f"{where} is the database of another program. Check DATABASE_URL.")
            return
        known = {migration.name for migration in Migration.load_directory(str(MIGRATIONS))}
        applied = {name for (name,) in connection.execute("SELECT name FROM schema_migration").fetchall()}
        if newer := sorted(applied - known):
            raise Unusable(
                f"{where} is of a newer version of the portal (it has {newer[-1]}). Upgrade the portal, or restore the "
                "backup that was made before the upgrade."
            )
