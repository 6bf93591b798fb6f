"""What an operator wants to know about a database."""

from dataclasses import dataclass
from functools import lru_cache

from playhouse.migrations import Migration

from app.config import ROOT

MIGRATIONS = ROOT / "migrations"


@dataclass(frozen=True)
class Facts:
    """`journal` is how writes are logged; `size` is in bytes, a log that isn't folded in included."""

    engine: str
    journal: str
    size: int


@lru_cache(1)
def known_migrations() -> frozenset[str]:
    """Those of this version of the code, as they were when this process asked first."""
    return frozenset(migration.name for migration in Migration.load_directory(str(MIGRATIONS)))


def applied_migrations(database) -> set[str]:
    """Those of a connected database."""
    return {name for (name,) in database.execute_sql("SELECT name FROM schema_migration").fetchall()}
