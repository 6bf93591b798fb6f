"""Customers' email addresses in a file. A customer has one address, and no two customers have the same."""

import shlex

from app.email_addresses import read_addresses
from app.imports.customer_names import plain_name
from app.imports.parsing import Values
from app.imports.report import Question, quote

MAX_NAMED = 20


class EmailCells:
    """Reads email cells. `notes()` says which cells had more than one address, and how many said that there is none."""

    def __init__(self):
        self.further: list[str] = []
        self.several = self.placeholders = 0

    def read(self, text: str, values: Values, column: str, customer: str) -> str:
        """The customer's address; "" if there is none, or if it can't be read, which is reported."""
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
            if self.several <= MAX_NAMED:
                self.further.append(f"row {row:,} ({quote(customer)[1:-1]}) {', '.join(found[1:])}")
        return found[0] if found else ""

    def notes(self) -> list[str]:
        notes = []
        if self.several:
            more = f"; and {self.several - MAX_NAMED:,} more" if self.several > MAX_NAMED else ""
            notes.append(
                f"Rows with several email addresses: {self.several:,}. The first is the customer's. Give the "
                f"others access on the customer's record: {'; '.join(self.further)}{more}."
            )
        if self.placeholders:
            notes.append(f"Emails like “n/a”, which were left empty: {self.placeholders:,}.")
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
