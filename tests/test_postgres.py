"""PostgreSQL has the schema that SQLite has, and gives values as SQLite gives them."""

import subprocess
import sys
import threading

import pytest
from peewee import IntegrityError

from app.config import ROOT
from app.database import migrate, open_database
from app.database.postgres_placeholders import translated
from app.extensions import db
from app.models import Audit, Customer, Throttle, one_transaction
from tests.conftest import NOON
from tests.support import databases

on_server = pytest.mark.postgres
KINDS = {"INTEGER": "number", "BIGINT": "number", "BOOL": "number", "VARCHAR": "text", "CHAR": "text", "BLOB": "bytes"}
SERVER_KINDS = {"bigint": "number", "boolean": "number", "bytea": "bytes"}
FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, c.confdeltype
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"""
DELETES = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL"}
UNIQUE = """
SELECT i.indrelid::regclass::text, array_to_string(ARRAY(
    SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place), ' ')
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE i.indisunique AND NOT i.indisprimary AND t.relnamespace = current_schema()::regnamespace"""
CHECKS = """
SELECT conrelid::regclass::text, count(*) FROM pg_constraint
WHERE contype = 'c' AND connamespace = current_schema()::regnamespace GROUP BY 1"""


@pytest.mark.parametrize("module", ["app.server", "app.supervisor", "app.worker.cli"])
def test_psycopg_is_loaded_only_where_it_is_used(module):
    script = f"import sys, {module}; print('psycopg' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout == b"False\n"
    )


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("SELECT ?, :name", "SELECT %s, %(name)s"),
        ("x LIKE '%?:a' || ?", "x LIKE '%%?:a' || %s"),
        ("x::text = 'it''s :so'", "x::text = 'it''s :so'"),
        ('SELECT "a:b?" % 2', 'SELECT "a:b?" %% 2'),
        (r"x LIKE :t ESCAPE '\'", r"x LIKE %(t)s ESCAPE '\'"),
    ],
)
def test_placeholders_are_psycopgs_outside_of_literals(written, sent):
    assert translated(written) == sent


@pytest.fixture
def both(tmp_path):
    """A migrated SQLite database and a migrated PostgreSQL database."""
    file = open_database(f"sqlite:///{tmp_path / 'schema.sqlite3'}")
    url = databases.make(databases.url_in(tmp_path, "schema"))
    server = open_database(url)
    for database in (file, server):
        migrate(database)
    with file.connection_context(), server.connection_context():
        yield file, server
    file.close_all()
    server.close_all()
    databases.remove(url)


@on_server
def test_sqlite_and_postgresql_have_the_same_columns(both):
    file, server = both
    tables = sorted(set(file.get_tables()) - {"sqlite_sequence"})
    assert tables == sorted(server.get_tables())
    ours = {
        (table, name): (KINDS.get(kind.split("(")[0].upper(), kind.lower()), not required)
        for table in tables
        for _, name, kind, required, _, is_key in file.execute_sql(f'PRAGMA table_info("{table}")')
        if not is_key and table != "schema_migration"
    }
    theirs = {
        (table, column.name): (SERVER_KINDS.get(column.data_type, column.data_type), column.null)
        for table in tables
        for column in server.get_columns(table)
        if not column.primary_key and table != "schema_migration"
    }
    assert ours == theirs


@on_server
def test_sqlite_and_postgresql_have_the_same_constraints(both):
    file, server = both
    tables = sorted(set(file.get_tables()) - {"sqlite_sequence"})
    keys = {
        (table, row[3], row[2], row[6])
        for table in tables
        for row in file.execute_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()
    }
    assert keys == {(table, column, to, DELETES[on]) for table, column, to, on in server.execute_sql(FOREIGN_KEYS)}
    unique = {
        (table, " ".join(part[2] for part in file.execute_sql(f'PRAGMA index_info("{row[1]}")').fetchall()))
        for table in tables
        for row in file.execute_sql(f'PRAGMA index_list("{table}")').fetchall()
        if row[2]
    }
    assert unique == set(server.execute_sql(UNIQUE).fetchall())
    written = dict(file.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    checks = {table: count for table in tables if (count := written[table].count("CHECK ("))}
    assert checks == dict(server.execute_sql(CHECKS).fetchall())


@on_server
def test_migrating_again_changes_nothing(both):
    assert migrate(both[1]) == []


@on_server
def test_the_audit_trail_is_only_added_to(app):
    with db.connection_context():
        Audit.write("x", 1)
        for change in (Audit.update(event="y"), Audit.delete()):
            with pytest.raises(IntegrityError):
                change.execute()


@on_server
def test_a_refused_transaction_runs_again_with_its_rows_as_they_were(app):
    """Two that read what the other one writes: one of them is refused, and counts again."""
    with db.connection_context():
        Customer.create(number="1", name="0")
    both_have_read, seen = threading.Barrier(2, timeout=10), []

    def count():
        with db.connection_context():
            row = Customer.get(number="1")

            @one_transaction
            def add(row):
                seen.append(row.phone)
                total = Customer.get(number="1").name
                if len(seen) <= 2:
                    both_have_read.wait()
                row.phone = "changed"
                Customer.update(name=str(int(total) + 1)).where(Customer.number == "1").execute()

            add(row)

    threads = [threading.Thread(target=count) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with db.connection_context():
        assert Customer.get(number="1").name == "2"
    assert seen == ["", "", ""]


@on_server
def test_tries_of_a_new_key_at_the_same_moment_are_not_more_than_the_limit(app):
    taken = []

    def take():
        with db.connection_context():
            taken.append(Throttle.take_try({"account:x": 3}, NOON))

    threads = [threading.Thread(target=take) for _ in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(taken) == [False] * 9 + [True] * 3
