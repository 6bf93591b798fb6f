"""What keeps a file from being imported, what an import would do, and what it did."""

from collections import Counter
from dataclasses import dataclass, field


class FileProblem(Exception):
    """The file can't be read at all. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell, or a whole row when `column` is "". `row` counts as a spreadsheet does: the header is row 1.

    `doubt` is a document_identity.Pair if the problem is which document the row is.
    """

    row: int
    column: str
    reason: str
    doubt: tuple | None = None

    def __str__(self) -> str:
        where = f"Row {self.row:,}, {self.column}" if self.column else f"Row {self.row:,}"
        return f"{where}: {self.reason}"


class Problems:
    """Collects bad rows: the first SHOWN in full, all of them counted."""

    SHOWN = 50

    def __init__(self):
        self.shown: list[Problem] = []
        self.count = 0
        self.advice: dict[str, None] = {}

    def advise(self, text: str) -> None:
        """What to do about many problems of one kind; said once."""
        self.advice[text] = None

    def add(self, row: int, column: str, reason: str, doubt: tuple | None = None) -> None:
        self.count += 1
        if len(self.shown) < self.SHOWN:
            self.shown.append(Problem(row, column, reason, doubt))

    def __bool__(self) -> bool:
        return self.count > 0


class Rejected(Exception):
    """Nothing was imported. `problems` says why, row by row."""

    def __init__(self, problems: Problems):
        self.problems = problems
        super().__init__(f"{problems.count} problems")


@dataclass
class Outcome:
    """What an import did. `left_out` counts documents by reason; `notes` are worth reading, not wrong."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: Counter = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def quote(text: str) -> str:
    """Part of the file, quoted for a console: nothing in it can move the cursor or turn the text around."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in text[:42])
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def listed(numbers: list[str], most: int = 5) -> str:
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return ", ".join(quote(number)[1:-1] for number in numbers[:most]) + more
