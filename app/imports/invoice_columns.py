"""Columns of files of invoices, and the values of their types and statuses."""

import re

from app.email_addresses import LONGEST_FIELD
from app.imports.customer_columns import CUSTOMER_NAME, CUSTOMER_NUMBER
from app.imports.mapping import Column

LINE_COLUMNS = (
    Column("description", "Description", ("Item description", "Item name", "Item"), longest=4_000, is_multiline=True),
    Column("quantity", "Quantity", ("Item quantity", "Qty")),
    Column("unit_price", "Unit price", ("Rate", "Item rate", "Price", "UnitAmount", "Item price")),
    Column("line_amount", "Line amount", ("Item amount", "LineAmount", "Line total", "Item total")),
)

LINE_FIELDS = len(LINE_COLUMNS)
LINE_NAMES = {column.field for column in LINE_COLUMNS}
IDENTITY_FIELDS = 4  # type, status, customer and number are the first columns of both layouts

PAYMENT_FIELDS = ("paid_on", "payment_method", "payment_reference")  # rows of one document may name several payments
INVOICE_TYPES = {"", "invoice", "sales invoice", "accrec", "custinvc"}

CREDIT_MEMO = "Credit Memo"  # the type, as files of ours have it
CREDIT_TYPES = {"credit memo", "credit note", "credit", "sales credit note", "accreccredit", "custcred"}

# fmt: off
OTHER_TYPES = {
    "bill", "bill credit note", "accpay", "accpaycredit", "quote", "estimate", "sales order", "sales overpayment",
    "sales prepayment", "payment", "sales receipt", "refund receipt", "journal entry", "deposit", "refund", "expense",
    "check", "charge", "receipt", "payment on account", "discount", "vendor bill", "vendor credit note", "in invoice",
    "in refund", "entry",
}
# fmt: on

DRAFT_STATUSES = {"draft", "submitted", "awaiting approval", "pending approval", "pending", "rejected"}

PAID_STATUSES = {"paid", "paid in full", "fully applied"}

PARTIAL_STATUS = re.compile(r"\W*(?:partial|part(?:ial)?ly[\W_]*paid(?:[\W_]*and[\W_]*discounted)?)\W*", re.IGNORECASE)

UNCLEAR_STATUSES = {"", "closed"}

VOID_STATUSES = {"voided", "void", "deleted", "cancelled", "canceled"}

# fmt: off
VALID_STATUSES = {
    "", "open", "unpaid", "sent", "paid", "overdue", "partially paid", "paid in full", "authorised", "authorized",
    "awaiting payment", "approved", "closed", "fully applied", "viewed",
}
# fmt: on


INVOICE_COLUMNS = (
    Column("type", "Type", ("Transaction type", "Document type"), longest=60),
    Column("status", "Status", ("Invoice status", "Document status"), longest=60),
    CUSTOMER_NUMBER,
    Column(
        "number",
        "Number",
        ("Invoice number", "Document number", "Invoice #", "Invoice no", "Tran ID"),
        required=True,
        longest=120,
    ),
    Column("issued_on", "Date", ("Invoice date", "Tran date", "Date issued", "Document date"), required=True),
    Column("due_on", "Due date", ("Due Date/Receive By", "Due")),
    Column("currency", "Currency", ("Currency code",), longest=60),
    Column("po_number", "PO number", ("PO/Check Number", "Purchase order", "PO #"), longest=120),
    Column("terms", "Terms", ("Payment terms",), longest=120),
    Column("memo", "Memo", ("Message",), longest=4_000, is_multiline=True),
    Column("bill_to", "Bill to", ("Billing address",), longest=1_000, is_multiline=True),
    Column(
        "total", "Total", ("Total amount", "Gross amount", "Amount (Foreign Currency)", "Foreign amount"), required=True
    ),
    Column("tax", "Tax", ("Tax total", "Tax amount", "Sales tax")),
    Column("paid", "Amount paid", ("Paid", "Amount paid amount")),
    Column("credits", "Credits", ("Amount credited", "Credits applied")),
    Column(
        "due",
        "Amount due",
        ("Amount remaining", "Balance", "Balance due", "Open balance", "Outstanding", "Outstanding amount"),
    ),
    CUSTOMER_NAME,
    Column("shipping", "Shipping", ("Shipping amount", "Shipping charge", "Shipping cost")),
    Column("discount", "Invoice discount", ("Entity discount amount", "Discount total", "Total discount")),
    Column("paid_on", "Date paid", ("Payment date", "Last payment date", "Paid on", "Paid date", "Date of payment")),
    Column("payment_method", "Payment method", ("Payment type", "Paid by"), longest=60),
    Column(
        "payment_reference",
        "Payment reference",
        ("Payment ref", "Payment number", "Check number", "Payment ID", "Last payment reference"),
    ),
    Column("internal_id", "Internal ID", ("NetSuite internal ID", "System ID"), longest=120),
    Column("external_id", "External ID", longest=120),
    Column("exchange_rate", "Exchange rate", ("FX rate", "Currency rate", "Conversion rate")),
    *LINE_COLUMNS,
)


INVOICE_HINTS = {
    "customer": "It is the number that the customer has in the customers file.",
    "total": "If the column “Amount” is the total of the document, call it Total; if it is the line's, Line amount.",
}


XERO_COLUMNS = (
    Column("type", "Type", longest=60),
    Column("status", "Status", longest=60),
    Column("customer", "ContactName", required=True, longest=255),
    Column("number", "InvoiceNumber", required=True, longest=255),
    Column("issued_on", "InvoiceDate", required=True),
    Column("due_on", "DueDate", required=True),
    Column("currency", "Currency", longest=60),
    Column("po_number", "Reference", longest=255),
    Column("terms", "Terms", longest=120),
    Column("memo", "Memo", longest=4_000, is_multiline=True),
    Column("bill_to", "Bill to", longest=1_000, is_multiline=True),
    Column("total", "Total", required=True),
    Column("tax", "TaxTotal"),
    Column("paid", "InvoiceAmountPaid"),
    Column("credits", "InvoiceAmountCredited"),
    Column("due", "InvoiceAmountDue", required=True),
    Column("email", "EmailAddress", longest=LONGEST_FIELD, is_multiline=True),
    Column("po1", "POAddressLine1"),
    Column("po2", "POAddressLine2"),
    Column("po3", "POAddressLine3"),
    Column("po4", "POAddressLine4"),
    Column("po_city", "POCity"),
    Column("po_region", "PORegion"),
    Column("po_postal_code", "POPostalCode"),
    Column("po_country", "POCountry"),
    *LINE_COLUMNS,
)


XERO_HINTS = {
    "total": "Use Xero's export of invoices, not its import template, which has no amounts paid and due.",
    "due": "Use Xero's export of invoices, not its import template, which has no amounts paid and due.",
}


XERO_UNUSED = frozenset(
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
