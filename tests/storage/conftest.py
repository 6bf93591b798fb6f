"""A portal's database on disk: written to, left behind by a crash, backed up, restored."""

import shutil
from pathlib import Path

import pytest
from peewee import sqlite3

from app.config import ConfigError
from app.database.sqlite import open_database
from app.extensions import db
from app.models import Customer, Deployment
from app.storage import startup
from app.storage.database_file import DatabaseFile, mark
from tests.conftest import NOON, portal_config


class Disk:
    """The database of one portal. `start` is what a process does first; `crash` leaves the log behind."""

    def __init__(self, config):
        self.config, self.file = config, DatabaseFile.of_url(config.database_url)
        self.connection = None

    def start(self):
        """Bring the database up as a process of its own would, and end that process."""
        try:
            startup.bring_up(self.config, NOON)
        finally:
            while startup._held:
                startup._held.pop().release()

    def why_not(self) -> str:
        with pytest.raises(ConfigError) as refused:
            self.start()
        assert len(refused.value.problems) == 1
        return refused.value.problems[0]

    def write(self, customers: int, prefix="C", tick=True):
        """Use the portal: rows are written, and the worker ticks now and then. The connection stays open."""
        if self.connection is None:
            self.connection = sqlite3.connect(self.file.path, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode = wal")
        for number in range(customers):
            row = Customer(public_id=f"{prefix}{number}", number=f"{prefix}{number}", name="x" * 500).__data__
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            self.connection.execute(f"INSERT INTO customer ({names}) VALUES ({marks})", list(row.values()))
        if tick:
            assert mark(self.connection, self.file, NOON)

    def crash(self):
        """The power fails: everything stays as it is on the disk, the log too."""
        copy = self.file.path.with_name("crashed")
        copy.mkdir()
        for file in self.file.path.parent.glob("portal.sqlite3*"):
            shutil.copy(file, copy / file.name)
        self.connection.close()
        self.connection = None
        for file in copy.iterdir():
            file.replace(self.file.path.parent / file.name)
        assert self.file.leftover_log(), "the crash left no log"

    def stop(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def copy_by_hand(self, name="portal.bak") -> Path:
        """What `sqlite3 portal.sqlite3 ".backup FILE"` makes."""
        target = self.file.path.with_name(name)
        with sqlite3.connect(self.file.path) as source, sqlite3.connect(target) as copy:
            source.backup(copy)
        copy.close()
        source.close()
        return target

    def put_back_by_hand(self, backup: Path):
        shutil.copyfile(backup, self.file.path)

    def customers(self) -> set[str]:
        return self.ask(lambda: {customer.number for customer in Customer})

    def deployment(self) -> Deployment:
        return self.ask(Deployment.current)

    def is_held(self) -> bool:
        return self.ask(Deployment.is_held)

    def ask(self, question):
        database = open_database(self.config.database_url)
        db.initialize(database)
        with database.connection_context():
            answer = question()
        database.close_all()
        return answer


@pytest.fixture
def disk(tmp_path, empty_database):
    disk = Disk(portal_config(tmp_path, empty_database))
    disk.start()
    yield disk
    disk.stop()
