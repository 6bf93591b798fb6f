"""Which customer of the portal a row is about: by number, or by name where a file has no numbers."""

import re
from difflib import get_close_matches

from app.imports.names import by_plain_name, plain_name
from app.imports.values import shown
from app.models import Customer

NAMED = 5
MOST_COMPARED = 5_000
MOST_LONGER = 4


class CustomerFinder:
    """Finds the customers of one file. `system` is the recognized systems.System, or None.

    A name that isn't here is looked for without its sub-customers ("Quarry Kiln Ltd:Job 7"). Where the numbers of
    the file are unknown here, but may be of another system, the name decides, unless two numbers share it.
    """

    def __init__(self, table, system=None):
        self.system, self.ids = system, Customer.ids_by_number()
        self.places = {column.field: place for place, column in enumerate(table.columns)}
        self.known: dict[tuple[str, str], tuple[int, str] | str] = {}
        self.by_name: dict[str, list[int]] | None = None
        self.claims: dict[int, str] = {}
        self.parents: dict[str, str] = {}

    def find(self, reader, cells: tuple[str, ...], _void: bool) -> tuple[int, str] | None:
        """(id, number) of the customer of a row; None after it has been reported."""
        number, name = cells[self.places["customer"]], cells[self.places["customer_name"]]
        if found := self.ids.get(number):
            return found, number
        title = reader.title["customer_name" if name and not number else "customer"]
        if not number and not name:
            reader.values.complain(title, "is empty. Every document has its customer.")
            return None
        reader.values.identifier(number, title)
        found = self.known.get((number, name)) or self.search(number, name)
        self.known[number, name] = found
        if isinstance(found, str):
            reader.values.complain(title, found)
            return None
        return found

    def search(self, number: str, name: str) -> tuple[int, str] | str:
        """(id, number), or why there is none."""
        if number and name and not (self.system and self.system.ids_are_foreign):
            return f"There is no customer {shown(number)}. {self.near(number)}"
        if not name:  # a column of names that was mapped to Customer number
            number, name = "", number
        if self.system and self.system.number_in_name:
            first, _, rest = name.partition(" ")
            if first in self.ids:
                if ":" in name:
                    self.parents.setdefault(name, name.partition(":")[0].strip())
                return self.ids[first], first
            if rest and any(map(str.isdigit, first)) and not self.ids_called(name):
                number, name = first, rest
        return self.by_its_name(number, name)

    def by_its_name(self, number: str, name: str) -> tuple[int, str] | str:
        ids, parent = self.ids_called(name), name
        while not ids and ":" in parent:
            parent = parent.rpartition(":")[0].strip()
            ids = self.ids_called(parent)
        if len(ids) > 1:
            return (
                f"{len(ids)} customers are called {shown(parent)}: give one of them another name, or add a column "
                "Customer number to the file."
            )
        if not ids or self.is_someone_else(ids[0], number):
            both = f"{shown(number)} {shown(name)}" if number else shown(name)
            return f"There is no customer {both}. {self.near(number or name)}"
        if parent != name:
            self.parents.setdefault(name, parent)
        return ids[0], self.numbers[ids[0]]

    def is_someone_else(self, id_: int, number: str) -> bool:
        """Whether the customer has a number like the one of the file, or was found for another number of it."""
        if not number or plain_name(number) == plain_name(self.names[id_]):
            return False
        return is_alike(self.numbers[id_], number) or self.claims.setdefault(id_, number) != number

    def ids_called(self, name: str) -> list[int]:
        if self.by_name is None:
            by_name = Customer.ids_by_name()
            self.names = {id_: name for name, ids in by_name.items() for id_ in ids}
            self.numbers = {id_: number for number, id_ in self.ids.items()}
            self.by_name = by_plain_name(by_name.items())
        plain = plain_name(name)
        return self.by_name.get(plain) or ([self.ids[name]] if name in self.ids else [])

    def near(self, number: str) -> str:
        """A guess at what went wrong with a customer's number or name."""
        if number.isdigit():
            for width in range(len(number) + 1, 13):
                if number.zfill(width) in self.ids:
                    return f"There is {shown(number.zfill(width))}: the spreadsheet has dropped the zeros in front."
        if self.by_name and len(self.by_name) <= MOST_COMPARED:
            close = get_close_matches(plain_name(number[:100]), self.by_name, 1, 0.8)
            if close:
                return f"The nearest is {shown(self.names[self.by_name[close[0]][0]])}. Import the customers first."
        return "Import the customers first."

    def notes(self) -> list[str]:
        if not self.parents:
            return []
        pairs = [f"{shown(name)} to {shown(parent)}" for name, parent in list(self.parents.items())[:NAMED]]
        more = f" and {len(self.parents) - NAMED:,} more" if len(self.parents) > NAMED else ""
        return [f"Documents of sub-customers went to the main customer: {', '.join(pairs)}{more}."]


def is_alike(number: str, other: str) -> bool:
    """Whether both may be of one numbering, like CUST0042 and CUST7."""
    kinds = [re.sub(r"\d+", "0", each.casefold()) for each in (number, other)]
    return kinds[0] == kinds[1] and abs(len(number) - len(other)) <= MOST_LONGER
