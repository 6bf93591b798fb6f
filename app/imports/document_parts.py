"""The documents of a file, once they are checked, on their way to the portal: some at a time.

What is to be written goes to `planned_document` and `planned_void`, and comes back into `staged_document` and
`staged_void` as one part after the other, with which InvoiceUpsert works as with a small file.
"""

from collections.abc import Iterable

from app.imports.parts import LeftOut
from app.imports.staged_invoices import DOCUMENT, IS_LATE, RESOLVED, SAME_KEY, VALID_TOO, VOID
from app.imports.staging import OWN_KEY, ROW_UNCHANGED, StagingTable, execute, index, names

STAGED = DOCUMENT | RESOLVED
PLANNED = {"place": OWN_KEY, **STAGED, "seq": "INTEGER"}


class DocumentParts:
    """Documents by customer, then those that became void. Call next_part outside of a transaction."""

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
    def share(self) -> float:
        """How much of it was in parts until now."""
        return (self.done + self.void_done) / max(self.count + self.void_count, 1)

    def next_part(self, most: int) -> int:
        """Stage the next documents, at most so many; how many there are."""
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
        """The documents of a customer are in one part, unless they are too many."""
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
    def leave_out_late() -> list[LeftOut]:
        """Take what others have changed since the check out of this part, in its transaction: what was to be written.
        A document that was as in the file before is left as it is now."""
        late = execute(f"SELECT d.seq, d.row, d.number, d.state FROM staged_document d WHERE {IS_LATE}").fetchall()
        for seq, *_rest in late:
            for table in ("staged_document", "planned_document"):
                execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        return [LeftOut(row, number) for _seq, row, number, state in late if state != ROW_UNCHANGED]
