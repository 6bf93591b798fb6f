"""Who uses the database: every process of the portal holds a shared lock, restoring takes it alone."""

import fcntl
import os

from app.ownership import give_to_owner_of
from app.storage.files import DatabaseFile


class InUse(Exception):
    """A process of the portal holds the lock."""


class UseLock:
    """The lock beside the database, held until `release` or the end of the process. `alone` tells whether no other
    process held it when it was taken: `share` lets others in then."""

    def __init__(self, file: DatabaseFile):
        self._handle = os.open(file.lock, os.O_RDWR | os.O_CREAT, 0o600)
        give_to_owner_of(file.path, file.lock)
        self.alone = False

    @classmethod
    def taken_alone(cls, file: DatabaseFile) -> "UseLock":
        """The lock as its only holder. Raises InUse."""
        lock = cls(file)
        if not lock._try_alone():
            lock.release()
            raise InUse
        return lock

    @classmethod
    def taken(cls, file: DatabaseFile) -> "UseLock":
        """The lock, alone if possible; waits while another process is alone."""
        lock = cls(file)
        if not lock._try_alone():
            fcntl.flock(lock._handle, fcntl.LOCK_SH)
        return lock

    def _try_alone(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.alone = True
        return True

    def share(self) -> None:
        if self.alone:
            fcntl.flock(self._handle, fcntl.LOCK_SH)
            self.alone = False

    def release(self) -> None:
        os.close(self._handle)


def is_in_use(file: DatabaseFile) -> bool:
    """Whether a process holds the lock now."""
    if not file.lock.exists():
        return False
    try:
        UseLock.taken_alone(file).release()
    except InUse:
        return True
    return False
