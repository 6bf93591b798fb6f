"""Example files with our headings and two rows."""

from app.csv_export import csv_row
from app.imports.survey import CUSTOMERS, INVOICES, PAYMENTS

EXAMPLES = {
    CUSTOMERS: (
        (
            *("Customer number", "Name", "Email", "Phone", "Address", "Locale", "Tax number"),
            *("Internal ID", "External ID"),
            *("Person name", "Person email", "Give Access", "Role", "Send New Access Notification Email"),
            *("Manually Assign or Change Password", "Password", "Confirm Password"),
        ),
        (
            *("C-1001", "Northwind Cafe", "accounts@northwind.example", "555 0100", "1 Quay Street, Portland", "en_US"),
            *("", "", "", "Ada Wick", "ada@northwind.example", "Yes", "Customer Center", "Yes", "", "", ""),
        ),
        (
            *("C-1002", "Lindenhof GmbH", "buchhaltung@lindenhof.example", "", "Am Markt 2, 04109 Leipzig", "de_DE"),
            *("DE123456789", "", "", "", "", "", "", "", "", "", ""),
        ),
    ),
    INVOICES: (
        (
            *("Type", "Status", "Customer number", "Number", "Date", "Due date", "Currency", "Total", "Tax"),
            *("Amount due", "PO number", "Terms", "Memo", "Description", "Quantity", "Unit price", "Line amount"),
            *("Amount paid", "Date paid", "Payment method", "Payment reference", "Internal ID", "External ID"),
        ),
        (
            *("Invoice", "Open", "C-1001", "INV-1", "2026-11-03", "2026-12-03", "USD", "108.00", "8.00", "108.00"),
            *("PO-7", "Net 30", "", "Coffee, 1 kg", "5", "20.00", "100.00", "", "", "", "", "", ""),
        ),
        (
            *("Credit Memo", "Open", "C-1002", "CM-1", "2026-11-05", "", "EUR", "50.00", "", "50.00"),
            *("", "", "Returned goods", "Tea, 1 kg", "2", "25.00", "50.00", "", "", "", "", "", ""),
        ),
    ),
    PAYMENTS: (
        ("Date received", "Method", "Reference", "Customer number", "Invoice number", "Currency", "Amount"),
        ("2026-11-20", "Check", "CHK-1041", "C-1001", "INV-1", "USD", "58.00"),
        ("2026-11-21", "Bank transfer", "TRF-88", "C-1001", "INV-1", "USD", "50.00"),
    ),
}


def example_file(kind: str) -> str:
    return "\ufeff" + "".join(map(csv_row, EXAMPLES[kind]))
