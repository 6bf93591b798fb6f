"""Exports of other systems, recognized by their headings; and formats of their customer files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.imports.mapping import Mapping, key
from app.imports.report import FileProblem

Headings = str | tuple[str, ...]
ADDRESS_FIELDS = ("street", "street2", "city", "region", "postal_code", "country")


@dataclass(frozen=True)
class System:
    """A file format of another system. It is recognized by the headings in `signature`. `fields` maps our fields to its
    headings, as far as the file has them; the texts of a tuple are joined.

    `ids_are_foreign`: its customer ids may be unknown here; then the customer's name decides. `number_in_name`: the
    number is the first word of the name. `refused` says why its file can't be imported. If its rows are grouped, the
    group headings hold the `group_field`.
    """

    name: str
    signature: tuple[str, ...]
    fields: dict[str, Headings] = field(default_factory=dict)
    translate: Callable | None = None
    ids_are_foreign: bool = False
    number_in_name: bool = False
    refused: str = ""
    group_field: str = ""
    what: str = "an export"

    def mapping(self, header: list[str]) -> Mapping:
        there = set(map(key, header))
        fields = {}
        for name, headings in self.fields.items():
            wanted = (headings,) if isinstance(headings, str) else headings
            if found := tuple(heading for heading in wanted if key(heading) in there):
                fields[name] = found
        optional = frozenset({"due_on", "currency"} | ({"number"} if "number" not in fields else set()))
        group_field = self.group_field if self.group_field not in fields else ""
        optional |= {"customer"} if group_field else set()
        return Mapping(fields, (), optional, is_complete=True, translate=self.translate, group_field=group_field)


def recognized(header: list[str], systems: Sequence[System]) -> System | None:
    """The system whose signature is in `header`, the most specific one first. Raises FileProblem if its files can't
    be imported."""
    there = set(map(key, header))
    fitting = [system for system in systems if all(key(heading) in there for heading in system.signature)]
    found = max(fitting, key=lambda system: len(system.signature), default=None)
    if found and found.refused:
        raise FileProblem(found.refused)
    return found


def headings(systems: Sequence[System]) -> tuple[str, ...]:
    return tuple(heading for system in systems for heading in system.signature)


WAVE_LEDGER = System(
    "Wave",
    ("Transaction ID", "Account Name", "Debit Amount (Two Column Approach)"),
    refused="This is Wave's export of accounting transactions. It has the entries of the ledger, but not when invoices "
    "are due and what of them is open, so it can't be imported. Make a file with one row for each invoice, and "
    "the columns Customer number, Number, Date, Due date, Currency, Total and Amount due.",
)
CUSTOMERS = (
    WAVE_LEDGER,
    System(
        "NetSuite",
        ("Internal ID", "ID", "Name", "Primary Contact"),
        {
            "number": "ID",
            "name": "Name",
            "email": "Email",
            "phone": "Phone",
            "address": "Address",
            "internal_id": "Internal ID",
        },
    ),
    System(
        "QuickBooks",
        ("Customer full name", "Phone numbers", "Email"),
        {"name": "Customer full name", "email": "Email", "phone": "Phone numbers", "address": "Bill address"},
    ),
    System(
        "QuickBooks",
        ("Customer", "Phone Numbers", "Full Name", "Billing Address"),
        {"name": "Customer", "email": "Email", "phone": "Phone Numbers", "address": "Billing Address"},
    ),
    System(
        "Zoho",
        ("Display Name", "EmailID", "Customer ID", "Contact Type"),
        {
            "number": "Customer ID",
            "name": "Display Name",
            "email": "EmailID",
            "phone": "Phone",
            "kind": "Contact Type",
            "first_name": "First Name",
            "last_name": "Last Name",
            **dict(
                zip(
                    ADDRESS_FIELDS,
                    (
                        "Billing Address",
                        "Billing Street2",
                        "Billing City",
                        "Billing State",
                        "Billing Code",
                        "Billing Country",
                    ),
                    strict=True,
                )
            ),
        },
    ),
    System(
        "FreshBooks",
        ("Organization", "First Name", "Last Name", "Province/State"),
        {
            "name": "Organization",
            "email": "Email",
            "phone": "Phone",
            "first_name": "First Name",
            "last_name": "Last Name",
            "street": "Street",
            "city": "City",
            "region": "Province/State",
            "postal_code": "Postal Code",
            "country": "Country",
        },
    ),
    System(
        "Wave",
        ("customer_name", "contact_first_name", "account_number"),
        {
            "number": "account_number",
            "name": "customer_name",
            "email": "email",
            "phone": "phone",
            "first_name": "contact_first_name",
            "last_name": "contact_last_name",
            **dict(
                zip(
                    ADDRESS_FIELDS,
                    ("address_line_1", "address_line_2", "city", "province/state", "postal_code/zip_code", "country"),
                    strict=True,
                )
            ),
        },
    ),
)
