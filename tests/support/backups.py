"""Backs up and restores a portal's database in tests, on either database. Nothing may be connected while it runs."""

from datetime import datetime

from app.clock import to_ms
from app.config import Config
from app.database import is_postgres, open_database
from app.extensions import db
from app.storage.backup import back_up
from app.storage.holding import hold_payments
from app.storage.restore import restore
from app.storage.startup import DAY_MS
from tests.support import databases


class Backup:
    def __init__(self, config: Config, name: str = "backup"):
        self.config, self.file = config, config.instance / f"{name}.bak"
        self.on_server = is_postgres(config.database_url)
        self.kept = databases.url_in(config.instance, name)

    def make(self, now: datetime) -> None:
        self.made_ms = to_ms(now)
        if self.on_server:
            databases.copy(self.config.database_url, self.kept)
        else:
            back_up(self.config, self.file, now, overwrite=True)

    def put_back(self, now: datetime) -> None:
        """Restore it: online payment is paused, and everyone is logged out."""
        if self.on_server:
            databases.copy(self.kept, self.config.database_url)
            self.hold_payments(now)
        else:
            restore(self.config, self.file, now)

    def hold_payments(self, now: datetime) -> None:
        """What the portal's own restore does last."""
        database = open_database(self.config.database_url)
        db.initialize(database)
        with database.connection_context():
            hold_payments(now, self.made_ms - DAY_MS)
        database.close_all()
