"""Logs which rows a transaction changes, with their values before and after, and restores the old values."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

Columns = dict[str, tuple[str, ...]]
LOG = "changed_row"


@contextmanager
def logged_changes(database, columns: Columns) -> Iterator[None]:
    """Log every change of these columns in a staging table. Call it within `staging_database`."""
    database.execute_sql(f"DROP TABLE IF EXISTS {database.staging}{LOG}")
    shape = f"id {database.own_key}, table_name TEXT, row_id BIGINT, before TEXT"
    database.execute_sql(f"CREATE TABLE {database.staging}{LOG} ({shape})")
    with database.changes_logged_in(LOG, columns):
        yield


def now_of(database, names: tuple[str, ...]) -> str:
    return f"CASE WHEN t.id IS NULL THEN NULL ELSE {database.json_array('t', names)} END"


def keep_changes(database, run_id: int, columns: Columns, part: int) -> None:
    """Copy the log into import_change, each row once."""
    for table, names in columns.items():
        before, now = database.logged_values(names), now_of(database, names)
        first = f"SELECT MIN(id) FROM {LOG} WHERE table_name = '{table}' GROUP BY row_id"
        database.execute_sql(
            f"""INSERT INTO import_change (run_id, part, table_name, row_id, before, after)
            SELECT ?, ?, '{table}', f.row_id, {before}, {now} FROM {LOG} f LEFT JOIN {table} t ON t.id = f.row_id
            WHERE f.id IN ({first}) AND {before} IS DISTINCT FROM {now}""",
            (run_id, part),
        )


def is_of(run_id: int, part: int | None) -> str:
    """A condition on import_change `c`: it belongs to this part of the run, or to any part."""
    return f"c.run_id = {run_id:d}" + ("" if part is None else f" AND c.part = {part:d}")


def changed_since(database, run_id: int, columns: Columns, part: int | None) -> tuple[str, int] | None:
    """(table, id) of a row that was changed after the run, or this part of it, wrote it."""
    for table, names in columns.items():
        now = now_of(database, names)
        found = database.execute_sql(
            f"""SELECT c.row_id FROM import_change c LEFT JOIN {table} t ON t.id = c.row_id
            WHERE {is_of(run_id, part)} AND c.table_name = '{table}' AND c.after IS DISTINCT FROM {now} LIMIT 1"""
        ).fetchone()
        if found:
            return table, found[0]
    return None


def added_and_referred_to(
    database, run_id: int, columns: Columns, leaving: Collection[str], part: int | None
) -> tuple[str, int, str] | None:
    """(table, id, referring table) of a row that the run, or this part of it, added, and that other rows refer to.
    Rows of the tables in `leaving` don't count, because they are deleted with it."""
    run = database.execute_sql
    for child in sorted(set(database.get_tables()) - set(leaving)):
        for key in database.get_foreign_keys(child):
            table, column = key.dest_table, key.column
            if table not in columns or key.on_delete == "SET NULL":
                continue
            of_run = f"SELECT c.row_id FROM import_change c WHERE {is_of(run_id, part)} AND c.table_name"
            found = run(
                f"""SELECT x."{column}" FROM "{child}" x
                WHERE x."{column}" IN ({of_run} = '{table}' AND c.before IS NULL)
                    AND x.id NOT IN ({of_run} = '{child}') LIMIT 1"""
            ).fetchone()
            if found:
                return table, found[0], child
    return None


def put_back(database, run_id: int, columns: Columns, versioned: set[str], part: int) -> None:
    """Restore the values from before this part of the run and delete its log, in the caller's transaction. No table
    in `columns` refers to an earlier one. Restoring a row of a `versioned` table counts as a new version."""
    run, of_part = database.execute_sql, is_of(run_id, part)
    for table in columns:
        run(
            f"""DELETE FROM {table} WHERE id IN (SELECT c.row_id FROM import_change c
            WHERE {of_part} AND c.table_name = '{table}' AND c.before IS NULL)"""
        )
    for table, names in reversed(columns.items()):
        before = database.json_items("c.before", table, names)
        sets = [f"{name} = {value}" for name, value in zip(names, before, strict=True)]
        sets += ["version = version + 1"] if table in versioned else []
        run(
            f"""UPDATE {table} SET {", ".join(sets)} FROM import_change c WHERE {of_part} AND c.table_name = '{table}'
            AND c.row_id = {table}.id AND c.before IS NOT NULL AND c.after IS NOT NULL"""
        )
        run(
            f"""INSERT INTO {table} (id, {", ".join(names)}) SELECT c.row_id, {", ".join(before)}
            FROM import_change c WHERE {of_part} AND c.table_name = '{table}' AND c.after IS NULL"""
        )
    run(f"DELETE FROM import_change AS c WHERE {of_part}")
