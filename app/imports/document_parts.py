"""Splits the checked documents of a file into parts, which are written one after the other.

The rows to write go to `planned_document` and `planned_void`. They return to `staged_document` and `staged_void` part
by part, so InvoiceUpsert handles each part like a small file.
"""

from collections.abc import Iterable

from app.imports.parts import LeftOut
from app.imports.staged_invoices import DOCUMENT, IS_CHANGED_HERE, RESOLVED, SAME_KEY, VALID_TOO, VOID
from app.imports.staging import OWN_KEY, ROW_UNCHANGED, StagingTable, execute, index, names

STAGED = DOCUMENT | RESOLVED
PLANNED = {"place": OWN_KEY, **STAGED, "seq": "INTEGER"}


class DocumentParts:
    """Documents ordered by customer, followed by those that became void. Call next_part outside of a transaction."""

    def __init__(self) -> None:
        self.done = self.void_done = 0
        StagingTable("planned_document", PLANNED)
        execute(f"""INSERT INTO planned_document ({names(STAGED)}) SELECT {names(STAGED)} FROM staged_document
            ORDER BY customer_id, kind, number, seq""")
        index("planned_document_seq", "planned_document", "seq")
        StagingTable("planned_void", {"place": OWN_KEY} | VOID)
        execute(f"""INSERT INTO planned_void ({names(VOID)}) SELECT {names(VOID, "d.")} FROM staged_void d
            JOIN invoice i ON {SAME_KEY} WHERE NOT {VALID_TOO} ORDER BY d.row""")
        self.count, self.void_count = (
            execute(f"SELECT COALESCE(MAX(place), 0) FROM {table}").fetchone()[0]
            for table in ("planned_document", "planned_void")
        )

    @property
    def fraction_done(self) -> float:
        """How much of it is in the parts so far, from 0 to 1."""
        return (self.done + self.void_done) / max(self.count + self.void_count, 1)

    def next_part(self, most: int) -> int:
        """Stage the next documents, at most `most`. Returns how many there are."""
        if not self.done:
            execute(
                "UPDATE planned_document SET customer_id = (SELECT id FROM customer WHERE number = customer_number)"
                " WHERE customer_id < 0"
            )
        StagingTable("staged_document", STAGED)
        StagingTable("staged_void", VOID)
        if self.done < self.count:
            first, self.done = self.done, self._end_of_part(most)
            self._stage("document", STAGED, first, self.done)
            return self.done - first
        first, self.void_done = self.void_done, min(self.void_done + most, self.void_count)
        self._stage("void", VOID, first, self.void_done)
        return self.void_done - first

    def _end_of_part(self, most: int) -> int:
        """All documents of a customer are in one part, unless there are too many."""
        end = self.done + most
        if end >= self.count:
            return self.count
        places = "SELECT place, customer_id FROM planned_document WHERE place > ? AND place <= ?"
        begin = f"""SELECT MIN(p.place) FROM ({places}) AS p WHERE p.customer_id =
            (SELECT customer_id FROM planned_document WHERE place = ?)"""
        split = execute(begin, (self.done, end, end + 1)).fetchone()[0]
        return split - 1 if split is not None and split - 1 > self.done else end

    @staticmethod
    def _stage(what: str, columns: Iterable[str], first: int, last: int) -> None:
        execute(
            f"""INSERT INTO staged_{what} ({names(columns)}) SELECT {names(columns)} FROM planned_{what}
            WHERE place > ? AND place <= ? ORDER BY place""",
            (first, last),
        )

    @staticmethod
    def leave_out_changed() -> list[LeftOut]:
        """Remove the documents that others have changed since the check from this part. Call it in the part's
        transaction. Returns those that would have been written; the others needed no change."""
        query = f"SELECT d.seq, d.row, d.number, d.state FROM staged_document d WHERE {IS_CHANGED_HERE}"
        changed = execute(query).fetchall()
        for seq, *_rest in changed:
            for table in ("staged_document", "planned_document"):
                execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        return [LeftOut(row, number) for _seq, row, number, state in changed if state != ROW_UNCHANGED]
