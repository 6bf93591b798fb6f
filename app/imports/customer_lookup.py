"""Which customer of the portal a row is about: by number, or by name where a file has no numbers."""

import re
import shlex
import unicodedata
from difflib import get_close_matches
from typing import Any

from app.email_addresses import read_addresses
from app.imports.customer_upsert import CustomerUpsert, Details
from app.imports.parsing import Values
from app.imports.report import Question, quote
from app.imports.systems import System
from app.imports.table import Table
from app.models import Customer


def plain_name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def by_plain_name(pairs) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, ids in pairs:
        found.setdefault(plain_name(name), []).extend(ids)
    return found


NAMED = 5
MOST_COMPARED = 5_000
MOST_LONGER = 4
MOST_NAMED = 20
LONGEST_NUMBER = 120


class CustomerFinder:
    """Finds the customers of the rows of `table`. `system` is the recognized systems.System, or None.

    A name that isn't here is looked for without its sub-customers ("Quarry Kiln Ltd:Job 7"). Where the numbers of
    the file are unknown here, but may be of another system, the name decides, unless two numbers share it.
    """

    def __init__(self, table: Table, values: Values, system: System | None):
        self.table, self.values, self.system, self.ids = table, values, system, Customer.ids_by_number()
        self.known: dict[tuple[str, str], tuple[int, str] | str] = {}
        self.by_name: dict[str, list[int]] | None = None
        self.claims: dict[int, str] = {}
        self.parents: dict[str, str] = {}
        self.by_name_alone: dict[str, str] = {}  # unknown numbers of the file

    def find(self, cells: Any, _is_void: bool) -> tuple[int, str] | None:
        """(id, number) of the customer of a row; None after it has been reported."""
        number, name = cells.customer, cells.customer_name
        if id_ := self.ids.get(number):
            return id_, number
        has_names_alone = self.table.has("customer_name") and not self.table.has("customer")
        title = self.table.title("customer_name" if has_names_alone or (name and not number) else "customer")
        if not number and not name:
            self.values.report(title, "is empty. Every document has its customer.")
            return None
        self.values.identifier(number, title)
        customer = self.known.get((number, name)) or self.search(number, name)
        self.known[number, name] = customer
        if isinstance(customer, str):
            self.values.report(title, customer)
            return None
        return customer

    def search(self, number: str, name: str) -> tuple[int, str] | str:
        """(id, number), or why there is none."""
        if number and name and not (self.system and self.system.ids_are_foreign):
            return f"There is no customer {quote(number)}. {self.namesake(name) or self.near(number)}"
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

    def namesake(self, name: str) -> str:
        # The name alone doesn't say whose documents may be shown to this customer.
        ids = self.ids_called(name)
        if not ids:
            return ""
        id_column = self.table.title("customer")
        return (
            f"{quote(self.numbers[ids[0]])} is called {quote(name)} here: if it is meant, write this number; or leave "
            f'the numbers of the file out: --map "{quote(id_column)[1:-1]}=".'
        )

    def by_its_name(self, number: str, name: str) -> tuple[int, str] | str:
        ids, parent = self.ids_called(name), name
        while not ids and ":" in parent:
            parent = parent.rpartition(":")[0].strip()
            ids = self.ids_called(parent)
        if len(ids) > 1:
            return (
                f"{len(ids)} customers are called {quote(parent)}: give one of them another name, or add a column "
                "Customer number to the file."
            )
        if not ids or self.is_someone_else(ids[0], number):
            both = f"{quote(number)} {quote(name)}" if number else quote(name)
            return f"There is no customer {both}. {self.near(number or name)}"
        if parent != name:
            self.parents.setdefault(name, parent)
        if number and plain_name(number) != plain_name(name):
            self.by_name_alone.setdefault(number, self.names[ids[0]])
        return ids[0], self.numbers[ids[0]]

    def is_someone_else(self, id_: int, number: str) -> bool:
        # The customer has a number like that of the file, or was found for another number of it.
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
        if number.isdigit():
            for width in range(len(number) + 1, 13):
                if number.zfill(width) in self.ids:
                    return f"There is {quote(number.zfill(width))}: the spreadsheet has dropped the zeros in front."
        if self.by_name and len(self.by_name) <= MOST_COMPARED:
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
    # Both may be of one numbering, like CUST0042 and CUST7.
    kinds = [re.sub(r"\d+", "0", each.casefold()) for each in (number, other)]
    return kinds[0] == kinds[1] and abs(len(number) - len(other)) <= MOST_LONGER


class NumbersByName:
    """The numbers of customers in a file that has names alone: that of the one who has the name here; of a new
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
                f"is {len(name)} characters long, and becomes the customer's number; {LONGEST_NUMBER} is the most.",
            )
        return self.numbers[ids[0]] if ids else name


class XeroContacts:
    """Finds or makes the customers of Xero's contacts.

    Xero's export has no customer numbers, and a contact's name is unique in Xero. So a contact is the
    customer whose number is that name, or else the one customer with that name. If there is none, the
    customer is made, and the name becomes its number. Details of known customers are left alone.
    Names are the same whatever their capitals, their spaces and how their accents are composed.
    """

    def __init__(self, table: Table, values: Values, upsert: CustomerUpsert):
        self.table, self.values, self.upsert = table, values, upsert
        self.by_number = by_plain_name((number, [id_]) for number, id_ in Customer.ids_by_number().items())
        self.by_name = by_plain_name(Customer.ids_by_name().items())
        self.known: dict[str, tuple[int | None, str]] = {}
        self.emails = EmailCells()
        self.without_email: list[str] = []
        self.new_emails: list[tuple[int, str, str]] = []  # (row, name, email)
        self.seen: set[int] = set()

    def find(self, cells: Any, is_void: bool) -> tuple[int | None, str] | None:
        """(id, number) of the customer of a row, without an id if it is made; None after it has been reported."""
        name, row = cells.customer, self.values.row
        if customer := self.known.get(name):
            return customer
        if not name:
            self.values.report(self.table.title("customer"), "is empty. Every document has its contact.")
            return None
        plain = plain_name(name)
        ids = self.by_number.get(plain) or self.by_name.get(plain, [])
        if len(ids) > 1:
            self.values.report(
                self.table.title("customer"),
                f"{len(ids)} customers are called {quote(name)}: give one of them another name.",
            )
            return None
        if not ids and not is_void and plain not in self.known:
            self.known[plain] = (None, name)
            email = self.email(name, cells.email)
            self.upsert.add(row, name, Details(name, email, "", xero_address(cells), ""))
            self.new_emails += [(row, name, email)] if email else []
        self.seen.update(ids)
        customer = (ids[0], name) if ids else self.known.get(plain, (None, name))
        if ids or not is_void:
            self.known[name] = customer
        return customer

    def email(self, name: str, text: str) -> str:
        addresses = read_addresses(text)
        if addresses.unreadable:
            self.without_email.append(name)
            return ""
        return self.emails.first(addresses.found, text, self.values.row, name)

    def with_known_email(self) -> list[tuple[int, str, str, str, str]]:
        """(row, name, email, name and number of another customer with that email) of new contacts. The other one's
        contact is not in the file."""
        emails = {email for _row, _name, email in self.new_emails}
        known = {
            email: (name, number)
            for id_, name, number, email in (Customer.with_emails() if emails else ())
            if email in emails and id_ not in self.seen
        }
        return [(row, name, email, *known[email]) for row, name, email in self.new_emails if email in known]


def xero_address(cells: Any) -> str:
    street = "\n".join(filter(None, (cells.po1, cells.po2, cells.po3, cells.po4)))
    return postal_address(street, "", cells.po_city, cells.po_region, cells.po_postal_code, cells.po_country)


class EmailCells:
    """Reads email cells. `notes()` says which had more addresses than the one that a customer can have, and how
    many said that there is none."""

    def __init__(self):
        self.further: list[str] = []
        self.several = self.placeholders = 0

    def read(self, text: str, values: Values, column: str, customer: str) -> str:
        """The customer's address; "" for none, and for one that can't be read, which is reported."""
        addresses = read_addresses(text)
        if addresses.unreadable:
            part = f": {quote(addresses.unreadable)}" if addresses.unreadable != text else ""
            values.report(
                column,
                f"{quote(text)} is not an email address{part}. Write it like name@example.com; "
                "several with a semicolon between them.",
            )
            return ""
        return self.first(addresses.found, text, values.row, customer)

    def first(self, found: list[str], text: str, row: int, customer: str) -> str:
        self.placeholders += bool(text) and not found
        if len(found) > 1:
            self.several += 1
            if self.several <= MOST_NAMED:
                self.further.append(f"row {row:,} ({quote(customer)[1:-1]}) {', '.join(found[1:])}")
        return found[0] if found else ""

    def notes(self) -> list[str]:
        notes = []
        if self.several:
            more = f"; and {self.several - MOST_NAMED:,} more" if self.several > MOST_NAMED else ""
            notes.append(
                f"Rows with several email addresses: {self.several:,}. The first is the customer's. Give the "
                f"others access on the customer's record: {'; '.join(self.further)}{more}."
            )
        if self.placeholders:
            notes.append(f"Emails that say there is none, like “n/a”, and were left empty: {self.placeholders:,}.")
        return notes


def known_email(number: str, name: str, email: str, other: str, other_number: str) -> tuple[str, Question, str]:
    known = f"{quote(other)} ({quote(other_number)[1:-1]})"
    if plain_name(name) == plain_name(number):
        same = f"was renamed, give {quote(other)} the name {quote(name)} on its record, and import again"
    else:
        same = f"has a new number, write {quote(other_number)} in its place"
    return (
        f"{quote(email)} of {quote(name)}, who is new, is the email of {known}, who is not in the file. If {known} "
        f"{same}.",
        Question("email", number, other_number),
        f"If this is another customer, import again with --new {shlex.quote(number)}.",
    )


def postal_address(street: str, street2: str, city: str, region: str, postal_code: str, country: str) -> str:
    state = " ".join(filter(None, (region, postal_code)))
    return "\n".join(filter(None, (street, street2, ", ".join(filter(None, (city, state))), country)))
