"""An empty database and every older one reach the schema that the models describe."""

import multiprocessing
import re

import pytest
from peewee import sqlite3
from playhouse.migrations import Migration, Runner

from app.database.sqlite import LONGEST_LOG_BYTES, MIGRATIONS, migrate, open_database, wal_is_safe
from app.database.sqlite_file import fold_log
from app.extensions import db
from app.models import MODELS, Company, Role
from tests.sampling import sample

pytestmark = pytest.mark.sqlite
NAMES = [migration.name for migration in Migration.load_directory(str(MIGRATIONS))]


def test_deleted_data_is_overwritten(app):
    assert app.extensions["database"].execute_sql("PRAGMA secure_delete").fetchone() == (1,)


def test_the_log_is_cut_after_a_large_write(open_at, tmp_path):
    database, log = open_at("large"), tmp_path / "large.sqlite3-wal"
    with database.connection_context():
        database.execute_sql("CREATE TABLE t (x)")
        database.execute_sql("INSERT INTO t SELECT zeroblob(60000000)")
        assert log.stat().st_size > 60_000_000
        for _ in range(2):
            fold_log(database.connection())
            database.execute_sql("INSERT INTO t VALUES (1)")
        assert log.stat().st_size <= LONGEST_LOG_BYTES


@pytest.fixture
def open_at(tmp_path):
    """open_at("name") is a database of its own; all are closed afterwards."""
    opened = []

    def _open(name):
        opened.append(open_database(f"sqlite:///{tmp_path / name}.sqlite3"))
        return opened[-1]

    yield _open
    for database in opened:
        database.close_all()


@pytest.fixture
def head(open_at):
    database = open_at("head")
    migrate(database)
    return database


def columns(database) -> dict:
    """{table: {column: (type, not null, default, primary key)}}"""
    tables = [t for t in database.get_tables() if t != "schema_migration"]
    return {t: {row[1]: row[2:] for row in database.execute_sql(f'PRAGMA table_info("{t}")')} for t in tables}


def foreign_keys(database) -> dict:
    return {
        t: sorted(row[2:7] for row in database.execute_sql(f'PRAGMA foreign_key_list("{t}")'))
        for t in columns(database)
    }


def indexes(database) -> set:
    """(table, columns, unique, condition): what an index does, whatever its name."""
    found = set()
    for table in columns(database):
        for _, name, unique, *_ in database.execute_sql(f'PRAGMA index_list("{table}")').fetchall():
            parts = tuple(row[2] for row in database.execute_sql(f'PRAGMA index_info("{name}")'))
            sql = database.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            condition = re.sub(r'["\s]', "", (sql or "").partition("WHERE")[2])
            found.add((table, parts, bool(unique), condition))
    return found


def checks(database) -> dict:
    """{table: its CHECK constraints}, without spaces and quotes."""
    found = {}
    for table in columns(database):
        sql = database.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        found[table] = sorted(re.sub(r'["\s]', "", part) for part in re.split(r"CHECK", sql)[1:])
        found[table] = [part.rstrip(",)") for part in found[table]]
    return found


def test_the_constraints_are_those_of_the_models(head, open_at):
    modelled = made_from_models(open_at("models"))
    with head.connection_context(), modelled.connection_context():
        assert checks(head) == checks(modelled)
        assert sum(map(len, checks(head).values())) >= 17


def test_rows_indexes_and_what_refers_to_them_survive_new_constraints(open_at):
    database = open_at("older")
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up("0004_payment_memory")
        for statement in OLD_ROWS:
            database.execute_sql(statement)
        before = [database.execute_sql(f"SELECT * FROM {table}").fetchall() for table in REBUILT]
        Runner(database, str(MIGRATIONS)).up("0005_promises")
        assert [database.execute_sql(f"SELECT * FROM {table}").fetchall() for table in REBUILT] == before
        assert database.execute_sql("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]


REBUILT = ("attempt", "allocation", "ledger", "invoice")
OLD_ROWS = (
    "INSERT INTO customer (public_id, number, name, email, phone, address, locale, version, access_state)"
    " VALUES ('c', '1', 'C', '', '', '', '', 1, 0)",
    "INSERT INTO user_account (email, name, must_change_password, is_administrator, created_ms)"
    " VALUES ('a@b.example', '', 0, 0, 0)",
    "INSERT INTO invoice (public_id, customer_id, kind, number, currency, issued_on, due_on, terms, po_number, memo,"
    " bill_to, total_minor, tax_minor, paid_elsewhere_minor, credited_minor, processing_minor, paid_online_minor,"
    " open_minor, is_paid)"
    " VALUES ('i', 1, 'invoice', '1', 'USD', '2026-01-01', '2026-01-01', '', '', '', '', 500, 0, 0, 0, 500, 0, 0, 0)",
    "INSERT INTO attempt (reference, token, order_id, customer_id, user_id, amount_minor, currency, merchant_account,"
    " state, settlement, transaction_id, card_type, last_four, reason, processor_code, processor_text, created_ms,"
    " touched_ms) VALUES ('PAY-1', 't', 'o', 1, 1, 500, 'USD', '', 'approved', 'submitted', 'x', '', '', '', '', '', 1,"
    " 1)",
    "INSERT INTO allocation (attempt_id, invoice_id, amount_minor) VALUES (1, 1, 500)",
    "INSERT INTO ledger (kind, gateway_ref, attempt_id, amount_minor, currency, at_ms)"
    " VALUES ('charge', 'x', 1, 500, 'USD', 1)",
)


def test_documents_of_an_older_database_wait_for_the_index_of_texts(open_at):
    database = open_at("older")
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up("0004_payment_memory")
        for statement in OLD_ROWS:
            database.execute_sql(statement)
    migrate(database)
    with database.connection_context():
        assert database.execute_sql("SELECT * FROM text_index_pending").fetchall() == [(1, 1)]
        database.index_texts(60)
        assert database.execute_sql("SELECT * FROM text_index_pending").fetchall() == []
        assert database.execute_sql("SELECT id FROM text_index_document").fetchall() == [(1,)]


def schema(database) -> tuple:
    with database.connection_context():
        return columns(database), foreign_keys(database), indexes(database)


def made_from_models(database):
    with database.connection_context(), database.bind_ctx(MODELS):
        database.create_tables(MODELS)
    return database


def test_an_empty_database_reaches_the_models_schema(head, open_at):
    migrated, modelled = schema(head), schema(made_from_models(open_at("models")))
    assert migrated[0] == modelled[0]
    assert migrated[1] == modelled[1]
    assert modelled[2] <= migrated[2]


def test_indexes_beyond_the_models_only_serve_lists(head, open_at):
    """What models can't say in peewee: partial and covering indexes. None of them is a rule."""
    more = schema(head)[2] - schema(made_from_models(open_at("models")))[2]
    assert more and not any(unique for _, _, unique, _ in more)


@pytest.mark.parametrize("older", sample(NAMES, 12, "older"))
def test_every_older_database_reaches_the_same_schema(open_at, head, older):
    database = open_at("older")
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up(older)
    migrate(database)
    assert schema(database) == schema(head)


def test_migrating_again_changes_nothing(head):
    before = schema(head)
    assert migrate(head) == [] and schema(head) == before


def test_the_first_rows_are_there(head):
    db.initialize(head)
    with head.connection_context():
        assert Company.current().customer_access is False
        assert {(role.name, role.can_pay) for role in Role} == {
            ("Customer Center", True),
            ("Customer Center (view only)", False),
        }


def migrate_at(url, barrier, results):
    database = open_database(url)
    barrier.wait()
    try:
        results.put(migrate(database))
    except Exception as error:
        results.put(repr(error))


def test_two_processes_may_migrate_at_once(tmp_path, head):
    url = f"sqlite:///{tmp_path / 'race.sqlite3'}"
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(2), spawn.Queue()
    racers = [spawn.Process(target=migrate_at, args=(url, barrier, results)) for _ in range(2)]
    [racer.start() for racer in racers]
    got = sorted(results.get(timeout=60) for _ in racers)
    [racer.join(30) for racer in racers]
    assert got == [[], NAMES]
    assert schema(open_database(url)) == schema(head)


def test_a_migration_that_fails_leaves_nothing_behind(open_at, tmp_path):
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_half.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (id int)')\n    raise RuntimeError\n"
    )
    database = open_at("half")
    with database.connection_context(), pytest.raises(RuntimeError):
        Runner(database, str(folder)).up()
    with database.connection_context():
        assert "half" not in database.get_tables()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
    ],
)
def test_a_log_that_can_corrupt_is_not_used(version, safe):
    assert wal_is_safe(version) is safe


def test_journal_and_synchronous_modes_are_durable(head):
    with head.connection_context():
        mode = head.execute_sql("PRAGMA journal_mode").fetchone()[0]
        full = head.execute_sql("PRAGMA synchronous").fetchone()[0]
    assert (mode, full) == (("wal", 2) if wal_is_safe(sqlite3.sqlite_version_info) else ("delete", 3))


def test_a_connection_waits_half_a_minute_for_its_turn(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'p.sqlite3'}")
    with database.connection_context():
        assert database.execute_sql("PRAGMA busy_timeout").fetchone() == (30_000,)
    database.close_all()


def test_items_know_their_customer(open_at):
    """Those from before, and those that are inserted without it."""
    database = open_at("items")
    insert = (
        "INSERT INTO invoice_line (invoice_id, position, description, quantity, unit_price, amount_minor)"
        " VALUES (1, ?, 'x', '', '', 1)"
    )
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up("0004_payment_memory")
        for statement in OLD_ROWS:
            database.execute_sql(statement)
        database.execute_sql(insert, (1,))
    migrate(database)
    with database.connection_context():
        database.execute_sql(insert, (2,))
        assert database.execute_sql("SELECT customer_id FROM invoice_line").fetchall() == [(1,), (1,)]
        assert database.execute_sql("PRAGMA foreign_key_check").fetchall() == []


def test_mail_from_before_has_its_state(open_at):
    database = open_at("mail")
    insert = "INSERT INTO outbox (key, recipient, subject, text, html, created_ms, next_try_ms, tries, sent_ms, error)"
    rows = [
        ("receipt:PAY-1", 1, 1, 5, ""),
        ("link:abc", 2**53 - 1, 11, None, "550 no"),
        ("alert:1:2", 9, 2, None, "451"),
        ("two_factor_on:1:2", 9, 0, None, ""),
    ]
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up("0003_books")
        for key, *rest in rows:
            database.execute_sql(f"{insert} VALUES (?, 'a@x.example', 's', 't', 'h', 1, ?, ?, ?, ?)", (key, *rest))
    migrate(database)
    with database.connection_context():
        found = database.execute_sql("SELECT kind, state, message_id <> '' FROM outbox ORDER BY id").fetchall()
    assert found == [
        ("receipt", "sent", 0),
        ("invitation", "gave_up", 0),
        ("alert", "retrying", 1),
        ("second_factor", "queued", 1),
    ]


def test_payments_count_on_the_day_that_new_ones_would(open_at):
    """Of those without a date the first of an invoice, as if it had come with it; of those of the future all."""
    noon_ms = 1_795_348_800_000  # 2026-11-22
    database = open_at("older")
    with database.connection_context():
        Runner(database, str(MIGRATIONS)).up("0034_email_texts")
        database.execute_sql(OLD_ROWS[0])
        days = {1: ("2026-08-01", "2026-09-01"), 2: ("2026-11-01", "2026-12-01"), 3: ("2026-11-01", "2026-12-01")}
        for row, (issued, due) in days.items():
            database.execute_sql(
                "INSERT INTO invoice (id, public_id, customer_id, kind, number, currency, issued_on, due_on, terms,"
                " po_number, memo, bill_to, total_minor, tax_minor, paid_elsewhere_minor, credited_minor,"
                " processing_minor, paid_online_minor, open_minor, is_paid) VALUES (?, ?, 1, 'invoice', ?, 'USD', ?, ?,"
                " '', '', '', '', 500, 0, 500, 0, 0, 0, 0, 1)",
                (row, str(row), str(row), issued, due),
            )
        payments = (
            (1, None, noon_ms),
            (1, None, noon_ms),
            (1, None, None),
            (2, None, noon_ms),
            (3, "2999-12-24", noon_ms),
        )
        for invoice, paid_on, recorded_ms in payments:
            database.execute_sql(
                "INSERT INTO payment_elsewhere (invoice_id, customer_id, amount_minor, reference, paid_on, recorded_ms,"
                " listed_on) VALUES (?, 1, 100, '', ?, ?, ?)",
                (invoice, paid_on, recorded_ms, paid_on or "2026-11-22"),
            )
    migrate(database)
    with database.connection_context():
        found = database.execute_sql("SELECT listed_on FROM payment_elsewhere ORDER BY id").fetchall()
    assert [day for (day,) in found] == ["2026-09-01", *["2026-11-22"] * 4]
