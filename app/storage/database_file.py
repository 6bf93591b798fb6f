"""What can be learned about the database's files without opening them in SQLite.

Opening is too late: SQLite replays a write-ahead log over whatever database file is next to it. So every few seconds
`mark` increments PRAGMA user_version, checkpoints the log into the database file, and stores the number in a marker
file next to it. From then on the database file contains at least that number. If it contains less, it is an older copy
that replaced the original, and the log next to it belongs to another file.
"""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.clock import to_ms
from app.database.sqlite import path_of
from app.database.sqlite_file import fold_log, set_user_version, user_version
from app.files import write_whole

MAGIC = b"SQLite format 3\x00"
USER_VERSION_AT = 60  # https://www.sqlite.org/fileformat2.html#database_header
SECONDS_2020 = 1_577_836_800  # ticks are seconds since 2020, or one more than the last: user_version has 31 bits
LOGS = ("-wal", "-journal")


@dataclass(frozen=True)
class DatabaseFile:
    """A database file and the files that belong to it."""

    path: Path

    @classmethod
    def of_url(cls, url: str) -> "DatabaseFile":
        """Raises ValueError for a server's URL."""
        return cls(path_of(url))

    def beside(self, suffix: str) -> Path:
        return self.path.with_name(self.path.name + suffix)

    @property
    def marker(self) -> Path:
        return self.beside(".marker")

    @property
    def lock(self) -> Path:
        return self.beside(".lock")

    @property
    def running(self) -> Path:
        return self.beside(".running")

    @property
    def exists(self) -> bool:
        return self.path.exists() and self.path.stat().st_size > 0

    @property
    def is_gone(self) -> bool:
        """True if a portal had its database here and the file is missing. The note of the last start can't tell this
        if the portal may not write its code folder."""
        return not self.exists and self.marker.exists()

    def leftover_log(self) -> Path | None:
        return next((log for log in map(self.beside, LOGS) if log.exists() and log.stat().st_size), None)

    def is_sqlite(self) -> bool:
        with self.path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC

    def tick(self) -> int:
        # PRAGMA user_version as the database file itself has it, whatever a log says.
        with self.path.open("rb") as file:
            file.seek(USER_VERSION_AT)
            return struct.unpack(">i", file.read(4).rjust(4, b"\0"))[0]

    def marked_tick(self) -> int | None:
        """The number that the database file is known to have reached; None if there is no marker or it is truncated.
        Raises OSError if this process may not read the marker, which is not the same as none."""
        try:
            return int(json.loads(self.marker.read_text())["tick"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def is_older_copy(self) -> bool:
        marked, tick = self.marked_tick(), self.tick()
        return tick > 0 if marked is None else tick < marked

    def write_marker(self, tick: int) -> None:
        write_whole(self.marker, json.dumps({"tick": tick}), owner=self.path)

    def state(self) -> tuple:
        return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in (self.path, self.beside("-wal")))


def next_tick(last: int, now: datetime) -> int:
    return max(last + 1, to_ms(now) // 1000 - SECONDS_2020)


def tick_ms(tick: int) -> int:
    return (tick + SECONDS_2020) * 1000


def mark(connection, file: DatabaseFile, now: datetime) -> bool:
    """Increment the number, checkpoint the log into the database file, and write the marker. Returns False if others
    still read an older state, so that the log can't be checkpointed now. `connection` must not be in a transaction."""
    connection.execute("BEGIN IMMEDIATE")
    tick = next_tick(user_version(connection), now)
    set_user_version(connection, tick)
    connection.execute("COMMIT")
    if not fold_log(connection):
        return False
    file.write_marker(tick)
    return True
