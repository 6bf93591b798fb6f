"""What an operator wants to know about a database."""

from dataclasses import dataclass
from functools import lru_cache

from playhouse.migrations import Migration

from app.config import ROOT

MIGRATIONS = ROOT / "migrations"


@dataclass(frozen=True)
class Facts:
    """`state` is SQLite's journal, or which server is connected now. `size` is in bytes, a log that isn't folded in
    included. `dangers` are sentences about what to change. `most_connections` is how many a server lets in."""

    engine: str
    state: str
    size: int
    dangers: tuple[str, ...] = ()
    most_connections: int | None = None


@lru_cache(1)
def known_migrations() -> frozenset[str]:
    """Those of this version of the code, as they were when this process asked first."""
    return frozenset(migration.name for migration in Migration.load_directory(str(MIGRATIONS)))


def applied_migrations(database) -> set[str]:
    """Those of a connected database."""
    return {name for (name,) in database.execute_sql("SELECT name FROM schema_migration").fetchall()}
