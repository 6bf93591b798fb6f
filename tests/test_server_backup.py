"""`flask backup` and `flask restore` on PostgreSQL: what they promise for SQLite."""

import threading

import pytest

from app.database import open_database
from app.database.postgres import make_baseline
from app.extensions import db
from app.models import Audit, Company, Customer, Deployment, Link, Session
from app.storage.backup import back_up
from app.storage.errors import Unusable
from app.storage.restore import Replacement, restore
from tests.conftest import NOON
from tests.support import databases
from tests.test_moving import change, rows_of

pytestmark = pytest.mark.postgres
# What a restore changes by itself.
MARKED = {"deployment", "company", "audit", "session", "link", "outbox", "first_run", "attempt"}


@pytest.fixture
def portal(app, world, config):
    """The database of a company in the middle of its work, whose portal was stopped; its key is known."""
    with app.extensions["database"].connection_context():
        assert Deployment.accepts(config.keys)
    app.extensions["database"].close_all()
    yield config
    db.initialize(app.extensions["database"])


@pytest.fixture
def backup(portal, tmp_path):
    target = tmp_path / "portal.bak"
    back_up(portal, target, NOON)
    return target


def ask(config, question):
    database = open_database(config.database_url)
    db.initialize(database)
    with database.connection_context():
        answer = question()
    database.close_all()
    return answer


def test_a_backup_is_a_file_of_the_portal_with_every_row(portal, backup):
    ours, theirs = rows_of(portal.database_url), rows_of(f"sqlite:///{backup}")
    assert ours.pop("deployment") != theirs.pop("deployment") and ours == theirs
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.glob("*.part*")] == []


def test_an_existing_file_stays_unless_it_may_be_replaced(portal, backup):
    before = backup.read_bytes()
    with pytest.raises(Unusable, match="exists already"):
        back_up(portal, backup, NOON)
    assert backup.read_bytes() == before
    back_up(portal, backup, NOON, overwrite=True)


def test_a_backup_is_one_state_while_others_write(portal, tmp_path):
    """Each transaction adds a customer and a line of the audit trail: a backup has as many of both."""
    begun, stop, target = threading.Event(), threading.Event(), tmp_path / "portal.bak"

    def write():
        database = open_database(portal.database_url)
        with database.connection_context():
            while not stop.is_set():
                with database.atomic():
                    (last,) = database.execute_sql("SELECT max(id) FROM audit").fetchone()
                    database.execute_sql(
                        "INSERT INTO audit (at_ms, actor, address, event, subject, detail)"
                        " VALUES (1, '', '', 'both', '', '{}')"
                    )
                    database.execute_sql(
                        "INSERT INTO statement_stop (customer_id, email, at_ms) VALUES (1, ?, 1)", (str(last),)
                    )
                begun.set()
        database.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    try:
        for _ in range(3):
            back_up(portal, target, NOON, overwrite=True)
            rows = rows_of(f"sqlite:///{target}")
            assert sum("both" in row for row in rows["audit"]) == len(rows["statement_stop"]) > 0
    finally:
        stop.set()
        writer.join()


def test_a_restored_backup_replaces_the_rows_and_keeps_them_in_a_file(portal, backup):
    ask(portal, lambda: Customer.create(number="later", name="Later"))
    before, then = rows_of(portal.database_url), rows_of(f"sqlite:///{backup}")
    kept = restore(portal, backup, NOON)
    now = rows_of(portal.database_url)
    assert {table for table in now if now[table] != then[table]} <= MARKED
    assert rows_of(f"sqlite:///{kept}") == before and kept.stat().st_mode & 0o777 == 0o600
    assert kept.name == "replaced-20261122-170000.bak"
    assert "later" in {row[2] for row in before["customer"]} - {row[2] for row in now["customer"]}


def test_payment_is_held_and_every_login_ends(portal, backup):
    restore(portal, backup, NOON)
    assert ask(portal, Deployment.is_held)
    assert ask(portal, Session.select().count) == 0
    assert ask(portal, Link.select().where(Link.used_ms.is_null()).count) == 0
    assert ask(portal, lambda: Audit.last("restore_ended_logins")) is not None
    assert ask(portal, lambda: Deployment.current().backup_ms) is None


def test_an_empty_database_takes_a_backup(portal, backup, tmp_path):
    url = databases.make(databases.url_in(tmp_path, "empty"))
    assert restore(portal.replace(database_url=url), backup, NOON) is None
    assert rows_of(url)["invoice"] == rows_of(portal.database_url)["invoice"]
    databases.remove(url)


def test_a_database_of_an_older_version_is_replaced_and_kept(portal, backup, tmp_path):
    older = open_database(databases.make(databases.url_in(tmp_path, "older")))
    with older.connection_context():
        make_baseline(older)
    older.close_all()
    kept = restore(portal.replace(database_url=older.database), backup, NOON)
    assert rows_of(f"sqlite:///{kept}")["invoice"] == []
    assert rows_of(older.database)["invoice"] == rows_of(portal.database_url)["invoice"]
    databases.remove(older.database)


def test_nothing_is_restored_while_the_portal_runs(portal, backup):
    ask(portal, lambda: Customer.create(number="later", name="Later"))
    before, running = rows_of(portal.database_url), open_database(portal.database_url)
    running.connect()
    with pytest.raises(Unusable, match=r"Nothing was restored. .* is in use"):
        restore(portal, backup, NOON)
    running.close_all()
    assert rows_of(portal.database_url) == before


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("UPDATE invoice SET due_on = 'soon' WHERE id = 4", "Table invoice, row 4, can't be copied"),
        ("DROP TABLE invoice", "not a portal's database"),
        ("INSERT INTO schema_migration (name, applied) VALUES ('0999_x', '2027-01-01')", "newer version"),
        ("UPDATE deployment SET key_check = 'another'", "secret key is not the one"),
    ],
)
def test_a_backup_that_can_not_be_used_changes_nothing(portal, backup, damage, why):
    change(backup, damage)
    before = rows_of(portal.database_url)
    with pytest.raises(Unusable, match=f"Nothing was restored. .*{why}"):
        restore(portal, backup, NOON)
    assert rows_of(portal.database_url) == before
    assert list(portal.instance.glob("*.part*")) + list(portal.instance.glob("replaced-*")) == []


def test_the_company_is_named_before_anything_is_replaced(portal, backup):
    ask(portal, lambda: Company.update(name="Another Company").execute())
    before, asked = rows_of(portal.database_url), []

    def refuse(found: Replacement):
        asked.append((found.company != found.replaced, found.replaced))
        raise Unusable("No.")

    with pytest.raises(Unusable, match=r"No."):
        restore(portal, backup, NOON, confirm=refuse)
    assert asked == [(True, "Another Company")] and rows_of(portal.database_url) == before


def test_a_server_that_is_gone_is_named_in_a_sentence(portal, tmp_path):
    gone = portal.replace(database_url="postgresql://portal@127.0.0.1:1/portal")
    with pytest.raises(Unusable, match=r"^Nothing answers at"):
        back_up(gone, tmp_path / "x.bak", NOON)
    assert list(tmp_path.glob("*.bak*")) == []
