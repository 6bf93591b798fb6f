"""Answers that are kept while nobody writes: never older than the last change, whoever made it."""

import subprocess
import sys

import pytest

from app.database import open_database
from app.extensions import db
from app.models.unchanged import MOST, while_unchanged

INSERT = "INSERT INTO thing (name) VALUES ('new')"
WRITE = """
import sys
from peewee import sqlite3
other = sqlite3.connect(sys.argv[1])
other.execute(sys.argv[2])
other.commit()
"""


@pytest.fixture
def database(tmp_path):
    before, database = db.obj, open_database(f"sqlite:///{tmp_path / 'things.sqlite3'}")
    db.initialize(database)
    with database.connection_context():
        database.execute_sql("CREATE TABLE thing (name TEXT)")
        yield database
    database.close_all()
    db.initialize(before)


@pytest.fixture
def things():
    """A question to the database, and how often it was really asked."""

    @while_unchanged
    def count(name="new"):
        count.asked += 1
        return db.execute_sql("SELECT count(*) FROM thing WHERE name = ?", (name,)).fetchone()[0]

    count.asked = 0
    return count


def test_it_is_asked_once_for_each_value(database, things):
    assert [things(), things(), things("old"), things("old"), things()] == [0, 0, 0, 0, 0]
    assert things.asked == 2


def test_what_this_connection_writes_is_seen(database, things):
    for expected in range(3):
        assert things() == things() == expected
        database.execute_sql(INSERT)


def test_what_another_process_writes_is_seen(database, things):
    for expected in range(3):
        assert things() == things() == expected
        subprocess.run([sys.executable, "-c", WRITE, database.database, INSERT], check=True)
    assert things.asked == 3


def test_what_is_taken_back_was_never_kept(database, things):
    assert things() == 0
    with database.atomic() as transaction:
        database.execute_sql(INSERT)
        assert things() == 1
        transaction.rollback()
    assert things() == 0


def test_what_others_have_not_committed_is_not_seen(database, things):
    other = open_database(f"sqlite:///{database.database}")
    with other.connection_context():
        with other.atomic():
            other.execute_sql(INSERT)
            assert things() == 0
        assert things() == 1
    other.close_all()


def test_what_is_kept_is_bounded(database, things):
    for n in range(2 * MOST):
        things(str(n))
    assert len(database.connection().answers) <= MOST + 1
