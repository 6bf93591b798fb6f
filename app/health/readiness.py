"""Checks whether this process can serve requests, and whether the worker works."""

from dataclasses import dataclass
from datetime import datetime

from peewee import PeeweeException

from app.clock import to_ms
from app.database.facts import applied_migrations, known_migrations
from app.mail import queries
from app.models import WorkerProcess


@dataclass(frozen=True)
class Readiness:
    """`migrations`: all migrations of this version are applied. More are fine: this version also works with the next
    version's (`tests/test_migrations_expand.py`). `worker`: a worker was active in the last ten minutes. `mail`: no
    email is overdue."""

    database: bool = False
    migrations: bool = False
    worker: bool = False
    mail: bool = False

    @property
    def can_serve(self) -> bool:
        return self.database and self.migrations

    @property
    def is_complete(self) -> bool:
        return self.can_serve and self.worker and self.mail


def readiness(database, now: datetime) -> Readiness:
    try:
        if not database.file_exists():
            return Readiness()
        with database.connection_context():
            migrations = applied_migrations(database) >= known_migrations()
            worker = bool(WorkerProcess.alive(now))
            return Readiness(True, migrations, worker, queries.trouble(to_ms(now)) is None)
    except (PeeweeException, OSError):
        return Readiness()
