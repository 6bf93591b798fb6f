"""Copies all rows from one database to another, SQLite or PostgreSQL, and compares each value afterwards."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, zip_longest

from peewee import sort_models  # type: ignore[attr-defined]

from app.database import apply_migrations
from app.database.facts import applied_migrations, known_migrations
from app.models import MODELS
from app.models.sums import wrong_sums
from app.storage.errors import Unusable


@dataclass(frozen=True)
class Table:
    name: str
    columns: list[str]


# None refers to a later one.
TABLES = [
    Table(model._meta.table_name, [field.column_name for field in model._meta.sorted_fields])
    for model in sort_models(MODELS)
]
Say = Callable[[str], None]


def fill(source, target, say: Say = lambda _line: None) -> list[str]:
    """Replace the rows of `target` with those of `source`. Both are connected. `target` gets the schema if it has
    none. Runs in the caller's transaction of `target`, which has to be rolled back if this raises. Returns the
    `wrong_sums` of both. Raises Unusable with the table and row that differ."""
    with source.snapshot():
        check_schema(source)
        apply_migrations(target)
        with target.replacing_rows([table.name for table in TABLES]):
            for table in TABLES:
                add_rows(source, target, table)
        count = sum(compare(source, target, table, say) for table in TABLES)
        wrong, ours = wrong_sums(source), wrong_sums(target)
        if wrong != ours:
            raise Unusable(f"The sums of {min({*wrong} ^ {*ours})} are not the same in both databases.")
        say(f"Compared: {count:,} rows are the same in both databases.")
        return wrong


def check_schema(source) -> None:
    applied, known = applied_migrations(source), known_migrations()
    if newer := sorted(applied - known):
        newest = f"a newer version of the portal (it has {newer[-1]})"
        raise Unusable(f"The database comes from {newest}. Upgrade the portal.")
    if known - applied:
        raise Unusable("The database comes from an older version of the portal. Start this version on it, and stop it.")


def add_rows(source, target, table: Table) -> None:
    try:
        with closing(source.rows(table.name, table.columns)) as rows:
            target.add_rows(table.name, table.columns, rows)
    except Exception as error:
        refused = target.rejected_row(error)
        if refused is None:
            raise
        place, why = refused
        raise Unusable(f"Table {table.name}{row_at(source, table, place)} can't be copied: {why}") from error


def row_at(source, table: Table, place: int | None) -> str:
    if place is None:
        return ""
    with closing(source.rows(table.name, ["id"])) as rows:
        return f", row {next(islice(rows, place - 1, None))[0]},"


def compare(source, target, table: Table, say: Say) -> int:
    """Number of rows in the table. Raises Unusable for the first row that differs."""
    rows = 0
    with (
        closing(source.rows(table.name, table.columns)) as theirs,
        closing(target.rows(table.name, table.columns)) as ours,
    ):
        for theirs_row, our_row in zip_longest(theirs, ours):
            if theirs_row != our_row and without_nul(theirs_row) != our_row:
                raise Unusable(difference(table, theirs_row, our_row))
            rows += 1
    if rows:
        say(f"{rows:>12,}  {table.name}")
    return rows


def without_nul(row: tuple | None) -> tuple | None:
    # As it is written to PostgreSQL.
    return row and tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)


def difference(table: Table, theirs: tuple | None, ours: tuple | None) -> str:
    if theirs is None or ours is None or theirs[0] != ours[0]:
        row = min(row[0] for row in (theirs, ours) if row)
        return f"Table {table.name}, row {row}, is not in both databases."
    columns = [name for name, one, other in zip(table.columns, theirs, ours, strict=True) if one != other]
    return f"Table {table.name}, row {ours[0]}: {', '.join(columns)} differs after copying."
