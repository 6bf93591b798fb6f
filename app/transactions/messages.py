"""What documents are called."""

from app.models import Invoice

TITLES = {Invoice.INVOICE: "Invoice", Invoice.CREDIT_MEMO: "Credit memo"}
