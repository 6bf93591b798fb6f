"""Names of the kinds of documents."""

from app.models import Invoice

TITLES = {Invoice.INVOICE: "Invoice", Invoice.CREDIT_MEMO: "Credit memo"}
