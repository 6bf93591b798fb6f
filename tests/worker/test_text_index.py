"""The worker's part in the index of texts, which the search reads."""

import contextlib
import threading
from datetime import date

import pytest
from peewee import sqlite3

from app.worker import Worker
from tests.people import invoice

pytestmark = pytest.mark.sqlite
WAITING = "SELECT count(*) FROM text_index_pending"


@pytest.fixture
def waiting(app, cast):
    """How many documents wait for the index; at first one does."""
    database = app.extensions["database"]

    def _waiting() -> int:
        with database.connection_context():
            return database.execute_sql(WAITING).fetchone()[0]

    with database.connection_context():
        database.index_texts(60)
        invoice(cast.cedar, "INV-9001", 100, date(2026, 12, 1))
    assert _waiting() == 1
    return _waiting


def test_worker_indexes_what_has_changed(app, waiting):
    Worker(app).run_due(0)
    assert waiting() == 0


def test_worker_leaves_the_index_as_it_is_while_it_reads_a_file(app, waiting):
    worker, end = Worker(app), threading.Event()
    worker.imports = threading.Thread(target=end.wait, args=(60,))
    worker.imports.start()
    worker.run_due(0)
    assert waiting() == 1
    end.set()
    worker.imports.join()
    worker.run_due(10)
    assert waiting() == 0


def test_worker_goes_on_while_another_process_writes(app, waiting):
    path = app.config["PORTAL"].database_url.removeprefix("sqlite:///")
    worker = Worker(app)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        worker.index_texts()
        assert waiting() == 1
        other.execute("ROLLBACK")
    worker.index_texts()
    assert waiting() == 0
