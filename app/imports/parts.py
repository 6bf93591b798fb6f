"""Writing in parts: short transactions of whole documents, between which logins, payments and pages get their turn.

One transaction over a million rows would keep every other writer of SQLite waiting for minutes, and conflict on
PostgreSQL with each payment of one of its invoices. A state "not visible yet" for new rows was refused: each query
that forgets it shows half a file. So documents appear while a file is written: each whole, and those of a customer at
once unless they are too many. What could be wrong with the file was found before the first part. At its part, each
row is checked again: one that others have changed since is left as it is and reported. A run knows its parts, so that
another worker goes on after a crash, and undoing takes them back one by one.
"""

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from app.extensions import db

LOCK = "imports"  # which one process at a time has
FIRST_ROWS, LEAST_ROWS, MOST_ROWS = 500, 10, 20_000
WANTED_SECONDS = 0.3  # for a part: so long others wait


class LeftOut(NamedTuple):
    """A row of the file that was not written, because what it is about was changed here after it was checked."""

    row: int
    number: str


class InParts(Protocol):
    def next_part(self, most: int) -> int: ...

    @property
    def share(self) -> float: ...


def write_parts(plan: InParts, write: Callable[[bool], list[LeftOut]], most_rows: int = MOST_ROWS) -> list[LeftOut]:
    """Call `write`, which is one transaction, for each part, with whether it is the last one: that ends the import, so
    a file of one part is written as a whole. What was left out."""
    left_out, rows, seconds, is_last = list[LeftOut](), min(FIRST_ROWS, most_rows), 0.0, False
    while not is_last:
        is_last = not plan.next_part(rows) or plan.share >= 1
        if seconds:
            db.give_way(seconds)
        start = time.monotonic()
        left_out += write(is_last)
        seconds = max(time.monotonic() - start, 0.001)
        rows = fitting(rows, rows * WANTED_SECONDS / seconds, most_rows)
    return left_out


def fitting(rows: int, wanted: float, most_rows: int) -> int:
    least = min(LEAST_ROWS, most_rows)
    return int(min(max(wanted, rows / 2, least), 2 * rows, most_rows))
