"""Inserting new customers from a file and updating known ones."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.imports.parts import LeftOut
from app.imports.plan import OUTCOME_OF_STATE, Change, PlannedRow
from app.imports.staging import (
    OWN_KEY,
    ROW_CHANGED,
    ROW_NEW,
    ROW_UNCHANGED,
    StagingTable,
    execute,
    index,
    names,
    public_ids,
)
from app.sort_keys import sort_key_of


class Details(NamedTuple):
    name: str
    email: str
    phone: str
    address: str
    locale: str
    tax_number: str = ""
    internal_id: str = ""
    external_id: str = ""


DETAILS = Details._fields
IS_NEW = "NOT EXISTS (SELECT 1 FROM customer c WHERE c.number = staged_customer.number)"


class CustomerUpsert:
    """Customers of a file, matched by number. `columns` are the DETAILS that the file has.

    Details that the file doesn't have stay as they are. A known customer without a name in the file isn't changed at
    all.
    """

    def __init__(self, columns: tuple[str, ...]):
        # A file about access alone has no details. Then only the number is compared, which is equal.
        self.columns = columns or ("number",)
        self.table = StagingTable(
            "staged_customer",
            {
                "id": OWN_KEY,
                "row": "INTEGER",
                "number": "TEXT",
                **dict.fromkeys(DETAILS, "TEXT"),
                "sort_key": "TEXT",
                "public_id": "TEXT",
                "state": "INTEGER NOT NULL DEFAULT 0",
                "seen_version": "INTEGER DEFAULT NULL",
            },
        )
        self.ids: list[str] = []
        self.part = (0, 0)  # between these ids, the first not included

    def add(self, row: int, number: str, details: Details) -> None:
        self.ids = self.ids or public_ids(1_000)
        sort_key = details.name and sort_key_of(details.name)
        self.table.add((row, number, *details, sort_key, self.ids.pop()))

    def finish(self) -> None:
        self.table.flush()
        index("staged_customer_number", "staged_customer", "number, row")

    def fill_repeats(self, *, with_email: bool) -> None:
        """Further rows of a customer are for its other people. Empty cells in them are filled from its first row,
        and so is the address that they log in with."""
        taken = {
            name: f"CASE WHEN staged_customer.{name} = '' THEN f.{name} ELSE staged_customer.{name} END"
            for name in (*DETAILS, "sort_key")
        }
        taken |= {"email": "f.email"} if with_email else {}
        execute(f"""
            UPDATE staged_customer SET {", ".join(f"{name} = {value}" for name, value in taken.items())}
            FROM staged_customer f WHERE f.number = staged_customer.number AND f.row < staged_customer.row
                AND f.row = (SELECT MIN(g.row) FROM staged_customer g WHERE g.number = staged_customer.number)""")

    def unknown_without_name(self) -> list[tuple[int, str]]:
        """(row, number)"""
        return execute(f"SELECT row, number FROM staged_customer WHERE name = '' AND {IS_NEW} ORDER BY row").fetchall()

    def contradictions(self):
        """(row, number, first row) of customers that occur again with different details."""
        return execute(f"""
            SELECT d.row, d.number, f.row FROM staged_customer d
            JOIN (SELECT number, MIN(row) AS row FROM staged_customer GROUP BY number HAVING COUNT(*) > 1) g
                ON g.number = d.number AND g.row < d.row
            JOIN staged_customer f ON f.number = g.number AND f.row = g.row
            WHERE ({names(DETAILS, "d.")}) <> ({names(DETAILS, "f.")}) ORDER BY d.row""")

    def with_known_email(self):
        """(row, number, name, email, name and number of another customer with that email) of new customers. The
        other customer is not in the file: it may be the same one under another name or number."""
        new = "NOT EXISTS (SELECT 1 FROM customer c WHERE c.number = d.number)"
        # One of those that share an email is enough, so that this stays linear.
        return execute(f"""
            WITH new AS (SELECT d.row, d.number, d.name, d.email FROM staged_customer d
                WHERE {new} AND d.row = (SELECT MIN(f.row) FROM staged_customer f
                    WHERE f.number = d.number AND f.email <> '')),
            other AS (SELECT c.email, MIN(c.id) AS id FROM customer c WHERE c.email IN (SELECT email FROM new)
                AND NOT EXISTS (SELECT 1 FROM staged_customer f WHERE f.number = c.number) GROUP BY c.email)
            SELECT n.row, n.number, n.name, n.email, c.name, c.number FROM new n
            JOIN other o ON o.email = n.email JOIN customer c ON c.id = o.id ORDER BY n.row""")

    def drop_repeats(self) -> None:
        execute(
            "DELETE FROM staged_customer WHERE EXISTS (SELECT 1 FROM staged_customer f"
            " WHERE f.number = staged_customer.number AND f.row < staged_customer.row)"
        )

    def compare(self) -> tuple[int, int, int]:
        differs = f"({names(self.columns, 'c.')}) <> ({names(self.columns, 'staged_customer.')})"
        execute(f"""
            UPDATE staged_customer SET state = CASE WHEN {IS_NEW} THEN {ROW_NEW} WHEN name = '' THEN {ROW_UNCHANGED}
                WHEN EXISTS (SELECT 1 FROM customer c WHERE c.number = staged_customer.number AND {differs})
                THEN {ROW_CHANGED} ELSE {ROW_UNCHANGED} END""")
        execute(f"""
            UPDATE staged_customer SET seen_version =
                (SELECT c.version FROM customer c WHERE c.number = staged_customer.number)
            WHERE state = {ROW_CHANGED}""")
        counts = dict(execute("SELECT state, COUNT(*) FROM staged_customer WHERE name <> '' GROUP BY state").fetchall())
        return counts.get(ROW_NEW, 0), counts.get(ROW_CHANGED, 0), counts.get(ROW_UNCHANGED, 0)

    def planned(self) -> Iterator[PlannedRow]:
        for row, number, name, state, *values in execute(f"""
            SELECT d.row, d.number, d.name, d.state, {names(self.columns, "c.")}, {names(self.columns, "d.")}
            FROM staged_customer d LEFT JOIN customer c ON c.number = d.number WHERE d.name <> '' ORDER BY d.row"""):
            both = zip(self.columns, values[: len(self.columns)], values[len(self.columns) :], strict=True)
            changes = [Change(*each) for each in both if state == ROW_CHANGED and each[1] != each[2]]
            yield PlannedRow(row, number, "customer", number, OUTCOME_OF_STATE[state], tuple(changes), name=name)

    def next_part(self, most: int, where: str = f"state <> {ROW_UNCHANGED}") -> int:
        """Move on to the next rows, at most `most`. Returns how many there are."""
        done = self.part[1]
        part = f"SELECT id FROM staged_customer WHERE id > ? AND {where} ORDER BY id LIMIT ?"
        last, count = execute(f"SELECT MAX(id), COUNT(*) FROM ({part}) AS part", (done, most)).fetchone()
        self.part = (done, last or done)
        return count

    def upsert(self) -> list[LeftOut]:
        """Write the customers of this part. Call it in the caller's transaction, after compare."""
        changed = [
            LeftOut(*row)
            for row in execute(f"""
                SELECT d.row, d.number FROM staged_customer d LEFT JOIN customer c ON c.number = d.number
                WHERE {self._is_of_part("d")} AND d.state <> {ROW_UNCHANGED}
                    AND c.version IS DISTINCT FROM d.seen_version ORDER BY d.row""")
        ]
        self.leave_out(one.row for one in changed)
        self._insert(f"{self._is_of_part('staged_customer')} AND state = {ROW_NEW}")
        written = (*self.columns, "sort_key") if "name" in self.columns else self.columns
        execute(f"""
            UPDATE customer SET version = customer.version + 1, {", ".join(f"{c} = d.{c}" for c in written)}
            FROM staged_customer d WHERE d.number = customer.number AND {self._is_of_part("d")}
                AND d.state = {ROW_CHANGED}""")
        return changed

    def leave_out(self, rows: Iterable[int]) -> None:
        for row in rows:
            execute(f"UPDATE staged_customer SET state = {ROW_UNCHANGED} WHERE row = ?", (row,))

    def missing(self) -> list[str]:
        return [name for (name,) in execute(f"SELECT name FROM staged_customer WHERE {IS_NEW} ORDER BY row")]

    def next_missing(self, most: int) -> int:
        return self.next_part(most, IS_NEW)

    def insert_missing(self) -> None:
        """Insert the customers of this part whose number is unknown, and leave the others alone. Call it in the
        caller's transaction."""
        self._insert(f"{self._is_of_part('staged_customer')} AND {IS_NEW}")

    def _is_of_part(self, table: str) -> str:
        first, last = self.part
        return f"{table}.id > {first} AND {table}.id <= {last}"

    def _insert(self, where: str) -> None:
        execute(f"""
            INSERT INTO customer (public_id, number, version, access_state, sort_key, {names(DETAILS)})
            SELECT public_id, number, 1, 0, sort_key, {names(DETAILS)} FROM staged_customer
            WHERE {where} ORDER BY row""")
