"""Password hashing that doesn't slow down other requests.

A bcrypt hash takes a quarter of a second of one core. Threads of low priority compute as many at once as there are
cores. A few requests hold a slot, some more wait for one, and all others are asked to try again.
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
MAX_QUEUED = 48  # leaves threads of the web server for other requests
MAX_QUEUED_PER_ADDRESS = 24


class Busy(Exception):
    """Too many requests are waiting for a slot, or the wait was too long."""


class HashSlot:
    """Permission to compute hashes. The methods raise Busy if they can't begin in time."""

    def __init__(self, run: Callable, pepper: str, rounds: int):
        self._run, self._pepper, self._rounds = run, pepper, rounds

    def hash(self, password: str, fewer_rounds: int = 0) -> str:
        """Each of `fewer_rounds` halves the work, for secrets that are more random than a password."""
        return self._run(hash_password, password, self._pepper, max(4, self._rounds - fewer_rounds))

    def verify(self, password: str, stored: str | None) -> bool:
        """False if `stored` is None, but takes as long as a real check."""
        return self._run(verify_password, password, stored or decoy_hash(self._rounds), self._pepper)


class Hasher:
    """The hashing threads of this process.

    `slots` requests share them, and up to `max_queued` more wait for a slot, each for at most `patience_seconds`. That
    is enough for the peak after a mailing, on a busy machine. One network address may take half of the queue.
    """

    def __init__(
        self,
        pepper: str,
        rounds: int,
        slots: int = 4,
        patience_seconds: float = 45.0,
        max_queued: int = MAX_QUEUED,
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
        """Raises Busy if no slot becomes free in time, or if too many requests are waiting, in all or from the network
        `address`."""
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
            may_wait = not address or self._waiting[address] <= MAX_QUEUED_PER_ADDRESS
        try:
            yield may_wait
        finally:
            with self._lock:
                self._waiting[address] -= 1
                self._waiting += Counter()  # removes zero counts

    def _compute(self, work: Callable, *arguments):
        job = self._threads.submit(work, *arguments)
        try:
            return job.result(self._patience_seconds)
        except FutureTimeout:
            if job.cancel():
                raise Busy from None
            return job.result()


def _lower_thread_priority() -> None:
    # Not to the lowest priority: on a machine that is busy with other work a hash would never finish.
    with contextlib.suppress(AttributeError, OSError):  # not every system has thread priorities
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


def hash_password(password: str, pepper: str, rounds: int = 12) -> str:
    """`pepper` comes from Deployment.pepper_for. Each additional round doubles the work."""
    return bcrypt.hashpw(_prehash(password, pepper), bcrypt.gensalt(rounds)).decode("ascii")


def verify_password(password: str, stored: str, pepper: str) -> bool:
    try:
        return bcrypt.checkpw(_prehash(password, pepper), stored.encode("ascii"))
    except ValueError:
        return False


def decoy_hash(rounds: int = 12) -> str:
    """A hash that matches no password and takes as long to check as a real one."""
    return f"$2b${rounds:02d}${'.' * 53}"


def _prehash(password: str, pepper: str) -> bytes:
    """44 bytes without NUL, because bcrypt reads at most 72 bytes and stops at a NUL."""
    # NFC, because keyboards compose accented letters in different ways. Its time grows with the square of the number of
    # accents, so a text that is longer than any password is not normalized.
    if len(password) <= LONGEST_PASSWORD:
        password = unicodedata.normalize("NFC", password)
    text = password.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(pepper.encode(), text, hashlib.sha256))
