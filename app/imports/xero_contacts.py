"""Customers of Xero's export, which has contacts without numbers."""

from typing import Any

from app.email_addresses import read_addresses
from app.imports.customer_columns import postal_address
from app.imports.customer_emails import EmailCells
from app.imports.customer_names import by_plain_name, plain_name
from app.imports.customer_upsert import CustomerUpsert, Details
from app.imports.parsing import Values
from app.imports.report import quote
from app.imports.table import Table
from app.models import Customer


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
        """(id, number) of a row's customer, without an id if it will be created. None if it wasn't found, which has
        been reported."""
        name, row = cells.customer, self.values.row
        if customer := self.known.get(name):
            return customer
        if not name:
            self.values.report(self.table.title("customer"), "is empty. Every document needs a contact.")
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
        """(row, name, email, name and number of another customer with that email) of new contacts. The other
        customer's contact is not in the file."""
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
