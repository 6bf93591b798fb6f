"""A database of each earlier version, with rows in every table, becomes one of this version without losing any."""

import pytest
from playhouse.migrations import Migration, Runner

from app.database import MIGRATIONS, is_postgres, migrate, open_database
from app.database.postgres import make_baseline
from app.extensions import db
from app.models import MODELS
from tests.sampling import sample
from tests.support import databases

NAMES = [migration.name for migration in Migration.load_directory(str(MIGRATIONS))]
ON_SERVER = NAMES[NAMES.index("0034_email_texts") :]
ROWS = 3
DRAWN = 6  # of the versions before the newest, for each test and kind of database
# What constraints ask for.
VALUES = {
    "invoice": {"kind": "invoice", "total_minor": 900, "processing_minor": 0, "paid_online_minor": 900},
    "attempt": {"state": "approved", "settlement": "settled"},
    "ledger": {"kind": "charge"},
    "received_payment": {"method": "check"},
    "unmatched_charge": {"state": "waiting", "attempt_id": None},
    "export_line": {"refund_id": None},
    "customer": {"access_state": 1},
}
# What a migration changes on purpose: {table: columns}.
CHANGED = {"outbox": {"kind", "state", "message_id", "next_try_ms"}, "payment_elsewhere": {"listed_on"}}
OWN = {"schema_migration"}


@pytest.fixture
def older(request, tmp_path):
    """A connected database as the version with this last migration left it."""
    url = databases.make(databases.url_in(tmp_path, "older"))
    database = open_database(url)
    database.connect()
    if is_postgres(url):
        make_baseline(database)
    Runner(database, str(MIGRATIONS)).up(request.param)
    yield database
    database.close_all()
    databases.remove(url)


def upgrade(database) -> None:
    database.close()
    migrate(database)
    database.connect()


def drawn(names, kind, test):
    """The newest version, and some of those before it."""
    mark = getattr(pytest.mark, kind)
    names = [*sample(names[:-1], DRAWN, (test, kind)), names[-1]]
    return [pytest.param(name, marks=mark, id=f"{name}-{kind}") for name in names]


STAYING = [*drawn(NAMES, "sqlite", "staying"), *drawn(ON_SERVER, "postgres", "staying")]
WRITING = [*drawn(ON_SERVER, "sqlite", "writing"), *drawn(ON_SERVER, "postgres", "writing")]


def tables_of(database) -> list[str]:
    """None refers to a later one."""
    left, found = sorted(set(database.get_tables()) - OWN), []
    while left:
        ready = [t for t in left if {key.dest_table for key in database.get_foreign_keys(t)} <= {*found, t}]
        assert ready, left
        found += ready
        left = [table for table in left if table not in ready]
    return found


def columns_of(database) -> dict[str, list]:
    return {table: database.get_columns(table) for table in tables_of(database)}


def fill(database, columns: dict[str, list], first: int) -> None:
    """Rows with these columns, of the ids from `first`."""
    for table, all_of_table in columns.items():
        keys = {key.column: key.dest_table for key in database.get_foreign_keys(table)}
        for row_id in range(first, first + ROWS):
            row = {one.name: value_of(table, one, row_id, one.name in keys) for one in all_of_table}
            marks = ", ".join("?" * len(row))
            database.execute_sql(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def value_of(table: str, column, row_id: int, is_key: bool):
    kind = column.data_type.lower()
    if column.name in VALUES.get(table, {}):
        return VALUES[table][column.name]
    if column.name == "id" or is_key:
        return row_id
    if kind.startswith("bool"):
        return False
    if kind == "date":
        return f"2026-01-{row_id % 28 + 1:02}"
    if kind in ("bytea", "blob"):
        return b"%d" % row_id
    return row_id if kind in ("integer", "bigint") else f"{column.name} {row_id} é"


def rows_of(database, columns: dict[str, list]) -> dict[str, list]:
    names = {
        table: sorted({c.name for c in all_of_table} - CHANGED.get(table, set()))
        for table, all_of_table in columns.items()
    }
    return {
        table: [
            tuple(row) for row in database.execute_sql(f"SELECT {', '.join(names[table])} FROM {table} ORDER BY id")
        ]
        for table in columns
    }


@pytest.mark.parametrize("older", STAYING, indirect=True)
def test_every_row_of_an_earlier_version_stays(older):
    columns = columns_of(older)
    fill(older, columns, 100)
    before = rows_of(older, columns)
    assert all(before.values())
    upgrade(older)
    assert rows_of(older, columns) == before
    db.initialize(older)
    assert all(list(model.select()) for model in MODELS if model._meta.table_name in columns)


@pytest.mark.parametrize("older", WRITING, indirect=True)
def test_an_earlier_version_still_writes_while_this_one_takes_over(older):
    """It knows none of the new columns: they have defaults."""
    columns = columns_of(older)
    upgrade(older)
    fill(older, columns, 200)
    assert all(rows_of(older, columns).values())
