"""Importing customers: our template, or the export of another system."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from app.email_addresses import LONGEST_FIELD
from app.imports import systems
from app.imports.columns import match
from app.imports.csv_reader import NO_PROGRESS, Corrections, Progress
from app.imports.customer_lookup import EmailCells, NumbersByName, known_email, postal_address
from app.imports.customer_upsert import DETAILS, CustomerUpsert, Details
from app.imports.mapping import NO_MAPPING, Column, Mapping, heading_counter
from app.imports.parsing import Values
from app.imports.plan import ImportPlan, PlannedRow
from app.imports.report import MOST_PROBLEMS, Problems, quote
from app.imports.sources import open_source
from app.imports.table import Table
from app.models import Customer
from app.models.audit import Actor

CUSTOMER_COLUMNS = (
    Column(
        "number",
        "Customer number",
        (
            "Number",
            "Customer ID",
            "Customer code",
            "Entity ID",
            "Account number",
            "Account code",
            "Acct. No.",
            "Client number",
            "Client ID",
            "Client code",
        ),
        required=True,
        longest=120,
    ),
    Column(
        "name",
        "Name",
        ("Customer name", "Company name", "Company", "Full name", "Customer", "Client name", "Client"),
        required=True,
        instead="last_name",
        same_as="number",
    ),
    Column("email", "Email", ("Email address", "Main email"), longest=LONGEST_FIELD, is_multiline=True),
    Column("phone", "Phone", ("Phone number", "Main phone"), longest=60),
    Column("address", "Address", ("Billing address", "Bill to"), longest=1_000, is_multiline=True),
    Column("locale", "Locale", ("Language",), longest=20),
    Column(
        "tax_number", "Tax number", ("VAT number", "VAT registration number", "Tax ID", "Tax reg. number"), longest=200
    ),
    Column("internal_id", "Internal ID", ("NetSuite internal ID", "System ID"), longest=120),
    Column("external_id", "External ID", longest=120),
    Column("street", "Street", ("Address 1", "Address line 1")),
    Column("street2", "Address 2", ("Address line 2",)),
    Column("city", "City", ("Town",)),
    Column("region", "State", ("Region", "County", "Province")),
    Column("postal_code", "ZIP code", ("Postal code", "Postcode", "ZIP")),
    Column("country", "Country"),
    Column("first_name", "First name", ("Given name",)),
    Column("last_name", "Last name", ("Surname", "Family name")),
    Column("kind", "Contact type"),
)
IDS = ("internal_id", "external_id")
ADDRESS_FIELDS = ("street", "street2", "city", "region", "postal_code", "country")
NO_CUSTOMERS = {"vendor", "supplier", "employee"}
PHONE_LABEL = re.compile(r"^(?:phone|main phone|tel|telephone)\s*[:.]\s*", re.IGNORECASE)
CUSTOMER_HINTS = {"number": "It is the customer's number in your books."}


ALL = "all"


def plan(
    path: Path,
    *,
    mapping: Mapping = NO_MAPPING,
    new: tuple[str, ...] = (),
    progress: Progress = NO_PROGRESS,
    most_problems: int = MOST_PROBLEMS,
    corrected: Corrections | None = None,
) -> "CustomerPlan":
    """Read the customers of the file at `path` into the staging database, within `staging.reading`.

    `new` are the numbers of customers of their own, though they have the email of a known one; ALL means every number.
    Raises FileProblem when the file can't be read.
    """
    known = mapping.headings + systems.headings(systems.CUSTOMERS)
    with open_source(path, heading_counter(CUSTOMER_COLUMNS, also=known), corrected=corrected) as source:
        system = systems.recognized(source.header, systems.CUSTOMERS)
        mapping = system.mapping(source.header).with_changes(mapping) if system else mapping
        table = match(source, CUSTOMER_COLUMNS, CUSTOMER_HINTS, mapping)
        details = tuple(d for d in DETAILS if table.has(d) or (d == "address" and table.has(*ADDRESS_FIELDS)))
        numbers = NumbersByName() if system or mapping.fields else None
        reader = CustomerReader(table, CustomerUpsert(details), numbers, Problems(most_problems, source.origin.place))
        reader.read(progress)
        return CustomerPlan(reader, [f"Read as {system.what} of {system.name}."] if system else [], new)


class CustomerPlan(ImportPlan):
    what = "customers"

    def __init__(self, reader: "CustomerReader", said: list[str], new: tuple[str, ...]):
        self.upsert, self.table, self.new_numbers = reader.upsert, reader.table, new
        self.read_notes = [*said, *reader.notes(), *notes(reader.table)]
        super().__init__(reader.table.source.name, reader.problems, reader.left_out)

    def _check(self) -> None:
        self.notes = self.read_notes
        for row, number, *more in () if ALL in self.new_numbers else self.upsert.with_known_email():
            if number not in self.new_numbers:
                self.problems.add(row, self.table.title("email"), *known_email(number, *more))
        self.new, self.changed, self.unchanged = self.upsert.compare()

    def _planned(self) -> Iterator[PlannedRow]:
        return self.upsert.planned()

    def _write(self, actor: Actor | None) -> None:
        self.upsert.upsert()


class BooksIds:
    """Internal and External ID of customers, which come before their numbers."""

    def __init__(self):
        self.of_number = {number: ids for number, *ids in Customer.with_books_ids()}
        self.numbers = set(Customer.ids_by_number())
        self.known = [
            {ids[place]: number for number, ids in self.of_number.items() if ids[place]} for place in range(len(IDS))
        ]
        self.in_file: list[dict[str, str]] = [{} for _ in IDS]
        self.renumbered = 0

    def number_of(self, number: str, ids: list[str], values: Values, titles: list[str]) -> str:
        """The number here of the customer with these ids, or else `number`. What contradicts it is reported."""
        for text, known, title in zip(ids, self.known, titles, strict=True):
            other = known.get(text, number)
            if text and other != number:
                if number in self.numbers:
                    values.report(title, f"{quote(text)} is the id of {quote(other)} here. Correct it in the file.")
                else:
                    self.renumbered += 1
                number = other
                break
        for text, seen, title in zip(ids, self.in_file, titles, strict=True):
            if text and seen.setdefault(text, number) != number:
                values.report(title, f"{quote(text)} is the id of {quote(seen[text])} in the file too.")
        return number

    def filled(self, number: str, ids: list[str]) -> list[str]:
        # What the file leaves empty stays.
        known = self.of_number.get(number, [""] * len(IDS))
        return [text or before for text, before in zip(ids, known, strict=True)]

    def notes(self) -> list[str]:
        if not self.renumbered:
            return []
        return [f"Customers with another number in the file, recognized by their id: {self.renumbered:,}."]


class CustomerReader:
    """Stages the rows of `table` for `upsert`. `numbers` is for files that have names alone."""

    def __init__(self, table: Table, upsert: CustomerUpsert, numbers: NumbersByName | None, problems: Problems):
        self.table, self.upsert, self.numbers, self.problems = table, upsert, numbers, problems
        self.values, self.emails = Values(self.problems), EmailCells()
        self.left_out: Counter[str] = Counter()
        self.books_ids = BooksIds() if table.has(*IDS) else None

    def read(self, progress: Progress) -> None:
        for row, cells in self.table.rows(self.problems):
            self.values.row = row
            if cells.kind.casefold() in NO_CUSTOMERS:
                self.left_out[f"of type {cells.kind}"] += 1
                continue
            before = self.problems.count
            number, details = self.customer(cells)
            if self.problems.count == before:
                self.upsert.add(row, number, details)
            progress.row(row, self.table.source)
        self.upsert.finish()
        for row, number, first in self.upsert.contradictions():
            reason = f"{quote(number)} is in row {first:,} already, with other details."
            self.problems.add(row, self.table.title("number"), reason)
        self.upsert.drop_repeats()

    def notes(self) -> list[str]:
        return [*self.emails.notes(), *(self.books_ids.notes() if self.books_ids else [])]

    def customer(self, cells: Any) -> tuple[str, Details]:
        values, title = self.values, self.table.title
        number, name = cells.number, cells.name or " ".join(filter(None, (cells.first_name, cells.last_name)))
        if self.numbers and name and number in ("", name):
            number = self.numbers.number_of(name, values, title("name"))
        elif not values.identifier(number, title("number")):
            values.report(title("number"), "is empty. Every customer has the number of your books.")
        if not name:
            values.report(title("name"), "is empty.")
        ids = [cells.internal_id, cells.external_id]
        if self.books_ids and number:
            number = self.books_ids.number_of(number, ids, values, [title(name) for name in IDS])
            ids = self.books_ids.filled(number, ids)
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
    """About how the file was read; `usual` are the keys of headings that are not worth a word."""
    found = table.notes()
    if table.source.encoding == "cp1252":
        found.append("The file is not UTF-8; it was read as Windows-1252. Check a name with an accent.")
    if ignored := table.ignored(usual):
        found.append(f"Columns that were not used: {', '.join(ignored)[:500]}.")
    return found
