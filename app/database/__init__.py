"""Opens the database of a URL. SQLite's and PostgreSQL's modules have the same names."""

from types import ModuleType

from app.config import is_postgres
from app.database import driver, sqlite
from app.database.sqlite import MIGRATIONS

__all__ = ["MIGRATIONS", "apply_migrations", "is_postgres", "migrate", "module_for", "open_database"]


def module_for(url: str) -> ModuleType:
    """The module for this URL. PostgreSQL's driver is loaded only if it is needed."""
    if is_postgres(url):
        driver.load_psycopg()
        from app.database import postgres

        return postgres
    return sqlite


def open_database(url: str):
    """Returns without connecting."""
    return module_for(url).open_database(url)


def migrate(database) -> list[str]:
    """Apply all pending migrations and return their names. Two processes may call it at once."""
    return module_for(str(database.database)).migrate(database)


def apply_migrations(database) -> list[str]:
    """Like `migrate`, for a connected database that is used by nothing else, in the caller's transaction."""
    return module_for(str(database.database)).apply_migrations(database)
