"""Bringing a PostgreSQL database up for a process of the portal: its schema, and what follows from the settings."""

import time

from peewee import PeeweeException

from app.accounts.two_factor import encrypt_clear_seeds
from app.config import Config, ConfigError
from app.database import migrate, module_for, open_database
from app.extensions import db
from app.models import Attempt, Deployment
from app.storage.errors import Unusable
from app.storage.schema import check_key, check_schema
from app.storage.server_errors import explained_of_server, is_starting

START_SECONDS = 30


def bring_up_server(config: Config, *, may_make: bool) -> None:
    """Raises ConfigError with a sentence for what makes the database unusable."""
    try:
        database = connected(config.database_url)
        with database.connection_context():
            check_database(database, config, may_make)
        migrate(database)
        db.initialize(database)
        with database.connection_context():
            check_key(config)
            Deployment.keep_pepper(config.keys)
            Attempt.note_gateway(config.place)
            encrypt_clear_seeds(config.keys)
        database.close_all()
    except Unusable as problem:
        raise ConfigError([str(problem)]) from None
    except PeeweeException as error:
        raise ConfigError([explained_of_server(error, config.database_name)]) from error


def connected(url: str):
    """The database. A server that is starting is waited for."""
    database, until = open_database(url), time.monotonic() + START_SECONDS
    while True:
        try:
            with database.connection_context():
                return database
        except PeeweeException as error:
            if not is_starting(error) or time.monotonic() > until:
                raise
        time.sleep(0.5)


def check_database(database, config: Config, may_make: bool) -> None:
    where, module = config.database_name, module_for(config.database_url)
    if problem := module.unfit(database):
        raise Unusable(f"{where} {problem}")
    if not check_schema(module, database.connection(), where) and not may_make:
        raise Unusable(
            f"There is no portal in {where}, which is empty. Check DATABASE_URL. To begin with an empty "
            "portal: flask init."
        )
