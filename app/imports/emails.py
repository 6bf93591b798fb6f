"""Email cells of a file: the first address is the customer's, and the report names what was left out."""

from app.email_addresses import read_addresses
from app.imports.values import Values, shown

NAMED = 20


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
            part = f": {shown(addresses.unreadable)}" if addresses.unreadable != text else ""
            values.complain(
                column,
                f"{shown(text)} is not an email address{part}. Write it like name@example.com; "
                "several with a semicolon between them.",
            )
            return ""
        return self.first(addresses.found, text, values.row, customer)

    def first(self, found: list[str], text: str, row: int, customer: str) -> str:
        self.placeholders += bool(text) and not found
        if len(found) > 1:
            self.several += 1
            if self.several <= NAMED:
                self.further.append(f"row {row:,} ({shown(customer)[1:-1]}) {', '.join(found[1:])}")
        return found[0] if found else ""

    def notes(self) -> list[str]:
        notes = []
        if self.several:
            more = f"; and {self.several - NAMED:,} more" if self.several > NAMED else ""
            notes.append(
                f"Rows with several email addresses: {self.several:,}. The first is the customer's. Give the "
                f"others access on the customer's record: {'; '.join(self.further)}{more}."
            )
        if self.placeholders:
            notes.append(f"Emails that say there is none, like “n/a”, and were left empty: {self.placeholders:,}.")
        return notes
