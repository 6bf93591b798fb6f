"""Markers on each host, which show at a start that the database was replaced by an older copy."""

import json
from datetime import datetime
from pathlib import Path

from app.config import Config, is_postgres
from app.files import write_whole
from app.models import Deployment, Duty
from app.storage.database_file import DatabaseFile, mark

SLACK_MS = 60_000  # the clocks of two hosts differ by less


class FileMarker:
    """A file next to SQLite's database."""

    def __init__(self, config: Config):
        self.file = DatabaseFile.of_url(config.database_url)
        self.marked: tuple = ()

    def write(self, database, now: datetime) -> None:
        if self.file.state() != self.marked and mark(database.connection(), self.file, now):
            self.marked = self.file.state()


class ServerMarker:
    """In the instance folder of each host with a worker: the latest time that this portal's database is known to
    have reached. It can't be a row, because PostgreSQL's own backups restore all rows."""

    def __init__(self, config: Config):
        self.path: Path = config.instance / "server.marker"

    def write(self, _database=None, _now: datetime | None = None) -> None:
        known = {"portal_id": Deployment.current().portal_id, "newest_ms": Duty.newest_ms() or 0}
        write_whole(self.path, json.dumps(known), owner=self.path.parent)

    def is_ahead(self) -> bool:
        """True if this portal's database was once newer than it is now."""
        try:
            known = json.loads(self.path.read_text())
            is_ours = known["portal_id"] == Deployment.current().portal_id
            return is_ours and known["newest_ms"] - SLACK_MS > (Duty.newest_ms() or 0)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return False


def marker_of(config: Config) -> FileMarker | ServerMarker:
    return ServerMarker(config) if is_postgres(config.database_url) else FileMarker(config)
