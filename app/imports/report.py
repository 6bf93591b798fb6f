"""Results of an import: why it can't be done, what it would do, and what it did."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from peewee import DatabaseError

from app.printable import quote as quote

MAX_PROBLEMS = 50
QUOTED = re.compile("“[^”]*”")


class FileProblem(Exception):
    """The file can't be read at all. The text says why, and what to do."""


class HeadingProblem(FileProblem):
    """The headings don't tell which column is which, but an administrator can. For each field that several columns
    could be, `ambiguous` has the field, its title and their headings."""

    def __init__(self, text: str, ambiguous: list[tuple[str, str, list[str]]]):
        self.ambiguous = ambiguous
        super().__init__(text)


class Question(NamedTuple):
    """A question to the administrator, without whose answer the file can't be read. `topic` is the field of
    InvoiceOptions or Answers for the answer. `number` is that of a document or customer in the file, `other` that of
    the one here."""

    topic: str
    number: str = ""
    other: str = ""


def row_place(row: int) -> str:
    return f"Row {row:,}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A bad cell, or a bad row if `column` is "". `row` is counted as in a spreadsheet: the header is row 1. `place`
    says where that is in the upload; `command` is the option of the console command that answers the `question`."""

    row: int
    column: str
    reason: str
    question: Question | None = None
    command: str = ""
    place: str = ""

    @property
    def where(self) -> str:
        place = self.place or row_place(self.row)
        return f"{place}, {self.column}" if self.column else place

    @property
    def is_elsewhere(self) -> bool:
        """True if the place is not simply a row of the upload."""
        return self.place not in ("", row_place(self.row))

    def __str__(self) -> str:
        return f"{self.where}: {self.reason} {self.command}".rstrip()


class Problems:
    """Bad rows: the first `limit` in full; all are counted. `place` returns where a row is in the upload."""

    def __init__(self, limit: int = MAX_PROBLEMS, place: Callable[[int], str] = row_place):
        self.limit, self.place = limit, place
        self.first: list[Problem] = []
        self.count = 0
        self.advice: dict[str, None] = {}
        self.withheld: set[int] = set()

    def advise(self, text: str) -> None:
        self.advice[text] = None

    def add(self, row: int, column: str, reason: str, question: Question | None = None, command: str = "") -> None:
        self.count += 1
        if len(self.first) < self.limit:
            reason = QUOTED.sub("“…”", reason) if row in self.withheld else reason
            self.first.append(Problem(row, column, reason, question, command, self.place(row)))

    def withhold(self, row: int) -> None:
        """Any cell of the row may contain a password. From now on reasons quote none of them, and the cells are not
        stored."""
        self.withheld.add(row)

    def forget(self, rows: set[int]) -> None:
        kept = [problem for problem in self.first if problem.row not in rows]
        self.count -= len(self.first) - len(kept)
        self.first = kept

    def __bool__(self) -> bool:
        return self.count > 0


class Rejected(Exception):
    """Nothing was imported. `problems` says why, row by row."""

    def __init__(self, problems: Problems):
        self.problems = problems
        super().__init__(f"{problems.count} problems")


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `left_out` counts documents by reason; `notes` are information, not errors. `access` has
    the changes of access, see ImportPlan."""

    new: int
    changed: int
    unchanged: int
    left_out: Counter[str]
    notes: list[str]
    access: Counter[str]


def listed(numbers: list[str], most: int = 5) -> str:
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return ", ".join(quote(number)[1:-1] for number in numbers[:most]) + more


ERROR_HINTS = {
    "no such table": "The portal's database is empty or of an older version. Start the portal once, then import again.",
    "no such column": "The portal's database comes from an older version. Start the portal once, then import again.",
    "locked": "The portal's database was in use for too long. Import again at a quieter hour.",
    "readonly": "The portal's database can't be written. Import as the user that the portal runs as.",
    "unable to open": "The portal's database, or a file beside it, can't be opened. Import as the user that the portal "
    "runs as.",
    "is full": "The disk of the portal's database, or the one for temporary files, is full. Make room, or name another "
    "folder for those in TMPDIR.",
    "no space left": "The disk for temporary files is full. Make room, or name another folder for them in TMPDIR.",
}


def error_hint(error: OSError | DatabaseError) -> str:
    # A full disk ends the transaction by itself: then the error is that it can't be ended again, in the wake of
    # the one that says why.
    cause: BaseException | None = error
    while cause is not None:
        for part, why in ERROR_HINTS.items():
            if part in str(cause).lower():
                return why
        cause = cause.__context__
    return f"{error.strerror or error}." if isinstance(error, OSError) else ""
