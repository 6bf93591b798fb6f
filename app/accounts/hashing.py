"""Password hashing that can't starve the pages.

A bcrypt hash is a quarter of a second of one core. One is computed at a time, in a thread of
low priority; a few requests wait in line for it, more wait at the door for a place in that line, and
further ones are asked to try again. Waiting costs nothing, and a flood of logins waits too.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

from app.accounts import password_hash

RETRY_AFTER = 2


class Busy(Exception):
    """Too many people wait for a hash already, or the wait was too long."""


class Turn:
    """A place in the queue. What it is asked to compute waits at most `patience` seconds to begin."""

    def __init__(self, run: Callable, pepper: str, rounds: int):
        self._run, self._pepper, self._rounds = run, pepper, rounds

    def hash(self, password: str, fewer_rounds: int = 0) -> str:
        """Each of `fewer_rounds` halves the work: for what is more random than a password."""
        return self._run(password_hash.hash_password, password, self._pepper, max(4, self._rounds - fewer_rounds))

    def verify(self, password: str, stored: str | None) -> bool:
        """Takes as long without a stored hash as with one, and is then False."""
        return self._run(password_hash.verify, password, stored or password_hash.decoy(self._rounds), self._pepper)


class Hasher:
    """The hashing thread of this process.

    `waiting` requests may wait in line behind the one that is served, `at_door` more for a place in that
    line: each of them `patience` seconds at most. Together they must leave threads of the web server free.
    """

    def __init__(self, pepper: str, rounds: int, waiting: int = 3, patience: float = 2.0, at_door: int = 40):
        self._pepper, self._rounds, self._patience = pepper, rounds, patience
        self._places = threading.BoundedSemaphore(waiting + 1)
        self._door = threading.BoundedSemaphore(at_door)
        self._thread = ThreadPoolExecutor(1, "hashing", initializer=_give_way)

    @contextlib.contextmanager
    def turn(self) -> Iterator[Turn]:
        """Take a place in the line. Raises Busy when none becomes free in time, or too many wait already."""
        if not (self._places.acquire(blocking=False) or self._wait_at_door()):
            raise Busy
        try:
            yield Turn(self._compute, self._pepper, self._rounds)
        finally:
            self._places.release()

    def _wait_at_door(self) -> bool:
        if not self._door.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=self._patience)
        finally:
            self._door.release()

    def _compute(self, work: Callable, *arguments):
        job = self._thread.submit(work, *arguments)
        try:
            return job.result(self._patience)
        except Late:
            if job.cancel():
                raise Busy from None
            return job.result()


def _give_way() -> None:
    """A low priority for this thread alone, where the system has priorities of threads.

    Not the lowest: on a machine that is busy for other reasons a hash would never be finished.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
