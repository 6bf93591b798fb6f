"""Xero's invoice export as it is: its header row, its contacts, its addresses."""

from app.email_addresses import LONGEST_FIELD, read_addresses
from app.imports.customer_upsert import CustomerIntake
from app.imports.customers import known_email, postal_address
from app.imports.documents import LINE, DocumentReader
from app.imports.emails import EmailCells
from app.imports.header import Column
from app.imports.identity import Answers
from app.imports.names import by_plain_name, plain_name
from app.imports.problems import Problems
from app.imports.values import shown
from app.models import Customer

COLUMNS = (
    Column("type", "Type", longest=60),
    Column("status", "Status", longest=60),
    Column("customer", "ContactName", required=True, longest=255),
    Column("number", "InvoiceNumber", required=True, longest=255),
    Column("issued_on", "InvoiceDate", required=True),
    Column("due_on", "DueDate", required=True),
    Column("currency", "Currency", longest=60),
    Column("po_number", "Reference", longest=255),
    Column("terms", "Terms", longest=120),
    Column("memo", "Memo", longest=4_000),
    Column("bill_to", "Bill to", longest=1_000),
    Column("total", "Total", required=True),
    Column("tax", "TaxTotal"),
    Column("paid", "InvoiceAmountPaid"),
    Column("credits", "InvoiceAmountCredited"),
    Column("due", "InvoiceAmountDue", required=True),
    Column("email", "EmailAddress", longest=LONGEST_FIELD),
    Column("po1", "POAddressLine1"),
    Column("po2", "POAddressLine2"),
    Column("po3", "POAddressLine3"),
    Column("po4", "POAddressLine4"),
    Column("po_city", "POCity"),
    Column("po_region", "PORegion"),
    Column("po_postal_code", "POPostalCode"),
    Column("po_country", "POCountry"),
    *LINE,
)
HINTS = {
    "total": "Use Xero's export of invoices, not its import template, which has no amounts paid and due.",
    "due": "Use Xero's export of invoices, not its import template, which has no amounts paid and due.",
}
USUAL = frozenset(
    (  # what Xero always writes and this portal does not need
        *(f"saaddressline{n}" for n in range(1, 5)),
        "sacity",
        "saregion",
        "sapostalcode",
        "sacountry",
        "planneddate",
        "inventoryitemcode",
        "discount",
        "accountcode",
        "taxtype",
        "taxamount",
        "trackingname1",
        "trackingoption1",
        "trackingname2",
        "trackingoption2",
        "sent",
    )
)
EMAIL, PO = 16, slice(17, 25)


class Contacts:
    """Which customer a contact is.

    Xero's export has no customer numbers, and a contact's name is unique in Xero. So a contact is the
    customer whose number is that name, or else the one customer with that name. If there is none, the
    customer is made, and the name becomes its number. Details of known customers are left alone.
    Names are the same whatever their capitals, their spaces and how their accents are composed.
    """

    def __init__(self):
        self.by_number = by_plain_name((number, [id_]) for number, id_ in Customer.ids_by_number().items())
        self.by_name = by_plain_name(Customer.ids_by_name().items())
        self.intake = CustomerIntake(())
        self.known: dict[str, tuple] = {}
        self.emails, self.without_email = EmailCells(), []
        self.new: list[tuple[int, str, str]] = []  # (row, name, email)
        self.seen: set[int] = set()

    def find(self, reader: DocumentReader, cells: tuple[str, ...], void: bool):
        name, title = cells[2], reader.title["customer"]
        if found := self.known.get(name):
            return found
        if not name:
            reader.values.complain(title, "is empty. Every document has its contact.")
            return None
        plain = plain_name(name)
        ids = self.by_number.get(plain) or self.by_name.get(plain, [])
        if len(ids) > 1:
            reader.values.complain(
                title, f"{len(ids)} customers are called {shown(name)}: give one of them another name."
            )
            return None
        if not ids and not void and plain not in self.known:
            self.known[plain] = (None, name)
            email = self.email(name, cells, reader.values.row)
            self.intake.add(reader.values.row, name, (name, email, "", bill_to(cells), ""))
            self.new += [(reader.values.row, name, email)] if email else []
        self.seen.update(ids)
        found = (ids[0], name) if ids else self.known.get(plain, (None, name))
        if ids or not void:
            self.known[name] = found
        return found

    def email(self, name: str, cells: tuple[str, ...], row: int) -> str:
        """The contact's email, or "" when it is not one."""
        addresses = read_addresses(cells[EMAIL])
        if addresses.unreadable:
            self.without_email.append(name)
            return ""
        return self.emails.first(addresses.found, cells[EMAIL], row, name)

    def ask_about_emails(self, problems: Problems, title: str, answers: Answers) -> None:
        """Add a problem for every new contact with the email of a customer whose contact is not in the file."""
        if not self.new or answers.all_new:
            return
        emails = {email for _row, _name, email in self.new}
        known = {
            email: (name, number)
            for id_, name, number, email in Customer.with_emails()
            if email in emails and id_ not in self.seen
        }
        for row, name, email in self.new:
            if email in known and name not in answers.new:
                problems.add(row, title, known_email(name, name, email, *known[email]))

    def make(self) -> list[str]:
        """Make the customers that are missing, in the caller's transaction; their names."""
        self.intake.finish()
        return self.intake.make_missing()


def bill_to(cells: tuple[str, ...]) -> str:
    """The postal address of a row as lines."""
    one, two, three, four, city, region, postal_code, country = cells[PO]
    street = "\n".join(filter(None, (one, two, three, four)))
    return postal_address(street, "", city, region, postal_code, country)
