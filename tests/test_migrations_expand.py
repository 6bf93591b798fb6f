"""Migrations run beside the release before them: they add, and what they drop is dropped a release later."""

import re

import pytest
from peewee import OperationalError
from playhouse.migrations import Migration, Runner

from app.database import MIGRATIONS, migrate, module_for, open_database
from tests.support import databases
from tests.support.statements import counted

BASELINE = "0034_email_texts"  # PostgreSQL begins here
LATER = [name for name in (one.name for one in Migration.load_directory(str(MIGRATIONS))) if name > BASELINE]
HARMFUL = (
    r"\bDROP (TABLE|COLUMN|VIEW|INDEX|TRIGGER)\b",
    r"\bRENAME\b",
    r"\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b",
    r"\bSET NOT NULL\b",
    r"\bADD COLUMN\b(?!.*\bDEFAULT\b).*\bNOT NULL\b",
    r"\bADD (CONSTRAINT|CHECK|UNIQUE)\b",
)
NEW_TABLE = re.compile(r"\bCREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?\"?(\w+)", re.IGNORECASE)
NEW_COLUMN = re.compile(r"\bADD COLUMN \"?(\w+)", re.IGNORECASE)
OLD_TRIGGER, NEW_TRIGGER = (
    re.compile(rf"\b{word} TRIGGER (?:IF EXISTS )?\"?(\w+)", re.IGNORECASE) for word in ("DROP", "CREATE")
)
NEW_RULE = re.compile(r"\bCREATE UNIQUE INDEX .*? ON \"?(\w+)\"? \((.*?)\)", re.IGNORECASE | re.DOTALL)


def stops_old_code(statements: list[str]) -> list[str]:
    """Those that a process of the release before could fail on."""
    made = {table for sql in statements for table in NEW_TABLE.findall(sql)}
    # Old code leaves a new column NULL, of which there may be many in a unique index.
    empty = {column for sql in statements for column in NEW_COLUMN.findall(sql) if "DEFAULT" not in sql.upper()}
    rules = [
        sql
        for sql in statements
        for table, columns in NEW_RULE.findall(sql)
        if table not in made and not empty & set(re.findall(r"\w+", columns))
    ]
    replaced = {name for sql in statements for name in NEW_TRIGGER.findall(sql)}
    others = [sql for sql in statements if not set(OLD_TRIGGER.findall(sql)) & replaced]
    return rules + [sql for sql in others if any(re.search(one, sql, re.IGNORECASE | re.DOTALL) for one in HARMFUL)]


@pytest.fixture
def at_baseline(tmp_path, server):
    """A connected database as the migrations until BASELINE made it."""
    url = databases.make(databases.url_in(tmp_path))
    database = open_database(url)
    with database.connection_context():
        if databases.SERVER:
            module_for(url).make_baseline(database)
        else:
            Runner(database, str(MIGRATIONS)).up(BASELINE)
        yield database
    database.close_all()
    databases.remove(url)


def test_each_migration_only_adds_or_says_that_it_is_a_contraction(at_baseline):
    for name in LATER:
        with counted() as sent:
            Runner(at_baseline, str(MIGRATIONS)).up(name)
        assert name in {row[0] for row in at_baseline.execute_sql("SELECT name FROM schema_migration").fetchall()}
        is_contraction = "\nCONTRACTION = " in (MIGRATIONS / f"{name}.py").read_text()
        assert is_contraction or not stops_old_code(sent), name


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE company DROP COLUMN name",
        "ALTER TABLE company RENAME COLUMN name TO title",
        "ALTER TABLE company ADD COLUMN title text NOT NULL",
        "ALTER TABLE company ALTER COLUMN name TYPE bigint",
        'CREATE UNIQUE INDEX one_name ON "customer" (name)',
        "drop index customer_by_name",
        "DROP TRIGGER audit_no_update",
    ],
)
def test_a_statement_that_stops_old_code_is_found(sql):
    assert stops_old_code([sql]) == [sql]


@pytest.mark.postgres
def test_a_migration_that_waits_for_a_table_gives_up_and_runs_later(tmp_path):
    url = databases.make(databases.url_in(tmp_path))
    database, other = open_database(url), open_database(url)
    with database.connection_context():
        module_for(url).make_baseline(database)
    with other.connection_context():
        with other.atomic():
            other.execute_sql("SELECT name FROM company")
            with pytest.raises(OperationalError, match="lock timeout"):
                migrate(database)
        assert "sheet" not in {column.name for column in other.get_columns("column_mapping")}
        assert set(LATER) <= set(migrate(database))
    for one in (database, other):
        one.close_all()
    databases.remove(url)
