"""Importing customers: our template, or the export of another system."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from babel import Locale, UnknownLocaleError

from app.email_addresses import LONGEST_FIELD
from app.imports import systems
from app.imports.columns import NO_MAPPING, Column, Mapping, heading_counter, match
from app.imports.csv_reader import Watch, open_source, silent
from app.imports.customer_lookup import EmailCells, NumbersByName, known_email, postal_address
from app.imports.customer_upsert import DETAILS, CustomerIntake
from app.imports.parsing import Values
from app.imports.report import Outcome, Problems, Rejected, quote
from app.imports.staging import reading, write_down
from app.models import db

CUSTOMER_COLUMNS = (
    Column(
        "number",
        "Customer number",
        ("Number", "Customer ID", "Entity ID", "Account number", "Acct. No."),
        required=True,
        longest=120,
    ),
    Column(
        "name",
        "Name",
        ("Customer name", "Company name", "Company", "Full name", "Customer"),
        required=True,
        instead="last_name",
        same_as="number",
    ),
    Column("email", "Email", ("Email address", "Main email"), longest=LONGEST_FIELD),
    Column("phone", "Phone", ("Phone number", "Main phone"), longest=60),
    Column("address", "Address", ("Billing address", "Bill to"), longest=1_000),
    Column("locale", "Locale", ("Language",), longest=20),
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
PARTS = ("street", "street2", "city", "region", "postal_code", "country")
NO_CUSTOMERS = {"vendor", "supplier", "employee"}
PHONE_LABEL = re.compile(r"^(?:phone|main phone|tel|telephone)\s*[:.]\s*", re.IGNORECASE)
CUSTOMER_HINTS = {"number": "It is the customer's number in your books."}


ALL = "all"


def import_customers(
    path: Path,
    watch: Watch = silent,
    now: datetime | None = None,
    mapping: Mapping = NO_MAPPING,
    new: tuple[str, ...] = (),
) -> Outcome:
    """Take in the customers of the file at `path`, all or none; with `now` the audit log says so.

    `new` are the numbers of customers of their own, though they have the email of a known one; ALL means every number.
    Raises FileProblem when the file can't be read, and Rejected with every bad row.
    """
    problems = Problems()
    known = mapping.headings + systems.headings(systems.CUSTOMERS)
    with reading(), open_source(path, heading_counter(CUSTOMER_COLUMNS, also=known)) as source:
        system = systems.recognized(source.header, systems.CUSTOMERS)
        mapping = system.mapping(source.header).with_changes(mapping) if system else mapping
        table = match(source, CUSTOMER_COLUMNS, CUSTOMER_HINTS, mapping)
        columns = tuple(d for d in DETAILS if table.has(d) or (d == "address" and table.has(*PARTS)))
        intake = CustomerIntake(columns)
        emails, left_out = EmailCells(), Counter()
        numbers = NumbersByName() if system or mapping.fields else None
        stage(table, intake, emails, Values(problems), watch, numbers, left_out)
        with db.atomic():
            for row, number, first in intake.contradictions():
                problems.add(row, table.titles[0], f"{quote(number)} is in row {first:,} already, with other details.")
            ask_about_emails(intake, problems, table.title("email"), new)
            if problems:
                raise Rejected(problems)
            made, changed, unchanged = intake.take_in()
            if now and (made or changed):
                write_down(source.name, now, what="customers", new=made, changed=changed)
        said = [f"Read as an export of {system.name}."] if system else []
        return Outcome(made, changed, unchanged, left_out, [*said, *emails.notes(), *notes(table, source)])


def stage(
    table, intake, emails: EmailCells, values: Values, watch, numbers: "NumbersByName | None", left_out: Counter
) -> None:
    problems, title = values.problems, table.title
    for row, (number, name, email, phone, address, locale, *parts, first, last, kind) in table.rows(problems):
        before, values.row = problems.count, row
        if kind.casefold() in NO_CUSTOMERS:
            left_out[f"of type {kind}"] += 1
            continue
        name = name or " ".join(filter(None, (first, last)))
        if numbers and name and number in ("", name):
            number = numbers.number_of(name, values, title("name"))
        elif not values.identifier(number, title("number")):
            values.complain(title("number"), "is empty. Every customer has the number of your books.")
        if not name:
            values.complain(title("name"), "is empty.")
        email = emails.read(email, values, title("email"), number)
        if locale and not known_locale(locale):
            values.complain(title("locale"), f"{quote(locale)} is not a locale. Write it like en_US or de_DE.")
        if problems.count == before:
            details = (
                name,
                email,
                PHONE_LABEL.sub("", phone),
                address or postal_address(*parts),
                locale.replace("-", "_"),
            )
            intake.add(row, number, details)
        watch(row, table.source)
    intake.finish()


def ask_about_emails(intake: CustomerIntake, problems: Problems, title: str, new: tuple[str, ...]) -> None:
    for row, number, name, email, other, other_number in () if ALL in new else intake.with_known_email():
        if number not in new:
            problems.add(row, title, known_email(name, number, email, other, other_number))


def known_locale(name: str) -> bool:
    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return False
    return True


def notes(table, source, usual: frozenset[str] = frozenset()) -> list[str]:
    """What the reader of the report should know about how the file was read."""
    found = table.notes()
    if source.encoding == "cp1252":
        found.append("The file is not UTF-8; it was read as Windows-1252. Check a name with an accent.")
    if ignored := table.ignored(usual):
        found.append(f"Columns that were not used: {', '.join(ignored)[:500]}.")
    return found
