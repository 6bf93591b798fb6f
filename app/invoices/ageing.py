"""Ageing buckets: amounts due by days overdue."""

from typing import NamedTuple


class Bucket(NamedTuple):
    """From `first` to `last` days overdue, both inclusive. None means no limit."""

    label: str
    first: int | None
    last: int | None

    def has(self, days: int) -> bool:
        return (self.first is None or days >= self.first) and (self.last is None or days <= self.last)


BUCKETS = (
    Bucket("Not yet due", None, 0),
    Bucket("1 to 30 days", 1, 30),
    Bucket("31 to 60 days", 31, 60),
    Bucket("Over 60 days", 61, None),
)
