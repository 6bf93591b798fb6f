"""Remembers which lines of the audit trail an email has listed.

The highest id isn't enough: of two concurrent transactions, the one with the lower id may commit later. The lines of a
list are remembered until the list after the next one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from app.clock import to_ms
from app.models import Audit


class ListedLines(NamedTuple):
    """All lines up to the id `base`, and `ids` above it."""

    kind: str
    base: int
    ids: frozenset[int]

    @classmethod
    def of(cls, kind: str, *formerly: str, otherwise: int = 0) -> "ListedLines":
        """`formerly` is the name in earlier releases. `otherwise` is the id up to which all lines count as listed if
        there is no record."""
        lines = [Audit.last(f"{each}_listed") for each in (kind, *formerly)]
        line = max(filter(None, lines), key=lambda one: one.id, default=None)
        if line is None:
            return cls(kind, otherwise, frozenset())
        return cls(kind, line.facts.get("base", line.facts["until"]), frozenset(line.facts.get("ids", ())))

    def left(self, lines: Iterable[Audit]) -> list[Audit]:
        return [line for line in lines if line.id not in self.ids]

    def note(self, lines: list[Audit], now: datetime) -> None:
        """Call it in the transaction that queues the email about `lines`."""
        base = max(self.ids, default=self.base)
        ids = sorted({line.id for line in lines} | {one for one in self.ids if one > base})
        Audit.write(f"{self.kind}_listed", to_ms(now), base=base, ids=ids, until=ids[-1], count=len(lines))
