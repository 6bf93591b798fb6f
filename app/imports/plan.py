"""The plan of an import: what a file would do, before anything is written; and writing it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from enum import Enum
from typing import NamedTuple

from app.accounts.hashing import Hasher
from app.extensions import db
from app.imports.parts import LeftOut, write_parts
from app.imports.report import ImportReport, Problems, Rejected, listed
from app.imports.staging import ROW_CHANGED, ROW_NEW, ROW_UNCHANGED
from app.imports.table import Table
from app.models.audit import Actor, Audit
from app.models.base import one_snapshot, one_transaction


class RowOutcome(Enum):
    NEW = "new"
    CHANGED = "changed"
    PAID_ELSEWHERE = "paid elsewhere"  # nothing else has changed
    UNCHANGED = "unchanged"
    VANISHED = "vanished"  # open here, of a customer of the file, and not in it
    CONFLICT = "conflict"  # with what the portal has
    BAD = "bad"  # can't be read


OUTCOME_OF_STATE = {
    ROW_UNCHANGED: RowOutcome.UNCHANGED,
    ROW_NEW: RowOutcome.NEW,
    ROW_CHANGED: RowOutcome.CHANGED,
}


class Change(NamedTuple):
    """A changed column of the table; or "status" or "lines", without values. Amounts are minor units."""

    field: str
    before: str | int | None
    after: str | int | None


class PlannedRow(NamedTuple):
    """`row` is None for a document that isn't in the file. `reason` says why a row is bad or in conflict. If the
    books have booked a payment that was made here, the change is in what they say is paid. `name` is a customer's;
    `total_minor` is a document's, as in the file."""

    row: int | None
    customer_number: str = ""
    kind: str = ""
    number: str = ""
    outcome: RowOutcome = RowOutcome.UNCHANGED
    changes: tuple[Change, ...] = ()
    reason: str = ""
    name: str = ""
    currency: str = ""
    total_minor: int | None = None


class ImportPlan(ABC):
    """A file that was read into the staging database. Create, use and apply it within `staging_database`. A plan that
    `is_in_parts` is written in several transactions, see `parts.py`.

    `problems` are bad rows and conflicts; with any of them nothing can be applied. `notes` are information, not errors.
    `left_out` counts documents of the file by the reason why they are not imported. `access_counts` has the numbers of
    people who are given access, lose it, and so on. PDFs that are replaced can't be restored.
    """

    what: str  # "customers" or "invoices", in the audit trail
    has_passwords = False  # then the file is not kept when it is applied
    is_in_parts = False
    is_begun = False  # a part is written
    is_resumed = False  # some of it was written before, by a process that was stopped
    refused = RowOutcome.CONFLICT  # what a row is that contradicts the portal
    table: Table

    def __init__(self, file_name: str, problems: Problems, left_out: Counter[str]):
        self.file_name, self.left_out = file_name, left_out
        self.problems = self._unreadable = problems
        self.notes: list[str] = []
        self.new = self.changed = self.unchanged = self.replaced_pdfs = 0
        self.access_counts = Counter[str]()
        one_snapshot(self._check_again)()

    def apply(self, actor: Actor | None = None) -> ImportReport:
        """Write the plan in parts, or raise Rejected before the first part. Without an actor there is no audit line."""
        one_snapshot(self.refresh)()
        if self.problems:
            raise Rejected(self.problems)
        self.split()

        @one_transaction
        def write(is_last: bool) -> list[LeftOut]:
            left_out = self.write_part(actor)
            if is_last:
                self.write_rest(actor)
            return left_out

        def write_and_note(is_last: bool) -> list[LeftOut]:
            left_out = write(is_last)
            self.is_begun = True
            return left_out

        notes = [*self.notes, *left_out_notes(write_parts(self, write_and_note))]
        return ImportReport(self.new, self.changed, self.unchanged, self.left_out, notes, +self.access_counts)

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.changed or +self.access_counts)

    def prepare(self, hasher: Hasher) -> None:  # noqa: B027
        """Do slow work that must not be in a transaction. Call it before `apply`."""

    def refresh(self) -> bool:
        """Check again if the portal may have changed. Call it in the caller's transaction or snapshot. Returns True
        if the portal may have changed."""
        if db.change_token() == self._state:
            return False
        self._lock()
        self._check_again()
        while self._lock():  # what is to be changed only since then
            self._check_again()
        return True

    def rows(self) -> Iterator[PlannedRow]:
        """All rows that were read, and documents that are missing in the file. If there are many problems, only the
        first ones are included, see Problems."""
        conflicts = self.problems.first[len(self._unreadable.first) :]
        for outcome, problems in ((RowOutcome.BAD, self._unreadable.first), (self.refused, conflicts)):
            for problem in problems:
                if problem.question and problem.row <= self.table.source.heading.row:
                    continue  # it is about the file
                place = problem.where if problem.is_elsewhere else problem.column
                reason = f"{place}: {problem.reason}" if place else problem.reason
                yield PlannedRow(problem.row, outcome=outcome, reason=reason)
        rejected = {problem.row for problem in self.problems.first}
        yield from (row for row in self._planned() if row.row not in rejected)

    def _check_again(self) -> None:
        self.problems, self.notes = deepcopy(self._unreadable), []
        self._check()
        self._state = db.change_token()

    def _lock(self) -> bool:
        """Lock the rows that will change, as far as they are known, so that they stay as checked. Returns True if
        there was more to lock than the last time. A plan in parts locks in each part."""
        return False

    def leave_out(self, rows: list[int]) -> None:
        """Write nothing for these rows of the file. For a plan in parts, call it before `split`."""
        raise NotImplementedError

    def split(self) -> None:  # noqa: B027
        """Start with the first part."""

    def next_part(self, most: int) -> int:
        """Move on to the next rows, at most `most`, outside of a transaction. Returns how many there are, 0 after
        the last part."""
        return 0

    @property
    def fraction_done(self) -> float:
        """How much of the plan is in the parts so far, including this one, from 0 to 1."""
        return 1

    @abstractmethod
    def _check(self) -> None:
        """Compare the staged rows with the portal, in the caller's transaction. Sets problems, notes and counts. It
        may be called again."""

    @abstractmethod
    def _planned(self) -> Iterator[PlannedRow]: ...

    def write_part(self, actor: Actor | None) -> list[LeftOut]:
        """Write this part, in the caller's transaction, except for rows that have changed since the check."""
        return []

    def write_rest(self, actor: Actor | None) -> None:
        """Write everything that is in no part, in the transaction of the last one. Raises Rejected."""
        if not self.is_in_parts:
            self.refresh()
            if self.problems:
                raise Rejected(self.problems)
        self._write_rest(actor)
        if actor and self.changes_anything:
            facts = {"what": self.what, "new": self.new, "changed": self.changed}
            Audit.write_by(actor, "import", f"file:{self.file_name}", **facts)

    @abstractmethod
    def _write_rest(self, actor: Actor | None) -> None:
        """Write everything that is in no part, after it was checked."""


def left_out_notes(left_out: list[LeftOut]) -> list[str]:
    if not left_out:
        return []
    numbers = listed([one.number for one in left_out])
    return [f"Left as they are, because they were changed here during the import: {numbers}. Import the file again."]
