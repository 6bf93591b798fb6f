"""The worker's duties with their last runs, and the workers that are running."""

import functools
import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from peewee import SQL, BigIntegerField, CharField, fn

from app.clock import AHEAD_MS, to_ms
from app.models.audit import Audit
from app.models.base import BaseModel, one_transaction

RUNNING_MS = 2 * 60_000
SILENT_MS = 10 * 60_000  # a comparison with the gateway may take this long
FORGET_MS = 24 * 3_600_000


@dataclass
class Run:
    """The last run of a duty. `error` is '' after a success; `failures` counts those in a row.
    `next_ms` is when it is planned to run next."""

    name: str
    started_ms: int
    duration_ms: int
    error: str
    failures: int
    next_ms: int


class Duty(BaseModel):
    """One row per duty, written by the worker that ran it last. `failing_ms` is when the duty was set aside: it
    failed many times in a row, is tried more and more rarely, and administrators were emailed."""

    name = CharField(unique=True)
    started_ms = BigIntegerField()
    duration_ms = BigIntegerField()
    error = CharField()
    failures = BigIntegerField()
    failing_ms = BigIntegerField(null=True)
    next_ms = BigIntegerField()

    class Meta:
        table_name = "duty"

    @classmethod
    def note(cls, run: Run) -> None:
        values = asdict(run)
        changed = {name: value for name, value in values.items() if name != "name"}
        cls.insert(**values).on_conflict(conflict_target=[cls.name], update=changed).execute()

    @classmethod
    @one_transaction
    def set_aside(cls, run: Run, now: datetime, label: str) -> None:
        """Alert administrators, once until the duty succeeds again, whichever worker it fails in."""
        new = cls.update(failing_ms=run.started_ms).where(cls.name == run.name, cls.failing_ms.is_null())
        if new.execute():
            Audit.write("duty.failing", to_ms(now), subject=f"duty:{label}", why=run.error)

    @classmethod
    @one_transaction
    def recovered(cls, name: str, now: datetime, label: str) -> None:
        if cls.update(failing_ms=None).where(cls.name == name, cls.failing_ms.is_null(False)).execute():
            Audit.write("duty.recovered", to_ms(now), subject=f"duty:{label}")

    @classmethod
    def failing(cls) -> list["Duty"]:
        return list(cls.select().where(cls.failing_ms.is_null(False)).order_by(cls.name))

    @classmethod
    def newest_ms(cls) -> int | None:
        """When any worker last began a duty."""
        return cls.select(fn.MAX(cls.started_ms)).scalar()

    @classmethod
    def by_name(cls) -> dict[str, "Duty"]:
        return {row.name: row for row in cls.select()}


class WorkerProcess(BaseModel):
    """A worker that runs, or that ended without deleting its row. `name` is host:process. All hosts of a portal must
    have the same settings."""

    name = CharField(unique=True)
    started_ms = BigIntegerField()
    heard_ms = BigIntegerField()
    portal_url = CharField(default="", constraints=[SQL("DEFAULT ''")])
    environment = CharField(default="", constraints=[SQL("DEFAULT ''")])

    class Meta:
        table_name = "worker_process"

    @classmethod
    def note_heartbeat(cls, name: str, started_ms: int, now: datetime, settings: Mapping[str, str]) -> None:
        values = {"started_ms": started_ms, "heard_ms": to_ms(now), **settings}
        cls.insert(name=name, **values).on_conflict(conflict_target=[cls.name], update=values).execute()

    @classmethod
    def ended(cls, name: str) -> None:
        cls.delete().where(cls.name == name).execute()

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        cls.delete().where(~cls.seen_within(now, FORGET_MS)).execute()

    @classmethod
    def seen_within(cls, now: datetime, period_ms: int):
        # A later time was written while the clock was ahead, and proves nothing.
        return (cls.heard_ms > to_ms(now) - period_ms) & (cls.heard_ms <= to_ms(now) + AHEAD_MS)

    @classmethod
    def with_other(cls, settings: Mapping[str, str], now: datetime) -> "WorkerProcess | None":
        """A running worker whose settings differ from these."""
        others = [getattr(cls, name).not_in(("", value)) for name, value in settings.items()]
        return cls.select().where(cls.seen_within(now, RUNNING_MS), functools.reduce(operator.or_, others)).first()

    @classmethod
    def alive(cls, now: datetime) -> list["WorkerProcess"]:
        return list(cls.select().where(cls.seen_within(now, SILENT_MS)).order_by(cls.started_ms))
