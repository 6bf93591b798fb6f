"""What an import of a file would do, before anything is written, and doing it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from enum import Enum
from typing import NamedTuple

from app.accounts.hashing import Hasher
from app.extensions import db
from app.imports.report import ImportReport, Problems, Rejected
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
    """Of a column of the table, or "status" or "lines", whose values aren't given. Amounts are minor units."""

    field: str
    before: str | int | None
    after: str | int | None


class PlannedRow(NamedTuple):
    """`row` is None for what isn't in the file; `reason` is that of a conflict or a bad row. Where the books have
    booked a payment that was made here, the change is of what they say is paid. `name` is a customer's; `total_minor`
    a document's, as the file has it."""

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
    """A file that was read into the staging database: make, look at and apply it within `staging_database`.

    `problems` are the bad rows and the conflicts; with any of them nothing can be applied. `notes` are worth reading,
    not wrong. `left_out` counts documents of the file by the reason why they are not imported. `access_counts` has
    how many people are given access, or lose it, and the like. PDFs that are replaced can't be put back.
    """

    what: str  # "customers" or "invoices", in the audit trail
    has_passwords = False  # then the file is not kept when it is applied
    refused = RowOutcome.CONFLICT  # what a row is that contradicts the portal
    table: Table

    def __init__(self, file_name: str, problems: Problems, left_out: Counter[str]):
        self.file_name, self.left_out = file_name, left_out
        self.problems = self._unreadable = problems
        self.notes: list[str] = []
        self.new = self.changed = self.unchanged = self.replaced_pdfs = 0
        self.access_counts = Counter[str]()
        one_snapshot(self._check_again)()

    @one_transaction
    def apply(self, actor: Actor | None = None) -> ImportReport:
        """Write all of it in one transaction, or raise Rejected. Without an actor the audit trail has no line of it."""
        self.refresh()
        if self.problems:
            raise Rejected(self.problems)
        self._write(actor)
        if actor and self.changes_anything:
            facts = {"what": self.what, "new": self.new, "changed": self.changed}
            Audit.write_by(actor, "import", f"file:{self.file_name}", **facts)
        return ImportReport(self.new, self.changed, self.unchanged, self.left_out, self.notes, +self.access_counts)

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.changed or +self.access_counts)

    def prepare(self, hasher: Hasher) -> None:  # noqa: B027
        """Do what takes too long for a transaction, before `apply`."""

    def refresh(self) -> bool:
        """Check again, in the caller's transaction, if the portal may have changed; whether it may have."""
        if db.state_token() == self._state:
            return False
        self._lock()
        self._check_again()
        while self._lock():  # what is to be changed only since then
            self._check_again()
        return True

    def rows(self) -> Iterator[PlannedRow]:
        """Everything that was read, and what vanished. Of many problems only the first are there, see Problems."""
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
        self._state = db.state_token()

    def _lock(self) -> bool:
        """Lock what it will change, as far as it is known: what is checked after that stays as it is. Whether there
        was more to lock than the time before."""
        return False

    @abstractmethod
    def _check(self) -> None:
        """Compare the staged rows with the portal, in the caller's transaction: sets problems, notes and counts. It may
        be called again."""

    @abstractmethod
    def _planned(self) -> Iterator[PlannedRow]: ...

    @abstractmethod
    def _write(self, actor: Actor | None) -> None:
        """Write what was checked, in the caller's transaction."""
