"""Files of other systems as they export them, recognized by their headings, and their words in ours."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from app.imports.columns import Mapping, Rows, Table, key
from app.imports.invoice_columns import DRAFT_STATUSES, VALID_STATUSES, VOID_STATUSES
from app.imports.parsing import plain
from app.imports.report import FileProblem, Problems

OPEN, PAID, DRAFT, VOIDED = "Open", "Paid", "Draft", "Voided"
# fmt: off
OPEN_STATUSES = (
    "open", "unpaid", "sent", "viewed", "overdue", "pastdue", "unsent", "uncollectible", "awaitingpayment",
    "authorised", "authorized", "approved", "issued", "outstanding", "due", "return", "creditnoteissued",
    "overdueanddiscounted", "unpaidanddiscounted", "disputed", "emailed", "notpaid", "delivered", "printed",
    "unapplied", "posted", "blocked",
)
# fmt: on
STATUSES = {
    **dict.fromkeys(OPEN_STATUSES, OPEN),
    **dict.fromkeys(
        ("paid", "paidinfull", "fullypaid", "fullyapplied", "autopaid", "settled", "inpayment", "reversed"), PAID
    ),
    **dict.fromkeys(("draft", "pendingapproval", "pending", "saved", "unapproved"), DRAFT),
    **dict.fromkeys(("void", "voided", "cancelled", "canceled", "cancel", "deleted"), VOIDED),
}
KNOWN_STATUSES = VALID_STATUSES | DRAFT_STATUSES | VOID_STATUSES
# Customers can see and pay these here; the company may not want that.
REMARKABLE = {"unsent", "uncollectible"}
CREDIT = "Credit Memo"
IS_RETURN = {"1": CREDIT, "yes": CREDIT, "true": CREDIT, "0": "Invoice", "no": "Invoice", "false": "Invoice"}
IS_NEGATIVE = re.compile(r"\s*[(\u2212-]|\W?-|.*\d[-\u2212]$")
MOST_LINES = 10_000


def status_of(text: str) -> tuple[str, str]:
    # "Invoice : Open" is Open; an unknown text stays as it is.
    word = re.sub(r"[\W_]", "", text.rpartition(":")[2].casefold())
    return STATUSES.get(word, text), word


def with_our_statuses(table: Table, rows: Rows, _problems: Problems) -> Rows:
    if not table.has("status"):
        return rows
    return (
        (row, cells if cells.status.casefold() in KNOWN_STATUSES else cells._replace(status=status_of(cells.status)[0]))
        for row, cells in rows
    )


def translate_documents(table: Table, rows: Rows, _problems: Problems) -> Rows:
    # What is negative is a credit memo.
    for row, cells in rows:
        status, word = status_of(cells.status)
        if word in REMARKABLE and cells.number:
            table.remarks[cells.status] += 1
        kind, is_negative = IS_RETURN.get(cells.type.casefold(), cells.type), IS_NEGATIVE.match(cells.total)
        if word == "return" or (not kind and is_negative):
            kind = CREDIT
        cells = cells._replace(type=kind, status=status)
        if is_negative:  # NetSuite writes what is left of a negative total as a positive amount
            cells = cells._replace(paid=negative(cells.paid), due=negative(cells.due))
        yield row, cells


def negative(text: str) -> str:
    return f"-{text}" if re.search("[1-9]", text) and not IS_NEGATIVE.match(text) else text


def translate_freshbooks(table: Table, rows: Rows, problems: Problems) -> Rows:
    # FreshBooks has no totals: they are the sum of the lines, and what goes beyond their subtotals is tax.
    for _key, group in groupby(rows, lambda pair: (pair[1].number, pair[1].customer_name)):
        lines = list(limited(group))
        total, subtotal = sum_of([cells.total for _, cells in lines]), sum_of([cells.line_amount for _, cells in lines])
        if total is not None and subtotal is not None:
            tax = str(total - subtotal)
            lines = [(row, cells._replace(total=str(total), tax=tax)) for row, cells in lines]
        yield from translate_documents(table, iter(lines), problems)


ODOO_TYPES = {
    "customer invoice": "Invoice",
    "customer credit note": CREDIT,
    "out_invoice": "Invoice",
    "out_refund": CREDIT,
}


def translate_odoo(table: Table, rows: Rows, problems: Problems) -> Rows:
    # It has two statuses, "Draft: Not Paid"; and amounts in the company's currency beside that of the document.
    if table.has("currency") and key(table.title("total")) == "totalsigned":
        raise FileProblem(
            f"“{table.title('total')}” is in your company's currency, and “{table.title('currency')}” is that of the "
            "document. Export “Total in Currency Signed” and “Amount Due” too; or, if all documents are in one "
            f'currency, leave it out: --map "{table.title("currency")}="'
        )

    def translated() -> Rows:
        for row, cells in rows:
            statuses = [status_of(text)[0] for text in cells.status.split(": ")]
            status = next((each for each in statuses if each in (DRAFT, VOIDED)), statuses[-1])
            yield row, cells._replace(status=status, type=ODOO_TYPES.get(cells.type.casefold(), cells.type))

    return translate_documents(table, translated(), problems)


SAGE_TYPES = {"si": "Invoice", "sc": CREDIT}
SAGE_OTHERS = {"sr": "receipt", "sa": "payment on account", "sd": "discount", "sp": "refund"}


def translate_sage(table: Table, rows: Rows, _problems: Problems) -> Rows:
    # A row for each nominal account, without a total: that is the sum of net and tax.
    for _key, group in groupby(rows, lambda pair: (pair[1].type, pair[1].customer, pair[1].number)):
        lines = list(limited(group))
        kind = lines[0][1].type
        tax, net = (sum_of([getattr(cells, name) for _, cells in lines]) for name in ("tax", "line_amount"))
        kind = SAGE_TYPES.get(kind.casefold()) or SAGE_OTHERS.get(kind.casefold(), kind)
        for row, cells in lines:
            if tax is not None and net is not None:
                cells = cells._replace(total=str(net + tax), tax=str(tax))
            yield row, cells._replace(type=kind)


def limited(group: Rows) -> Rows:
    for count, pair in enumerate(group):
        if count >= MOST_LINES:
            raise FileProblem(f"Row {pair[0]:,}: the invoice has more than {MOST_LINES:,} lines.")
        yield pair


def sum_of(texts: list[str]) -> Decimal | None:
    # The reader of documents reports what is no plain amount.
    found = Decimal(0)
    for text in texts:
        digits = plain(text.lstrip("-"), None) if text else "0"
        if digits is None or len(digits) > 30:
            return None
        found += Decimal(digits) * (-1 if text.startswith("-") else 1)
    return found


Headings = str | tuple[str, ...]
ADDRESS = ("street", "street2", "city", "region", "postal_code", "country")


@dataclass(frozen=True)
class System:
    """A file of another system. The headings of `signature` tell it; `fields` says which of its headings hold which
    of our fields, as far as the file has them, with a tuple for texts that are joined.

    `ids_are_foreign` means that its customer ids may be unknown here, so that the customer's name decides. With
    `number_in_name` the number is the first word of the name. `refused` says why its file can't be imported. Where
    its rows are grouped, the headings of groups are the `group_field`.
    """

    name: str
    signature: tuple[str, ...]
    fields: dict[str, Headings] = field(default_factory=dict)
    translate: Callable | None = None
    ids_are_foreign: bool = False
    number_in_name: bool = False
    refused: str = ""
    group_field: str = ""

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
    """The system whose signature `header` has, the most telling one first. Raises FileProblem for one whose files
    can't be imported."""
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
        {"number": "ID", "name": "Name", "email": "Email", "phone": "Phone", "address": "Address"},
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
                    ADDRESS,
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
                    ADDRESS,
                    ("address_line_1", "address_line_2", "city", "province/state", "postal_code/zip_code", "country"),
                    strict=True,
                )
            ),
        },
    ),
)
NETSUITE: dict[str, Headings] = {
    "type": "Type",
    "status": "Status",
    "customer_name": "Name",
    "number": "Document Number",
    "issued_on": "Date",
    "due_on": "Due Date/Receive By",
    "currency": "Currency",
    "po_number": "PO/Check Number",
    "terms": "Terms",
    "memo": "Memo",
}
QUICKBOOKS: dict[str, Headings] = {
    "type": "Transaction Type",
    "customer_name": "Name",
    "number": "Num",
    "issued_on": ("Date", "Transaction date"),
    "due_on": "Due Date",
    "currency": "Currency",
    "terms": "Terms",
    "memo": ("Memo/Description", "Memo"),
}
QUICKBOOKS_LIST = QUICKBOOKS | {"total": "Amount", "due": "Open Balance", "exchange_rate": "Exchange Rate"}
ODOO: dict[str, Headings] = {
    "type": "Type",
    "status": ("Status", "Payment Status"),
    "customer_name": "Invoice Partner Display Name",
    "number": "Number",
    "issued_on": "Invoice/Bill Date",
    "due_on": "Due Date",
    "currency": "Currency",
    "po_number": "Reference",
    "terms": "Payment Terms",
    "tax": "Tax",
}
DOCUMENTS = (
    WAVE_LEDGER,
    System(
        "NetSuite",
        ("Internal ID", "Document Number", "Name", "Amount (Foreign Currency)", "Amount Remaining (Foreign Currency)"),
        NETSUITE
        | {
            "total": "Amount (Foreign Currency)",
            "paid": "Amount Paid (Foreign Currency)",
            "due": "Amount Remaining (Foreign Currency)",
        },
        translate_documents,
        ids_are_foreign=True,
        number_in_name=True,
    ),
    System(
        "QuickBooks",
        ("Transaction Type", "Num", "Name", "Amount", "Open Balance"),
        QUICKBOOKS_LIST,
        translate_documents,
    ),
    *(
        System("QuickBooks", signature, QUICKBOOKS_LIST, translate_documents, group_field="customer_name")
        for signature in (
            ("Transaction Type", "Num", "Posting", "Amount"),
            ("Transaction Type", "Num", "Posting (Y/N)", "Amount"),
            ("Transaction Type", "Num", "Amount", "Open Balance"),
        )
    ),
    System(
        "QuickBooks",
        ("Transaction Type", "Num", "Name", "Foreign Amount", "Foreign Open Balance", "Currency"),
        QUICKBOOKS
        | {
            "total": "Foreign Amount",
            "due": "Foreign Open Balance",
        },
        translate_documents,
    ),
    System(
        "Zoho",
        ("Invoice ID", "Invoice Number", "Invoice Status", "Customer ID", "Customer Name", "Balance"),
        {
            "status": "Invoice Status",
            "customer": "Customer ID",
            "customer_name": "Customer Name",
            "number": "Invoice Number",
            "issued_on": "Invoice Date",
            "due_on": "Due Date",
            "currency": "Currency Code",
            "po_number": "PurchaseOrder",
            "terms": "Payment Terms Label",
            "memo": "Notes",
            "total": "Total",
            "due": "Balance",
            "paid_on": "Last Payment Date",
            "shipping": "Shipping Charge",
            "discount": "Entity Discount Amount",
            "description": ("Item Name", "Item Desc"),
            "quantity": "Quantity",
            "unit_price": "Item Price",
            "line_amount": "Item Total",
        },
        translate_documents,
        ids_are_foreign=True,
    ),
    System(
        "FreshBooks",
        ("Client Name", "Invoice #", "Date Issued", "Invoice Status", "Line Subtotal", "Line Total"),
        {
            "status": "Invoice Status",
            "customer_name": "Client Name",
            "number": "Invoice #",
            "issued_on": "Date Issued",
            "due_on": "Due Date",
            "currency": "Currency",
            "due": "Amount due",
            "paid_on": "Date Paid",
            "total": "Line Total",
            "tax": "Tax 1 Amount",
            "description": ("Item Name", "Item Description"),
            "quantity": "Quantity",
            "unit_price": "Rate",
            "line_amount": "Line Subtotal",
        },
        translate_freshbooks,
    ),
    System(
        "ERPNext",
        ("ID", "Customer", "Grand Total", "Outstanding Amount", "Payment Due Date"),
        {
            "type": "Is Return (Credit Note)",
            "status": "Status",
            "customer": "Customer",
            "customer_name": "Customer Name",
            "number": "ID",
            "issued_on": "Date",
            "due_on": "Payment Due Date",
            "currency": "Currency",
            "total": "Grand Total",
            "due": "Outstanding Amount",
        },
        translate_documents,
        ids_are_foreign=True,
    ),
    System(
        "Invoice2go",
        ("DocumentDate", "DocumentNumber", "DocumentStatus", "TotalAmount", "BalanceDueAmount"),
        {
            "status": "DocumentStatus",
            "customer_name": "Name",
            "number": "DocumentNumber",
            "issued_on": "DocumentDate",
            "due_on": "DueDate",
            "currency": "CurrencyCode",
            "memo": "Comment",
            "total": "TotalAmount",
            "tax": "TotalTaxAmount",
            "paid": "AmountPaidAmount",
            "due": "BalanceDueAmount",
        },
        translate_documents,
    ),
    System(
        "Stripe",
        ("id", "Amount Due", "Amount Remaining", "Customer", "Date (UTC)", "Number"),
        {
            "status": "Status",
            "customer": "Customer",
            "customer_name": "Customer Name",
            "number": "Number",
            "issued_on": "Date (UTC)",
            "due_on": "Due Date (UTC)",
            "currency": "Currency",
            "total": "Total",
            "tax": "Tax",
            "paid": "Amount Paid",
            "due": "Amount Remaining",
        },
        translate_documents,
        ids_are_foreign=True,
    ),
    System(
        "Odoo",
        ("Number", "Invoice Partner Display Name", "Invoice/Bill Date", "Total in Currency Signed"),
        ODOO | {"total": "Total in Currency Signed", "due": "Amount Due"},
        translate_odoo,
    ),
    System(
        "Odoo",
        ("Number", "Invoice Partner Display Name", "Invoice/Bill Date", "Total Signed"),
        ODOO | {"total": "Total Signed", "due": "Amount Due Signed"},
        translate_odoo,
    ),
    System(
        "Odoo",
        ("name", "invoice_partner_display_name", "invoice_date", "amount_total"),
        {
            "type": "move_type",
            "status": ("state", "payment_state"),
            "customer_name": "invoice_partner_display_name",
            "number": "name",
            "issued_on": "invoice_date",
            "due_on": "invoice_date_due",
            "currency": "currency_id",
            "po_number": "ref",
            "terms": "invoice_payment_term_id",
            "total": "amount_total",
            "tax": "amount_tax",
            "due": "amount_residual",
        },
        translate_odoo,
    ),
    System(
        "Sage 50",
        ("Type", "Account Reference", "Reference", "Net Amount", "Tax Amount"),
        {
            "type": "Type",
            "customer": "Account Reference",
            "number": "Reference",
            "issued_on": "Date",
            "due_on": "Due Date",
            "currency": "Currency",
            "total": "Net Amount",
            "tax": "Tax Amount",
            "description": "Details",
            "line_amount": "Net Amount",
        },
        translate_sage,
    ),
    System(
        "e-invoices (UBL or Factur-X)",
        ("E-invoice type", "E-invoice number", "Buyer ID", "Buyer name"),
        {
            "type": "E-invoice type",
            "number": "E-invoice number",
            "customer": "Buyer ID",
            "customer_name": "Buyer name",
            "issued_on": "Date",
            "due_on": "Due date",
            "currency": "Currency",
            "po_number": "PO number",
            "terms": "Terms",
            "memo": "Memo",
            "bill_to": "Bill to",
            "total": "Total",
            "tax": "Tax",
            "paid": "Amount paid",
            "description": "Description",
            "quantity": "Quantity",
            "unit_price": "Unit price",
            "line_amount": "Line amount",
        },
        translate_documents,
        ids_are_foreign=True,
    ),
    System("PDF files", ("PDF file", "Document number"), {"number": "Document number"}),
)
