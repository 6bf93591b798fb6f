"""What keeps a file from being imported, what an import would do, and what it did."""

from collections import Counter
from dataclasses import dataclass


class FileProblem(Exception):
    """The file can't be read at all. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell, or a whole row when `column` is "". `row` counts as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"Row {self.row:,}, {self.column}" if self.column else f"Row {self.row:,}"
        return f"{where}: {self.reason}"


class Problems:
    """Bad rows: the first `limit` in full, all of them counted."""

    def __init__(self, limit: int = 50):
        self.limit = limit
        self.first: list[Problem] = []
        self.count = 0
        self.advice: dict[str, None] = {}

    def advise(self, text: str) -> None:
        self.advice[text] = None

    def add(self, row: int, column: str, reason: str) -> None:
        self.count += 1
        if len(self.first) < self.limit:
            self.first.append(Problem(row, column, reason))

    def __bool__(self) -> bool:
        return self.count > 0


class Rejected(Exception):
    """Nothing was imported. `problems` says why, row by row."""

    def __init__(self, problems: Problems):
        self.problems = problems
        super().__init__(f"{problems.count} problems")


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `left_out` counts documents by reason; `notes` are worth reading, not wrong."""

    new: int
    changed: int
    unchanged: int
    left_out: Counter[str]
    notes: list[str]


def quote(text: str) -> str:
    # Nothing in it can move the cursor or turn the text around.
    text = "".join(character if character.isprintable() else "\ufffd" for character in text[:42])
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def listed(numbers: list[str], most: int = 5) -> str:
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return ", ".join(quote(number)[1:-1] for number in numbers[:most]) + more
