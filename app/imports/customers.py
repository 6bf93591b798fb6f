"""Importing customers from our template or another system's export."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from app.accounts.hashing import Hasher
from app.imports import systems
from app.imports.access_changes import AccessChanges
from app.imports.columns import match
from app.imports.csv_reader import NO_CORRECTIONS, NO_PROGRESS, Corrections, Progress
from app.imports.customer_columns import CUSTOMER_COLUMNS, postal_address
from app.imports.customer_emails import EmailCells, known_email
from app.imports.customer_names import NumbersByName
from app.imports.customer_upsert import DETAILS, CustomerUpsert, Details
from app.imports.mapping import NO_MAPPING, Mapping, heading_counter, key
from app.imports.parsing import Values
from app.imports.parts import LeftOut
from app.imports.people import PeopleReader
from app.imports.plan import ImportPlan, PlannedRow
from app.imports.report import MAX_PROBLEMS, Problems, quote
from app.imports.sources import open_source
from app.imports.systems import ADDRESS_FIELDS
from app.imports.table import Table
from app.models import Customer
from app.models.audit import Actor

IDS = ("internal_id", "external_id")
NO_CUSTOMERS = {"vendor", "supplier", "employee"}
PHONE_LABEL = re.compile(r"^(?:phone|main phone|tel|telephone)\s*[:.]\s*", re.IGNORECASE)
CUSTOMER_HINTS = {"number": "It is the customer's number in your books."}
ALL = "all"
UNKNOWN_ID = "{id} is not the ID of a customer here. Add a column Customer number, or correct it."
UNKNOWN = "There is no customer {number}. Write its number as it is here, or add a column Name to make it."


def plan(
    path: Path,
    *,
    mapping: Mapping = NO_MAPPING,
    new: tuple[str, ...] = (),
    progress: Progress = NO_PROGRESS,
    most_problems: int = MAX_PROBLEMS,
    corrected: Corrections = NO_CORRECTIONS,
) -> "CustomerPlan":
    """Read the customers of the file at `path` into the staging database. Call it within `staging_database`.

    `new` are numbers of customers that are separate although they have the email of a known one; ALL means every
    number. Raises FileProblem if the file can't be read.
    """
    known = mapping.headings + systems.headings(systems.CUSTOMERS)
    with open_source(path, heading_counter(CUSTOMER_COLUMNS, also=known), corrected=corrected) as source:
        system = systems.recognized(source.header, systems.CUSTOMERS)
        mapping = system.mapping(source.header).with_changes(mapping) if system else mapping
        mapping = replace(mapping, optional=mapping.optional | not_needed(source.header, mapping))
        table = match(source, CUSTOMER_COLUMNS, CUSTOMER_HINTS, mapping)
        details = tuple(d for d in DETAILS if table.has(d) or (d == "address" and table.has(*ADDRESS_FIELDS)))
        numbers = NumbersByName() if system or mapping.fields else None
        reader = CustomerReader(table, CustomerUpsert(details), numbers, Problems(most_problems, source.origin.place))
        reader.read(progress)
        return CustomerPlan(reader, [f"Read as {system.what} of {system.name}."] if system else [], new)


def not_needed(header: list[str], mapping: Mapping) -> set[str]:
    """Required fields that may be missing in a file about access, which may identify known customers by their ids
    alone."""
    there = {key(heading) for heading in header}
    has = {
        column.field: column.field in mapping.fields or not there.isdisjoint(map(key, (column.title, *column.aliases)))
        for column in CUSTOMER_COLUMNS
    }
    if not has["give_access"]:
        return set()
    return {"name", "number"} if any(has[name] for name in IDS) else {"name"}


class CustomerPlan(ImportPlan):
    what = "customers"

    def __init__(self, reader: "CustomerReader", said: list[str], new: tuple[str, ...]):
        self.upsert, self.table, self.new_numbers = reader.upsert, reader.table, new
        self.has_passwords = reader.people.passwords > 0
        self.access = AccessChanges(reader.people.people, reader.table)
        self.is_in_parts = not self.access.people  # of which there are at most 10,000; they depend on other rows
        self.read_notes = [*said, *reader.notes(), *notes(reader.table)]
        super().__init__(reader.table.source.name, reader.problems, reader.left_out)

    def _check(self) -> None:
        self.notes = [*self.read_notes]
        for row, number, *more in () if ALL in self.new_numbers else self.upsert.with_known_email():
            if number not in self.new_numbers:
                self.problems.add(row, self.table.title("email"), *known_email(number, *more))
        for row, number in self.upsert.unknown_without_name():
            self.problems.add(row, self.table.title("number"), UNKNOWN.format(number=quote(number)))
        self.access.compare(self.problems)
        self.notes += self.access.notes()
        self.access_counts = self.access.counts()
        self.new, self.changed, self.unchanged = self.upsert.compare()

    def _planned(self) -> Iterator[PlannedRow]:
        yield from self.upsert.planned()
        yield from self.access.planned()

    def prepare(self, hasher: Hasher) -> None:
        self.access.prepare(hasher)

    def split(self) -> None:
        self.in_parts = 0

    def next_part(self, most: int) -> int:
        count = self.upsert.next_part(most) if self.is_in_parts else 0
        self.in_parts += count
        return count

    @property
    def fraction_done(self) -> float:
        return self.in_parts / max(self.new + self.changed, 1)

    def write_part(self, actor: Actor | None) -> list[LeftOut]:
        return self.upsert.upsert() if self.is_in_parts else []

    def leave_out(self, rows: list[int]) -> None:
        self.upsert.leave_out(rows)

    def _write_rest(self, actor: Actor | None) -> None:
        if self.access.people:
            assert actor is not None, "Access is given by a person."
            self.upsert.next_part(self.new + self.changed)
            self.upsert.upsert()
            self.access.write(actor)


class CustomerIds:
    """Internal and External IDs of customers. They take precedence over numbers."""

    def __init__(self):
        self.of_number = {number: ids for number, *ids in Customer.with_books_ids()}
        self.numbers = set(Customer.ids_by_number())
        self.known = [
            {ids[place]: number for number, ids in self.of_number.items() if ids[place]} for place in range(len(IDS))
        ]
        self.in_file: list[dict[str, str]] = [{} for _ in IDS]
        self.renumbered = 0

    def number_of(self, number: str, ids: list[str], values: Values, titles: list[str]) -> str:
        """The number here of the customer with these ids, or `number`. Contradictions are reported."""
        for text, known, title in zip(ids, self.known, titles, strict=True):
            other = known.get(text, number)
            if text and other != number:
                if number and number in self.numbers:
                    values.report(title, f"{quote(text)} is the id of {quote(other)} here. Correct it in the file.")
                elif number:
                    self.renumbered += 1
                number = other
                break
        for text, seen, title in zip(ids, self.in_file, titles, strict=True):
            if text and seen.setdefault(text, number) != number:
                values.report(title, f"{quote(text)} is the id of {quote(seen[text])} in the file too.")
        return number

    def filled(self, number: str, ids: list[str]) -> list[str]:
        # Empty cells don't change anything.
        known = self.of_number.get(number, [""] * len(IDS))
        return [text or before for text, before in zip(ids, known, strict=True)]

    def notes(self) -> list[str]:
        if not self.renumbered:
            return []
        return [f"Customers with another number in the file, recognized by their id: {self.renumbered:,}."]


class CustomerReader:
    """Stages the rows of `table` for `upsert`. `numbers` is used for files that have only names."""

    def __init__(self, table: Table, upsert: CustomerUpsert, numbers: NumbersByName | None, problems: Problems):
        self.table, self.upsert, self.numbers, self.problems = table, upsert, numbers, problems
        self.values, self.emails = Values(self.problems), EmailCells()
        self.left_out: Counter[str] = Counter()
        self.customer_ids = CustomerIds() if table.has(*IDS) else None
        self.people = PeopleReader(table, self.values)

    def read(self, progress: Progress) -> None:
        for row, cells in self.table.rows(self.problems):
            if row in self.table.source.corrected.left_out:
                continue
            self.values.row = row
            if cells.kind.casefold() in NO_CUSTOMERS:
                self.left_out[f"of type {cells.kind}"] += 1
                continue
            before = self.problems.count
            number, details = self.customer(cells)
            if self.people.is_about_access:
                self.people.read(row, number, details, cells)
            if self.problems.count == before:
                self.upsert.add(row, number, details)
            progress.row(row, self.table.source)
        self.upsert.finish()
        if self.people.is_about_access:
            self.upsert.fill_repeats(with_email=not self.people.has_own_email)
        for row, number, first in self.upsert.contradictions():
            reason = f"{quote(number)} is in row {first:,} already, with other details."
            self.problems.add(row, self.table.title("number"), reason)
        self.upsert.drop_repeats()

    def notes(self) -> list[str]:
        ids = self.customer_ids.notes() if self.customer_ids else []
        return [*self.emails.notes(), *ids, *self.people.notes()]

    def customer(self, cells: Any) -> tuple[str, Details]:
        values, title = self.values, self.table.title
        number, name = cells.number, cells.name or " ".join(filter(None, (cells.first_name, cells.last_name)))
        ids = [cells.internal_id, cells.external_id]
        if self.customer_ids and not number:
            number = self.customer_ids.number_of("", ids, values, [title(name) for name in IDS])
        if self.numbers and name and number in ("", name):
            number = self.numbers.number_of(name, values, title("name"))
        elif not number and any(ids):
            which = IDS[0] if ids[0] else IDS[1]
            values.report(title(which), UNKNOWN_ID.format(id=quote(ids[0] or ids[1])))
        elif not values.identifier(number, title("number")):
            values.report(title("number"), "is empty. Every customer needs a number, the one in your books.")
        if not name and not self.people.is_about_access:
            values.report(title("name"), "is empty.")
        if self.customer_ids and number:
            number = self.customer_ids.number_of(number, ids, values, [title(name) for name in IDS])
            ids = self.customer_ids.filled(number, ids)
        email = self.emails.read(cells.email, values, title("email"), number)
        if cells.locale and not known_locale(cells.locale):
            values.report(title("locale"), f"{quote(cells.locale)} is not a locale. Write it like en_US or de_DE.")
        address = cells.address or postal_address(*(getattr(cells, name) for name in ADDRESS_FIELDS))
        phone, locale = PHONE_LABEL.sub("", cells.phone), cells.locale.replace("-", "_")
        return number, Details(name, email, phone, address, locale, cells.tax_number, *ids)


def known_locale(name: str) -> bool:
    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def notes(table: Table, usual: frozenset[str] = frozenset()) -> list[str]:
    """Notes about how the file was read. `usual` are the keys of headings that need no note."""
    found = table.notes()
    if table.source.encoding == "cp1252":
        found.append("The file is not UTF-8; it was read as Windows-1252. Check a name with an accent.")
    if ignored := table.ignored(usual):
        found.append(f"Columns that were not used: {', '.join(ignored)[:500]}.")
    return found
