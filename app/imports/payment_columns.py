"""Columns of a file of payments received, and the names of payment methods."""

from app.imports.customer_columns import CUSTOMER_NAME, CUSTOMER_NUMBER
from app.imports.mapping import Column
from app.models import ReceivedPayment

PAYMENT_COLUMNS = (
    Column(
        "received_on",
        "Date received",
        ("Payment date", "Date paid", "Received on", "Date of payment", "Date"),
        required=True,
    ),
    Column("method", "Method", ("Payment method", "Payment type", "Paid by"), longest=60),
    Column(
        "reference",
        "Reference",
        ("Payment reference", "Payment ref", "Payment number", "Check number", "PO/Check Number", "Ref no"),
        longest=100,
    ),
    CUSTOMER_NUMBER,
    CUSTOMER_NAME,
    Column(
        "number",
        "Invoice number",
        ("Invoice", "Invoice #", "Invoice no", "Applied to", "Document number", "Number"),
        required=True,
        longest=120,
    ),
    Column("currency", "Currency", ("Currency code",), longest=60),
    Column(
        "amount",
        "Amount",
        ("Amount received", "Amount paid", "Payment amount", "Amount applied", "Payment"),
        required=True,
    ),
)
METHODS = {
    **dict.fromkeys(("check", "cheque"), ReceivedPayment.CHECK),
    **dict.fromkeys(
        ("bank transfer", "transfer", "wire", "wire transfer", "ach", "eft", "bacs", "sepa", "direct debit"),
        ReceivedPayment.TRANSFER,
    ),
    "cash": ReceivedPayment.CASH,
    **dict.fromkeys(("", "other", "card", "credit card"), ReceivedPayment.OTHER),
}
