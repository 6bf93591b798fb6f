"""Facts about a database for operators."""

from dataclasses import dataclass
from functools import lru_cache

from playhouse.migrations import Migration

from app.config import ROOT

MIGRATIONS = ROOT / "migrations"


@dataclass(frozen=True)
class Facts:
    """`state` is SQLite's journal mode, or the connected server. `size` is in bytes, including a log that isn't
    checkpointed. `dangers` are sentences about what to change. `most_connections` is the server's limit."""

    engine: str
    state: str
    size: int
    dangers: tuple[str, ...] = ()
    most_connections: int | None = None


@lru_cache(1)
def known_migrations() -> frozenset[str]:
    """Migrations of this version of the code, as they were when this process first asked."""
    return frozenset(migration.name for migration in Migration.load_directory(str(MIGRATIONS)))


def applied_migrations(database) -> set[str]:
    """Migrations that were applied to a connected database."""
    return {name for (name,) in database.execute_sql("SELECT name FROM schema_migration").fetchall()}
