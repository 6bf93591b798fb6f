"""Runs duties at their intervals, and records the results.

Intervals are measured with a monotonic clock, so that changes of the date don't stop a duty. A duty that fails is tried
again after a pause that doubles. After SET_ASIDE failures in a row, administrators get an email.
"""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from peewee import PeeweeException

from app.clock import Clock, to_ms
from app.models import Duty, WorkerProcess, one_transaction
from app.models.duty import Run

logger = logging.getLogger(__name__)
SET_ASIDE, LONGEST_PAUSE_SECONDS = 5, 600
RECONNECT_SECONDS = 2
NOTE_SECONDS = 20  # results are saved only this often, because each save is a write to the disk
LONGEST_ERROR = 200


@dataclass
class Task:
    """A duty with its interval. `next_ticks` is in seconds of a monotonic clock. `run` is the result that is not saved
    yet. Unless `is_shared`, only one worker at a time runs the duty. `is_set_aside` is True after administrators got an
    email that the duty fails in this process."""

    name: str
    label: str
    every_seconds: float
    work: Callable[[], None]
    is_shared: bool = False
    next_ticks: float = 0.0
    failures: int = 0
    is_set_aside: bool = False
    run: Run | None = field(default=None, repr=False)

    @property
    def pause_seconds(self) -> float:
        """The pause until the next run, which grows with each failure in a row."""
        return max(self.every_seconds, min(self.every_seconds * 2**self.failures, LONGEST_PAUSE_SECONDS))


class Schedule:
    def __init__(self, tasks: list[Task], database, clock: Clock, settings: Mapping[str, str]):
        """`settings` are saved in the worker's row."""
        self.tasks, self.database, self.clock, self.settings = tasks, database, clock, settings
        self.process = f"{socket.gethostname()}:{os.getpid()}"
        self.started_ms = to_ms(clock())
        self.noted_ticks: float | None = None
        self.away_until_ticks = 0.0

    def run_due(self, ticks: float) -> None:
        """Run every duty that is due at `ticks`. A failure is logged and doesn't stop the other duties. All duties wait
        while the database is unavailable."""
        if ticks < self.away_until_ticks:
            return
        for task in self.tasks:
            if ticks >= task.next_ticks:
                self.run(task, ticks)
            if ticks < self.away_until_ticks:
                return
        if self.noted_ticks is None or ticks - self.noted_ticks >= NOTE_SECONDS:
            self.noted_ticks = ticks
            self.note(*self.tasks)

    def run(self, task: Task, ticks: float) -> None:
        started_ms, began, had_failed, error = to_ms(self.clock()), time.monotonic(), task.failures, ""
        try:
            with self.database.connection_context(), self.turn(task) as is_ours:
                if not is_ours:
                    task.next_ticks = ticks + task.pause_seconds
                    return
                task.work()
            task.failures, task.is_set_aside = 0, False
        except Exception as failure:
            if self.database.is_disconnected(failure):
                logger.warning("%s waits for the database: %s", task.name, first_line(failure))
                self.away_until_ticks = ticks + RECONNECT_SECONDS
                return
            logger.exception("%s failed", task.name)
            task.failures += 1
            error = first_line(failure)
        task.next_ticks = ticks + task.pause_seconds
        duration_ms = round(1000 * (time.monotonic() - began))
        next_ms = started_ms + round(1000 * task.pause_seconds)
        task.run = Run(task.name, started_ms, duration_ms, error, task.failures, next_ms)
        if task.failures or had_failed:
            self.note(task)

    def turn(self, task: Task) -> AbstractContextManager[bool]:
        return contextlib.nullcontext(True) if task.is_shared else self.database.try_lock(task.name)

    def note(self, *tasks: Task) -> None:
        """Save results that are not saved yet. Duties continue if the database can't be written."""
        try:
            with self.database.connection_context():
                self.write(*tasks)
        except PeeweeException as error:
            logger.warning("what the worker did could not be noted: %s", error)
            return
        for task in tasks:
            task.is_set_aside |= task.failures >= SET_ASIDE
            task.run = None

    @one_transaction
    def write(self, *tasks: Task) -> None:
        WorkerProcess.note_heartbeat(self.process, self.started_ms, self.clock(), self.settings)
        for task in tasks:
            if task.run is not None:
                self.note_run(task.run, task)

    def note_run(self, run: Run, task: Task) -> None:
        Duty.note(run)
        if not run.failures:
            Duty.recovered(run.name, self.clock(), task.label)
        elif run.failures >= SET_ASIDE and not task.is_set_aside:  # once per process, as it may work in another worker
            Duty.set_aside(run, self.clock(), task.label)

    def end(self) -> None:
        """Call it when this process stops. Saves the remaining results and removes the worker's row."""
        self.note(*self.tasks)
        with contextlib.suppress(PeeweeException), self.database.connection_context():
            WorkerProcess.ended(self.process)


def first_line(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    return text.splitlines()[0][:LONGEST_ERROR]
