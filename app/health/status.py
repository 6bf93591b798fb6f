"""The data of System Status."""

import platform
import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from app.clock import to_ms
from app.config import ROOT, Config
from app.database.facts import Facts, applied_migrations, known_migrations
from app.mail import queries
from app.models import Audit, Duty, OutboxMail, WorkerProcess
from app.storage.backup import DUTY as BACKUP
from app.worker.duties import DUTIES


@dataclass(frozen=True)
class DutyLine:
    """`row` is None before the first run."""

    label: str
    every_seconds: int
    row: Duty | None

    @property
    def every(self) -> str:
        seconds = self.every_seconds
        return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"


@dataclass(frozen=True)
class Status:
    """`mails` is {state: count}. `compared_ms` is when payments were last compared with Braintree."""

    version: str
    python: str
    facts: Facts
    schema: str
    free_bytes: int
    mail_server: str
    mails: dict[str, int]
    compared_ms: int | None
    backup_ms: int | None
    workers: list[WorkerProcess]
    duties: list[DutyLine]

    @property
    def waiting(self) -> int:
        return sum(self.mails[state] for state in OutboxMail.WAITING)

    @property
    def undelivered(self) -> int:
        return sum(self.mails[state] for state in OutboxMail.FAILED)


def status(config: Config, database, now: datetime) -> Status:
    rows = Duty.by_name()
    return Status(
        version=version(),
        python=platform.python_version(),
        facts=database.facts(),
        schema=schema(database),
        free_bytes=shutil.disk_usage(config.instance).free,
        mail_server=urlsplit(config.smtp_url or "").hostname or "",
        mails=dict.fromkeys(OutboxMail.STATES, 0) | queries.counts(),
        compared_ms=Audit.last_ms("payment.audited", to_ms(now)),
        backup_ms=rows[BACKUP].started_ms if BACKUP in rows else None,
        workers=WorkerProcess.alive(now),
        duties=[DutyLine(label, seconds, rows.get(name)) for seconds, name, label in DUTIES],
    )


@lru_cache(1)
def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def schema(database) -> str:
    """The newest migration, with a note if it belongs to another version."""
    applied = applied_migrations(database)
    pending, newer = known_migrations() - applied, applied - known_migrations()
    wrong = f", {len(pending)} not applied" * bool(pending) + f", {len(newer)} of a newer version" * bool(newer)
    return f"{max(applied)}{wrong}"
