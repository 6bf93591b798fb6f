"""The two lock files next to a database.

Every process holds `.lock` shared; a restore holds it exclusively. `.running` says which portal runs: a second one on
the same database would send every email and charge through another URL. A portal has one supervisor, or web servers and
workers with the same settings. PostgreSQL allows any number of hosts with these.
"""

import contextlib
import fcntl
import json
import os

from app.config import Config, ConfigError, is_postgres
from app.files import give_to_owner_of
from app.storage.database_file import DatabaseFile
from app.storage.errors import file_error_text

SETTINGS = ("PORTAL_URL", "BRAINTREE_ENVIRONMENT")
_held: list[int] = []  # until the process ends


class InUse(Exception):
    """A process of the portal holds the lock."""


class UseLock:
    """The lock next to the database, held until `release` or the end of the process. `is_exclusive`: no other
    process held it when it was taken. Call `share` to let others in."""

    def __init__(self, file: DatabaseFile):
        self._handle = os.open(file.lock, os.O_RDWR | os.O_CREAT, 0o600)
        give_to_owner_of(file.path, file.lock)
        self.is_exclusive = False

    @classmethod
    def exclusive(cls, file: DatabaseFile) -> "UseLock":
        """Raises InUse."""
        lock = cls(file)
        if not lock._try_exclusive():
            lock.release()
            raise InUse
        return lock

    @classmethod
    def exclusive_or_shared(cls, file: DatabaseFile) -> "UseLock":
        """The exclusive lock if possible, otherwise a shared one. Waits while another process holds it exclusively."""
        lock = cls(file)
        if not lock._try_exclusive():
            fcntl.flock(lock._handle, fcntl.LOCK_SH)
        return lock

    def _try_exclusive(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.is_exclusive = True
        return True

    def share(self) -> None:
        if self.is_exclusive:
            fcntl.flock(self._handle, fcntl.LOCK_SH)
            self.is_exclusive = False

    def release(self) -> None:
        os.close(self._handle)


def is_in_use(file: DatabaseFile) -> bool:
    if not file.lock.exists():
        return False
    try:
        UseLock.exclusive(file).release()
    except InUse:
        return True
    return False


def run_alone(config: Config) -> None:
    """Keeps other portals out until this process ends. Raises ConfigError while another portal runs."""
    if is_postgres(config.database_url):
        return
    file = DatabaseFile.of_url(config.database_url)
    handle = open_lock(file)
    if not try_lock(handle, fcntl.LOCK_EX):
        os.close(handle)
        raise ConfigError([already_running(file, read_settings(file))])
    write_settings(handle, config)
    _held.append(handle)


def join(config: Config) -> None:
    """Run a web server or worker. Raises ConfigError if the running portal has other settings."""
    if is_postgres(config.database_url):
        return
    file = DatabaseFile.of_url(config.database_url)
    handle = open_lock(file)
    if try_lock(handle, fcntl.LOCK_EX):
        write_settings(handle, config)
    elif (running := read_settings(file)) and any(running[name] != settings_of(config)[name] for name in SETTINGS):
        os.close(handle)
        raise ConfigError([already_running(file, running)])
    try_lock(handle, fcntl.LOCK_SH)  # not granted under a supervisor, which holds the database for its servers
    _held.append(handle)


def open_lock(file: DatabaseFile) -> int:
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file.running, os.O_RDWR | os.O_CREAT, 0o600)
        give_to_owner_of(file.path, file.running)
        return handle
    except OSError as error:
        raise ConfigError([file_error_text(error, file.running)]) from error


def try_lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def settings_of(config: Config) -> dict[str, str]:
    return {"PORTAL_URL": config.portal_url, "BRAINTREE_ENVIRONMENT": config.environment}


def write_settings(handle: int, config: Config) -> None:
    # A second portal reads this to name the one that runs. A full disk must not keep the portal from starting.
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(settings_of(config)).encode(), 0)


def read_settings(file: DatabaseFile) -> dict[str, str] | None:
    """The settings of the running portal; None while it starts."""
    try:
        running = json.loads(file.running.read_text())
        return running if set(SETTINGS) <= running.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def already_running(file: DatabaseFile, running: dict[str, str] | None) -> str:
    what = f" at {running['PORTAL_URL']} ({running['BRAINTREE_ENVIRONMENT']})" if running else ""
    return (
        f"A portal already runs on {file.path}{what}. Stop it first. For a second portal, set INSTANCE_PATH to "
        "another folder."
    )
