"""Password hashing that can't starve the pages.

A bcrypt hash is a quarter of a second of one core. As many are computed at once as there are cores, in threads of low
priority. A few requests have a slot, more queue for one, and further ones are asked to try again.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

import bcrypt

from app.web.limits import LONGEST_PASSWORD

RETRY_AFTER = 2
MOST_QUEUED = 48  # with those that have a slot, no more than leave threads of the web server for pages
MOST_OF_ADDRESS = 24


class Busy(Exception):
    """Too many people wait for a hash already, or the wait was too long."""


class HashSlot:
    """Its methods raise Busy when they can't begin in time."""

    def __init__(self, run: Callable, pepper: str, rounds: int):
        self._run, self._pepper, self._rounds = run, pepper, rounds

    def hash(self, password: str, fewer_rounds: int = 0) -> str:
        """Each of `fewer_rounds` halves the work: for what is more random than a password."""
        return self._run(hash_password, password, self._pepper, max(4, self._rounds - fewer_rounds))

    def verify(self, password: str, stored: str | None) -> bool:
        """Takes as long without a stored hash as with one, and is then False."""
        return self._run(verify_password, password, stored or decoy_hash(self._rounds), self._pepper)


class Hasher:
    """The hashing threads of this process.

    `slots` requests share them, and `max_queued` more wait for a slot, each for `patience_seconds` at most: as long
    as it takes on a busy machine when all come at once, as they do after a mailing. One network address has half of the
    queue at most.
    """

    def __init__(
        self,
        pepper: str,
        rounds: int,
        slots: int = 4,
        patience_seconds: float = 45.0,
        max_queued: int = MOST_QUEUED,
        threads: int | None = None,
    ):
        self._pepper, self._rounds, self._patience_seconds = pepper, rounds, patience_seconds
        self._slots = threading.BoundedSemaphore(slots)
        self._queue = threading.BoundedSemaphore(max_queued)
        self._waiting: Counter[str] = Counter()  # by address
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(
            threads or min(slots, os.cpu_count() or 1), "hashing", initializer=_lower_thread_priority
        )

    @contextlib.contextmanager
    def slot(self, address: str = "") -> Iterator[HashSlot]:
        """Raises Busy when none becomes free in time, or too many wait already, also of one network `address` where it
        is given."""
        if not (self._slots.acquire(blocking=False) or self._wait_for_slot(address)):
            raise Busy
        try:
            yield HashSlot(self._compute, self._pepper, self._rounds)
        finally:
            self._slots.release()

    def _wait_for_slot(self, address: str) -> bool:
        if not self._queue.acquire(blocking=False):
            return False
        try:
            with self._counted(address) as may_wait:
                return may_wait and self._slots.acquire(timeout=self._patience_seconds)
        finally:
            self._queue.release()

    @contextlib.contextmanager
    def _counted(self, address: str) -> Iterator[bool]:
        with self._lock:
            self._waiting[address] += 1
            may_wait = not address or self._waiting[address] <= MOST_OF_ADDRESS
        try:
            yield may_wait
        finally:
            with self._lock:
                self._waiting[address] -= 1
                self._waiting += Counter()  # forget those that are zero

    def _compute(self, work: Callable, *arguments):
        job = self._threads.submit(work, *arguments)
        try:
            return job.result(self._patience_seconds)
        except FutureTimeout:
            if job.cancel():
                raise Busy from None
            return job.result()


def _lower_thread_priority() -> None:
    # Not to the lowest: on a machine that is busy for other reasons a hash would never be finished.
    with contextlib.suppress(AttributeError, OSError):  # not every system has priorities of threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


def hash_password(password: str, pepper: str, rounds: int = 12) -> str:
    """`pepper` is Deployment.pepper_for; each round more doubles the work."""
    return bcrypt.hashpw(_prehash(password, pepper), bcrypt.gensalt(rounds)).decode("ascii")


def verify_password(password: str, stored: str, pepper: str) -> bool:
    try:
        return bcrypt.checkpw(_prehash(password, pepper), stored.encode("ascii"))
    except ValueError:
        return False


def decoy_hash(rounds: int = 12) -> str:
    """A hash that no password has, and that costs as much to check as a real one."""
    return f"$2b${rounds:02d}${'.' * 53}"


def _prehash(password: str, pepper: str) -> bytes:
    """44 bytes without NUL: bcrypt takes no more than 72, and stops at a NUL."""
    # NFC, because keyboards differ in how they compose an accented letter. It is quadratic in the number of accents, so
    # a text that is longer than any password is left as it is.
    if len(password) <= LONGEST_PASSWORD:
        password = unicodedata.normalize("NFC", password)
    text = password.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(pepper.encode(), text, hashlib.sha256))
