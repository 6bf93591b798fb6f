"""Reading the customers template."""

from datetime import datetime
from pathlib import Path

from babel import Locale, UnknownLocaleError

from app.email_addresses import LONGEST_FIELD
from app.imports.emails import EmailCells
from app.imports.header import Column, heading_counter, match
from app.imports.mapping import NO_MAPPING, Mapping
from app.imports.problems import Outcome, Problems, Rejected
from app.imports.progress import Watch, silent
from app.imports.source import open_source
from app.imports.values import Values, shown
from app.models import db
from app.models.customer_intake import DETAILS, CustomerIntake
from app.models.intake import reading, write_down

COLUMNS = (
    Column("number", "Customer number", ("Number", "Customer ID", "Entity ID", "Account number", "Acct. No."),
           required=True, longest=120),
    Column("name", "Name", ("Customer name", "Company name", "Company", "Full name", "Customer"), required=True),
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
)
PARTS = ("street", "street2", "city", "region", "postal_code", "country")
HINTS = {"number": "It is the customer's number in your books."}


def import_customers(path: Path, watch: Watch = silent, now: datetime | None = None,
                     mapping: Mapping = NO_MAPPING) -> Outcome:
    """Take in the customers of the file at `path`, all or none; with `now` the audit log says so. Raises
    FileProblem when the file can't be read, and Rejected with every bad row.
    """
    problems = Problems()
    with reading(), open_source(path, heading_counter(COLUMNS, also=mapping.headings)) as source:
        table = match(source, COLUMNS, HINTS, mapping)
        columns = tuple(d for d in DETAILS if table.has(d) or (d == "address" and table.has(*PARTS)))
        intake = CustomerIntake(columns)
        emails = EmailCells()
        stage(table, intake, emails, problems, watch)
        with db.atomic():
            for row, number, first in intake.contradictions():
                problems.add(row, table.titles[0], f"{shown(number)} is in row {first:,} already, with other details.")
            if problems:
                raise Rejected(problems)
            new, changed, unchanged = intake.take_in()
            if now and (new or changed):
                write_down(source.name, now, what="customers", new=new, changed=changed)
        return Outcome(new, changed, unchanged, notes=[*emails.notes(), *notes(table, source)])


def stage(table, intake, emails, problems, watch) -> None:
    values = Values(problems)
    for row, (number, name, email, phone, address, locale, *parts) in table.rows(problems):
        before, values.row = problems.count, row
        if not values.identifier(number, table.titles[0]):
            problems.add(row, table.titles[0], "is empty. Every customer has the number of your books.")
        if not name:
            problems.add(row, table.titles[1], "is empty.")
        email = emails.read(email, values, table.titles[2], number)
        if locale and not known_locale(locale):
            problems.add(row, table.titles[5], f"{shown(locale)} is not a locale. Write it like en_US or de_DE.")
        if problems.count == before:
            details = (name, email, phone, address or postal_address(*parts), locale.replace("-", "_"))
            intake.add(row, number, details)
        watch(row, table.source)
    intake.finish()


def postal_address(street: str, street2: str, city: str, region: str, postal_code: str, country: str) -> str:
    """The lines of an address, as they are written on an envelope."""
    state = " ".join(filter(None, (region, postal_code)))
    return "\n".join(filter(None, (street, street2, ", ".join(filter(None, (city, state))), country)))


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
