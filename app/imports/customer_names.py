"""Comparing customers' names regardless of capitals, spaces and composed accents."""

import unicodedata

from app.imports.parsing import Values
from app.imports.report import quote
from app.models import Customer

LONGEST_NUMBER = 120


def plain_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def by_plain_name(pairs) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, ids in pairs:
        found.setdefault(plain_name(name), []).extend(ids)
    return found


class NumbersByName:
    """Numbers of customers for a file that has only names: the number of the customer with that name here; for a new
    customer, the name."""

    def __init__(self):
        self.ids = by_plain_name(Customer.ids_by_name().items())
        self.numbers = {id_: number for number, id_ in Customer.ids_by_number().items()}

    def number_of(self, name: str, values: Values, title: str) -> str:
        ids = self.ids.get(plain_name(name), [])
        if len(ids) > 1:
            values.report(
                title,
                f"{len(ids)} customers are called {quote(name)}: give one of them another name, or "
                "add a column Customer number to the file.",
            )
        elif len(name) > LONGEST_NUMBER:
            values.report(
                title,
                f"is {len(name)} characters long, and becomes the customer's number; the maximum is {LONGEST_NUMBER}.",
            )
        return self.numbers[ids[0]] if ids else name
