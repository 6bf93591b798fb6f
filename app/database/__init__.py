"""Opening the database that a URL names. SQLite's module and PostgreSQL's have the same names."""

from types import ModuleType

from app.config import is_postgres
from app.database import driver, sqlite
from app.database.sqlite import MIGRATIONS

__all__ = ["MIGRATIONS", "apply_migrations", "is_postgres", "migrate", "module_for", "open_database"]


def module_for(url: str) -> ModuleType:
    """The driver of PostgreSQL is loaded only where it is used."""
    if is_postgres(url):
        driver.load_psycopg()
        from app.database import postgres

        return postgres
    return sqlite


def open_database(url: str):
    """Nothing is connected yet."""
    return module_for(url).open_database(url)


def migrate(database) -> list[str]:
    """Apply every migration that is pending; their names. Two processes may call it at once."""
    return module_for(str(database.database)).migrate(database)


def apply_migrations(database) -> list[str]:
    """The same for a connected database that no one else uses, as a part of the caller's transaction."""
    return module_for(str(database.database)).apply_migrations(database)
