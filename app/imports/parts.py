"""Writing an import in parts: short transactions of whole documents, so that logins, payments and pages get their turn.

A single transaction over a million rows would block every other writer of SQLite for minutes. On PostgreSQL it would
conflict with each payment of one of its invoices. A state "not visible yet" for new rows was rejected, because each
query that forgets it would show half a file. So documents appear while a file is written: each document as a whole, and
all documents of a customer at once unless there are too many. Errors of the file are found before the first part. In
its part, each row is checked again; if others have changed it since, it is left as it is and reported. A run records
its parts, so that another worker can continue after a crash, and so that undoing can take them back one by one.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from app.extensions import db

LOCK = "imports"  # held by one process at a time
FIRST_ROWS, LEAST_ROWS, MAX_ROWS = 500, 10, 20_000
WANTED_SECONDS = 0.3  # per part: this long other writers wait


class LeftOut(NamedTuple):
    """A row of the file that was not written, because what it is about was changed here after the check."""

    row: int
    number: str


class PlanInParts(Protocol):
    def next_part(self, most: int) -> int: ...

    @property
    def fraction_done(self) -> float: ...


def write_parts(plan: PlanInParts, write: Callable[[bool], list[LeftOut]], most_rows: int = MAX_ROWS) -> list[LeftOut]:
    """Call `write` for each part; `write` is one transaction. Its argument is True for the last part, which ends the
    import, so a file of one part is written in one transaction. Returns the rows that were left out."""
    left_out, rows, seconds, is_last = list[LeftOut](), min(FIRST_ROWS, most_rows), 0.0, False
    while not is_last:
        is_last = not plan.next_part(rows) or plan.fraction_done >= 1
        if seconds:
            db.yield_to_writers(seconds)
        start = time.monotonic()
        left_out += write(is_last)
        seconds = max(time.monotonic() - start, 0.001)
        rows = next_batch_size(rows, rows * WANTED_SECONDS / seconds, most_rows)
    return left_out


def next_batch_size(rows: int, wanted: float, most_rows: int) -> int:
    least = min(LEAST_ROWS, most_rows)
    return int(min(max(wanted, rows / 2, least), 2 * rows, most_rows))
