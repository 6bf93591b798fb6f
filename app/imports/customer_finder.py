"""Finds the customer of a row: by number, or by name if a file has no numbers."""

import re
from difflib import get_close_matches
from typing import Any

from app.imports.customer_names import by_plain_name, plain_name
from app.imports.parsing import Values
from app.imports.report import quote
from app.imports.systems import System
from app.imports.table import Table
from app.models import Customer

NAMED = 5
MAX_COMPARED = 5_000
MAX_LONGER = 4


class CustomerFinder:
    """Finds the customers of the rows of `table`. `system` is the recognized systems.System, or None.

    If a name isn't found, it is searched without its sub-customers ("Quarry Kiln Ltd:Job 7"). If the file's numbers are
    unknown here, but may be another system's, the name decides, unless two numbers share it.
    """

    def __init__(self, table: Table, values: Values, system: System | None):
        self.table, self.values, self.system, self.ids = table, values, system, Customer.ids_by_number()
        self.known: dict[tuple[str, str], tuple[int, str] | str] = {}
        self.by_name: dict[str, list[int]] | None = None
        self.number_by_id: dict[int, str] = {}
        self.parents: dict[str, str] = {}
        self.by_name_alone: dict[str, str] = {}  # unknown numbers of the file

    def find(self, cells: Any, _is_void: bool) -> tuple[int, str] | None:
        """(id, number) of a row's customer. None if it wasn't found, which has been reported."""
        number, name = cells.customer, cells.customer_name
        if id_ := self.ids.get(number):
            return id_, number
        has_names_alone = self.table.has("customer_name") and not self.table.has("customer")
        title = self.table.title("customer_name" if has_names_alone or (name and not number) else "customer")
        if not number and not name:
            self.values.report(title, "is empty. Every document needs a customer.")
            return None
        self.values.identifier(number, title)
        customer = self.known.get((number, name)) or self.search(number, name)
        self.known[number, name] = customer
        if isinstance(customer, str):
            self.values.report(title, customer)
            return None
        return customer

    def search(self, number: str, name: str) -> tuple[int, str] | str:
        """(id, number), or why the customer wasn't found."""
        if number and name and not (self.system and self.system.ids_are_foreign):
            return (
                f"There is no customer {quote(number)}. {self.suggest_same_name(name) or self.suggest_nearest(number)}"
            )
        if not name:  # a column of names that was mapped to Customer number
            number, name = "", number
        if self.system and self.system.number_in_name:
            first, _, rest = name.partition(" ")
            if first in self.ids:
                if ":" in name:
                    self.parents.setdefault(name, name.partition(":")[0].strip())
                return self.ids[first], first
            if rest and any(map(str.isdigit, first)) and not self.ids_with_name(name):
                number, name = first, rest
        return self.find_by_name(number, name)

    def suggest_same_name(self, name: str) -> str:
        # A name alone isn't enough to decide whose documents this customer may see.
        ids = self.ids_with_name(name)
        if not ids:
            return ""
        id_column = self.table.title("customer")
        return (
            f"{quote(self.numbers[ids[0]])} is called {quote(name)} here: if it is meant, write this number; or leave "
            f'the numbers of the file out: --map "{quote(id_column)[1:-1]}=".'
        )

    def find_by_name(self, number: str, name: str) -> tuple[int, str] | str:
        ids, parent = self.ids_with_name(name), name
        while not ids and ":" in parent:
            parent = parent.rpartition(":")[0].strip()
            ids = self.ids_with_name(parent)
        if len(ids) > 1:
            return (
                f"{len(ids)} customers are called {quote(parent)}: give one of them another name, or add a column "
                "Customer number to the file."
            )
        if not ids or self.is_someone_else(ids[0], number):
            both = f"{quote(number)} {quote(name)}" if number else quote(name)
            return f"There is no customer {both}. {self.suggest_nearest(number or name)}"
        if parent != name:
            self.parents.setdefault(name, parent)
        if number and plain_name(number) != plain_name(name):
            self.by_name_alone.setdefault(number, self.names[ids[0]])
        return ids[0], self.numbers[ids[0]]

    def is_someone_else(self, id_: int, number: str) -> bool:
        """True if the customer has a number like those of the file, or was found for another number of it."""
        if not number or plain_name(number) == plain_name(self.names[id_]):
            return False
        return is_alike(self.numbers[id_], number) or self.number_by_id.setdefault(id_, number) != number

    def ids_with_name(self, name: str) -> list[int]:
        if self.by_name is None:
            by_name = Customer.ids_by_name()
            self.names = {id_: name for name, ids in by_name.items() for id_ in ids}
            self.numbers = {id_: number for number, id_ in self.ids.items()}
            self.by_name = by_plain_name(by_name.items())
        plain = plain_name(name)
        return self.by_name.get(plain) or ([self.ids[name]] if name in self.ids else [])

    def suggest_nearest(self, number: str) -> str:
        if number.isdigit():
            for width in range(len(number) + 1, 13):
                if number.zfill(width) in self.ids:
                    return f"There is {quote(number.zfill(width))}: the spreadsheet has dropped the leading zeros."
        if self.by_name and len(self.by_name) <= MAX_COMPARED:
            close = get_close_matches(plain_name(number[:100]), self.by_name, 1, 0.8)
            if close:
                return f"The nearest is {quote(self.names[self.by_name[close[0]][0]])}. Import the customers first."
        return "Import the customers first."

    def notes(self) -> list[str]:
        found = []
        if self.parents:
            found.append(f"Documents of sub-customers went to the main customer: {pairs(self.parents, 'to')}.")
        if self.by_name_alone:
            found.append(f"Customer IDs that are unknown here, found by name: {pairs(self.by_name_alone, 'as')}.")
        return found


def pairs(named: dict[str, str], word: str) -> str:
    shown = ", ".join(f"{quote(one)} {word} {quote(other)}" for one, other in list(named.items())[:NAMED])
    return shown + (f" and {len(named) - NAMED:,} more" if len(named) > NAMED else "")


def is_alike(number: str, other: str) -> bool:
    """True if both may belong to one numbering, like CUST0042 and CUST7."""
    kinds = [re.sub(r"\d+", "0", each.casefold()) for each in (number, other)]
    return kinds[0] == kinds[1] and abs(len(number) - len(other)) <= MAX_LONGER
