"""The people in a file of customers whose access the file sets to Yes or No."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.email_addresses import read_addresses
from app.imports.customer_columns import ACCESS_COLUMNS
from app.imports.customer_upsert import Details
from app.imports.parsing import Values
from app.imports.report import FileProblem, quote
from app.imports.table import Table

MAX_PEOPLE = 10_000
LONGEST_WORD = 7  # of a cell that was meant as Yes or No, like "Perhaps"
MAX_PASSWORDS = 500  # each is a quarter of a second of hashing
TOO_MANY = "The file says Yes or No under {title} for more than {most:,} people. Split it into several files."
TOO_MANY_PASSWORDS = (
    "The file has more than {most:,} passwords. Split it into several files; or let people set up their own: leave "
    "{title} empty, and write Yes under Send New Access Notification Email."
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person in `row` of the file. Without an `email`, it is the person with the customer's address. `role` is ""
    if the file names none. The `password` is only in memory: it is neither staged nor part of the repr."""

    row: int
    number: str
    customer_name: str
    email: str
    name: str
    grants: bool
    role: str
    notify: bool
    password: str = field(default="", repr=False)

    @property
    def says(self) -> tuple:
        return self.name, self.grants, self.role, self.notify, self.password


class PeopleReader:
    """Reads the cells about access. `has_own_email`: the person's address has a column of its own."""

    def __init__(self, table: Table, values: Values):
        self.values, self.title = values, table.title
        self.is_about_access = table.has("give_access")
        self.is_ignored = not self.is_about_access and table.has(*(column.field for column in ACCESS_COLUMNS))
        self.has_own_email, self.has_confirmation = table.has("person_email"), table.has("confirm_password")
        self.has_secrets = bool(table.secret)
        self.people: list[Person] = []
        self.passwords = self.unsaid = 0

    def read(self, row: int, number: str, details: Details, cells: Any) -> None:
        if self.has_secrets and may_hold_password(cells):
            self.values.problems.withhold(row)
        grants = self.values.yes_or_no(cells.give_access, self.title("give_access"))
        if grants is None:
            self.unsaid += bool(cells.person_email or cells.person_name or cells.role or cells.password)
            return
        notify = self.values.yes_or_no(cells.notify, self.title("notify")) or False
        password = self.password(cells, notify) if grants else ""
        email = self.email(cells.person_email) or details.email
        if not email and read_addresses(cells.person_email or cells.email).unreadable:
            return  # reported: the cell isn't empty
        name, role = cells.person_name, cells.role
        self.people.append(Person(row, number, details.name, email, name, grants, role, notify, password))
        self.passwords += bool(password)
        for count, most, text, title in (
            (len(self.people), MAX_PEOPLE, TOO_MANY, "give_access"),
            (self.passwords, MAX_PASSWORDS, TOO_MANY_PASSWORDS, "password"),
        ):
            if count > most:
                raise FileProblem(text.format(most=most, title=self.title(title)))

    def email(self, text: str) -> str:
        addresses = read_addresses(text)
        if addresses.unreadable:
            self.values.report(self.title("person_email"), f"{quote(text)} is not an email address.")
        elif len(addresses.found) > 1:
            self.values.report(
                self.title("person_email"), f"{quote(text)} are several addresses. Write a row for each person."
            )
        return addresses.found[0] if addresses.found else ""

    def password(self, cells: Any, notify: bool) -> str:
        assigns = self.values.yes_or_no(cells.assign, self.title("assign"))
        password, title, assign_title = cells.password, self.title("password"), self.title("assign")
        if assigns and not password:
            self.values.report(title, f"is empty, and {assign_title} says Yes. Write the password, or No there.")
        elif assigns is False and password:
            self.values.report(title, f"is not empty, and {assign_title} says No. Write Yes there, or delete it.")
        elif password and self.has_confirmation and cells.confirm_password != password:
            self.values.report(self.title("confirm_password"), f"is not the same as {title}.")
        elif password and notify:
            self.values.report(
                title,
                f"is not empty, and {self.title('notify')} says Yes. Write No there to assign the password yourself; "
                "or delete the password, so that they set up their own.",
            )
        return password

    def notes(self) -> list[str]:
        notes = []
        if self.is_ignored:
            notes.append("Nothing about access was read: there is no column Give Access with Yes or No.")
        if self.unsaid:
            title = self.title("give_access")
            notes.append(f"People whose access stays as it is, because {title} is empty: {self.unsaid:,}.")
        return notes


def may_hold_password(cells: Any) -> bool:
    """True if a cell may contain a password that was typed into the wrong column."""
    words = (cells.give_access, cells.notify, cells.assign)
    return max(map(len, words)) > LONGEST_WORD or (bool(cells.person_email) and "@" not in cells.person_email)


def without_repeats(people: list[Person], report: Callable[[int, str], None]) -> list[Person]:
    """`people`, each once; their addresses are known. Reports (row, reason) of people who occur again with other
    values, or with two passwords."""
    kept: dict[tuple[str, str], Person] = {}
    with_password: dict[str, Person] = {}
    for person in people:
        first = kept.setdefault((person.number, person.email), person)
        if first.says != person.says:
            report(
                person.row,
                f"{quote(person.email)} is in row {first.row:,} already, for the same customer and with other values. "
                "Keep one of the rows.",
            )
        if person.password:
            other = with_password.setdefault(person.email, person)
            if other.password != person.password:
                report(
                    person.row,
                    f"{quote(person.email)} has another password in row {other.row:,}. A login has one password.",
                )
    return list(kept.values())
