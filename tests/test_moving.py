"""`flask move-database`: every row, or nothing; and what it refuses."""

import datetime

import pytest
from click.testing import CliRunner
from peewee import sqlite3

from app.database import open_database, text_index
from app.extensions import db
from app.models import Deployment, Invoice
from app.storage import startup
from app.storage.backup import back_up
from app.storage.cli import move_command
from app.storage.copying import TABLES
from app.storage.database_file import DatabaseFile
from app.storage.errors import Unusable
from app.storage.locks import UseLock
from app.storage.moving import move_database
from tests.conftest import NOON
from tests.support import databases

pytestmark = pytest.mark.postgres


def plain(value):
    """As SQLite has it."""
    return value.isoformat() if isinstance(value, datetime.date) else value


def rows_of(url: str) -> dict[str, list[tuple]]:
    """{table: its rows}, read with the driver alone."""
    import psycopg

    is_file = url.startswith("sqlite")
    connection = sqlite3.connect(url.removeprefix("sqlite:///")) if is_file else psycopg.connect(url)
    found = {}
    for table in TABLES:
        rows = connection.execute(f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY id").fetchall()
        found[table.name] = [tuple(map(plain, row)) for row in rows]
    connection.close()
    return found


@pytest.fixture
def old(app, world, config, tmp_path):
    """A company in the middle of its work, in a SQLite file whose portal was stopped."""
    file = tmp_path / "old" / "portal.sqlite3"
    file.parent.mkdir()
    with app.extensions["database"].connection_context():
        assert Deployment.accepts(config.keys)
    back_up(config, file, NOON)
    change(file, "UPDATE deployment SET backup_ms = NULL")
    app.extensions["database"].close_all()
    return config.replace(database_url=f"sqlite:///{file}")


@pytest.fixture
def new(config, tmp_path):
    url = databases.make(databases.url_in(tmp_path, "new"))
    yield config.replace(database_url=url)
    databases.remove(url)


def change(file, *statements):
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def move(old, new):
    said = []
    assert move_database(old, new, NOON, said.append) == []
    return said


def tables_in(url) -> int:
    database = open_database(url)
    with database.connection_context():
        return len(database.get_tables())


def why_not(old, new) -> str:
    with pytest.raises(Unusable) as refused:
        move_database(old, new, NOON, lambda _line: None)
    assert tables_in(new.database_url) == 0
    return str(refused.value)


def test_every_row_is_the_same_on_the_server_and_back_in_a_file(old, new, tmp_path):
    before = rows_of(old.database_url)
    assert sum(map(bool, before.values())) > 20
    move(old, new)
    assert rows_of(new.database_url) == before
    back = old.replace(database_url=f"sqlite:///{tmp_path / 'back.sqlite3'}")
    said = move(new, back)
    assert rows_of(back.database_url) == before
    assert said[-1] == f"Compared: {sum(map(len, before.values())):,} rows are the same in both databases."
    assert (tmp_path / "back.sqlite3").stat().st_mode & 0o777 == 0o600


def test_the_search_of_a_file_finds_what_came_from_the_server(old, new, tmp_path):
    move(old, new)
    back = open_database(f"sqlite:///{tmp_path / 'back.sqlite3'}")
    move(new, old.replace(database_url=f"sqlite:///{back.database}"))
    with back.connection_context():
        count = back.execute_sql("SELECT count(*) FROM invoice").fetchone()[0]
        assert text_index.index_some(back, 10 * count) == count > 0
    back.close_all()


def test_the_server_has_its_indexes_and_triggers_and_gives_the_next_ids(old, new, config):
    move(old, new)
    fresh, moved = open_database(config.database_url), open_database(new.database_url)
    made = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL SELECT"
        " tgrelid::regclass || ' ' || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgname NOT LIKE 'a_watch%' ORDER BY 1"
    )
    with fresh.connection_context(), moved.connection_context():
        assert moved.execute_sql(made).fetchall() == fresh.execute_sql(made).fetchall()
        db.initialize(moved)
        last = Invoice.select().order_by(Invoice.id.desc()).get()
        new_one = Invoice.create(**{**last.__data__, "id": None, "public_id": "next", "number": "next"})
        assert new_one.id == last.id + 1
    moved.close_all()
    fresh.close_all()


def test_the_old_database_counts_as_a_backup_from_then_on(old, new):
    move(old, new)
    try:
        startup.bring_up(old, NOON)
        with db.connection_context():
            assert Deployment.is_held()
        startup.bring_up(new, NOON)
        with db.connection_context():
            assert not Deployment.is_held()
    finally:
        while startup._held:
            startup._held.pop().release()


def test_a_server_that_was_moved_from_counts_as_a_backup_too(old, new, tmp_path):
    move(old, new)
    move(new, old.replace(database_url=f"sqlite:///{tmp_path / 'back.sqlite3'}"))
    startup.bring_up(new, NOON)
    with db.connection_context():
        assert Deployment.is_held()


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (
            "UPDATE invoice SET issued_on = '2026-1-05' WHERE id = 3",
            "Table invoice, row 3: issued_on differs after copying.",
        ),
        (
            "UPDATE invoice SET due_on = 'soon' WHERE id = 4",
            'Table invoice, row 4, can\'t be copied: invalid input syntax for type date: "soon"',
        ),
        (
            "DELETE FROM customer WHERE id = 1",
            "Table access can't be copied: insert or update on table",
        ),
        ("INSERT INTO schema_migration (name, applied) VALUES ('0999_x', '2027-01-01')", "comes from a newer version"),
        ("DELETE FROM schema_migration WHERE name = '0040_duties'", "comes from an older version of the portal. Start"),
        ("UPDATE deployment SET key_check = 'another'", "The secret key is not the one"),
        ("DROP TABLE schema_migration", "is the database of another program"),
    ],
)
def test_what_differs_or_does_not_fit_leaves_nothing_on_the_server(old, new, damage, why):
    change(DatabaseFile.of_url(old.database_url).path, damage)
    said = why_not(old, new)
    assert said.startswith("Nothing was moved. ") and why in said


def test_a_portal_that_runs_is_not_moved(old, new):
    running = UseLock.exclusive_or_shared(DatabaseFile.of_url(old.database_url))
    running.share()
    assert "is running. Stop it first" in why_not(old, new)
    running.release()


def test_a_server_that_is_in_use_is_not_moved(old, new, config):
    move(old, new)
    running = open_database(new.database_url)
    running.connect()
    back = config.replace(database_url=f"sqlite:///{config.instance / 'back.sqlite3'}")
    with pytest.raises(Unusable, match=r"its user has 1 other connection. Stop the portal on every host"):
        move_database(new, back, NOON, lambda _line: None)
    running.close_all()
    assert not DatabaseFile.of_url(back.database_url).path.exists()


def test_only_an_empty_database_is_filled(old, new, config):
    with pytest.raises(Unusable, match="is not empty"):
        move_database(old, config, NOON, lambda _line: None)
    with pytest.raises(Unusable, match="exists already"):
        move_database(old, old, NOON, lambda _line: None)
    before = rows_of(config.database_url)
    assert before["invoice"] and rows_of(config.database_url) == before


def test_a_database_of_another_encoding_is_not_filled(old, new):
    databases.remove(new.database_url)
    databases.on_server(
        f'CREATE DATABASE "{databases.name_of(new.database_url)}" TEMPLATE template0 ENCODING SQL_ASCII LOCALE "C"'
    )
    assert "has the encoding SQL_ASCII. Make it with: createdb --encoding=UTF8" in why_not(old, new)


def test_a_nul_becomes_the_sign_for_what_can_not_be_shown(old, new):
    change(DatabaseFile.of_url(old.database_url).path, "UPDATE customer SET name = 'a' || char(0) || 'b' WHERE id = 1")
    move(old, new)
    assert "a\ufffdb" in {name for row in rows_of(new.database_url)["customer"] for name in row}


def test_sums_that_were_wrong_before_are_named(old, new):
    change(DatabaseFile.of_url(old.database_url).path, "UPDATE invoice SET open_minor = open_minor + 1 WHERE id = 1")
    assert move_database(old, new, NOON, lambda _line: None) == ["invoice 1"]


def test_the_command_says_what_to_do_next(old, new, config):
    folder = DatabaseFile.of_url(old.database_url).path.parent
    (folder / "secret_key").write_text(config.secret_key)
    (folder / "outbox").mkdir()
    env = {"INSTANCE_PATH": str(folder)}
    done = CliRunner(env=env).invoke(move_command, [old.database_url, new.database_url])
    assert done.exit_code == 0, done.output
    assert "1. Set DATABASE_URL to the new database" in done.output
    assert f"Of {folder} are not in the database: outbox, secret_key." in done.output
    assert f"Keep {folder}/portal.sqlite3 as a backup." in done.output
