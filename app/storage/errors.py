"""Errors of files and disks in sentences for a person at a console."""

import errno
import os
import pwd
import sys
from pathlib import Path

from peewee import PeeweeException

from app.database.sqlite import sqlite3

DAMAGED = ("malformed", "not a database")  # SQLite's words for damaged content, also in a copy

SENTENCES = {
    "malformed": "{path} is damaged. Restore a backup: flask restore FILE.",
    "not a database": "{path} is not a SQLite database. Check DATABASE_URL and INSTANCE_PATH, or restore a backup: "
    "flask restore FILE.",
    "readonly": "{path} can't be written: run this as the user that the portal runs as, and check that its disk is not "
    "read-only.",
    "unable to open": "{path} can't be opened: its folder must exist, and belong to the user that the portal runs as.",
    "is full": "The disk of {path} is full. Make room, then try again.",
    "disk i/o": "The disk of {path} can't be read or written. Is it full, or failing?",
    "locked": "{path} was in use for too long. Try again.",
}
SYSTEM_SENTENCES = {
    errno.ENOSPC: SENTENCES["is full"],
    errno.EDQUOT: "The disk space that this user may use for {path} is used up. Make room, then try again.",
    errno.EFBIG: "{path} would be larger than this user's files may be (ulimit -f).",
    errno.EROFS: "{path} can't be written: its disk is read-only.",
    errno.EIO: SENTENCES["disk i/o"],
    errno.ENOENT: "{path} does not exist.",
    errno.EEXIST: "{path} exists already.",
    errno.ENOTDIR: "{path} can't be opened: a folder in its path is a file.",
}
DENIED = (errno.EACCES, errno.EPERM)
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, *DENIED)


class Unusable(Exception):
    """The portal must not start on this file. The text says why, and what to do."""


def file_error_text(error: Exception, path: Path) -> str:
    """A sentence for an error of SQLite or the operating system. It names the file in the error, or `path`."""
    if isinstance(error, OSError) and error.errno:
        path = file_of(error, path)
        if error.errno in DENIED:
            return denied(path)
        return SYSTEM_SENTENCES.get(error.errno, "{path} can't be used: {why}.").format(path=path, why=error.strerror)
    text = str(error).lower()
    words = next((words for part, words in SENTENCES.items() if part in text), "{path} can't be used: {error}.")
    return words.format(path=path, error=error)


def file_of(error: OSError, path: Path) -> Path:
    name = error.filename2 or error.filename
    if not isinstance(name, (str, Path)) or ".part" in Path(name).suffixes:
        return path
    return Path(name)


def denied(path: Path) -> str:
    existing = next(place for place in (path, *path.parents) if is_there(place))
    owner, me = user_name(existing.stat().st_uid), user_name(os.geteuid())
    return (
        f"{existing} can't be used by {me}: it belongs to {owner}. Run this as the user that the "
        f"portal runs as. If root made it for that user, give it back: chown USER {existing}"
    )


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # in a container, mostly
        return f"user {uid}"


def is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def report_disk_errors(path: Path) -> None:
    """From now on, a full or read-only disk, or another user's file, ends this process with a sentence instead of a
    traceback. `path` is the database."""

    def report(kind, error, trace):
        if is_disk_error(error):
            print(file_error_text(error, path), file=sys.stderr)
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = report


def is_disk_error(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_ERRORS
    return isinstance(error, (PeeweeException, sqlite3.Error)) and any(part in str(error).lower() for part in SENTENCES)
