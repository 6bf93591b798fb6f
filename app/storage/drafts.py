"""Builds databases in a temporary file next to their destination, and publishes them when they are complete."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from app.database import sqlite
from app.database.sqlite_file import end_log
from app.files import sync_folder
from app.storage.database_file import LOGS

LEFTOVERS = (*LOGS, "-shm", ".migrating")


@contextlib.contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """An empty file in the folder of `target`. It is deleted at the end unless it was renamed."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield draft
    finally:
        for leftover in (draft, *(draft.with_name(draft.name + suffix) for suffix in LEFTOVERS)):
            leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def opened(draft: Path) -> Iterator[sqlite.Database]:
    """A draft as a connected database, in one transaction, without a separate log."""
    database = sqlite.open_database(f"sqlite:///{draft}")
    try:
        with database.connection_context():
            end_log(database.connection())
            with database.atomic():
                yield database
    finally:
        database.close_all()


def publish(draft: Path, target: Path, *, overwrite: bool = False) -> None:
    """Rename the draft to its final name, after all of it is on disk. Raises FileExistsError if there is a file,
    unless it may `overwrite`."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    if overwrite:
        draft.replace(target)
    else:
        os.link(draft, target)  # unlike a rename, it fails when there is one by now
    sync_folder(target.parent)
