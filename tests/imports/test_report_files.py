"""Reports whose rows are grouped by customer, and more systems' own files: signs, statuses and encodings."""

import pytest

from app.models import Customer, Invoice
from tests.imports.conftest import CASES
from tests.imports.test_systems import US, documents, twice

USD = ("--currency", "USD")
GROUPED = ",Date,Transaction Type,Num,Posting,Amount\n"


@pytest.fixture(autouse=True)
def two(flask_import):
    """Harbour Lamps is C1, and Quarry Kiln Ltd C2."""
    flask_import("customers", CASES / "customers.csv")


def test_quickbooks_transactions_by_customer(flask_import):
    said = twice(flask_import, "invoices", "system-qbo_by_customer.csv", *USD)
    assert documents() == {
        "1051": ("C1", "invoice", "USD", 125000, 0, 125000),
        "1053": ("C1", "credit_memo", "USD", 5000, 0, 5000),
        "1054": ("C1", "invoice", "USD", 3000, 0, 3000),
        "1052": ("C2", "invoice", "USD", 9800, 0, 9800),
    }
    assert "Rows above the headings that were skipped: “Larch Supply Co”, “Transaction List by Customer”" in said
    assert "row 6 (“Harbour Lamps”)" in said and "row 16 (“Total for Quarry Kiln Ltd”)" in said
    assert "“Harbour Lamps:Workshop” to “Harbour Lamps”" in said and "Left out: 1 of type Payment." in said


def test_quickbooks_open_balances_by_customer(flask_import):
    twice(flask_import, "invoices", "system-qbo_open_by_customer.csv", *USD)
    assert documents() == {"1051": ("C1", "invoice", "USD", 125000, 100000, 25000)}


def test_a_group_that_does_not_end_is_refused(flask_import, write):
    rows = "Harbour Lamps,,,,,\n,10/15/2026,Invoice,1,Yes,5.00\nQuarry Kiln Ltd,,,,,\n,10/15/2026,Invoice,2,Yes,5.00\n"
    output = flask_import("invoices", write("q.csv", GROUPED + rows), *USD).output
    assert "Row 3 is below the heading “Harbour Lamps”, and no row “Total for Harbour Lamps” ends that group." in output
    assert documents() == {}


def test_a_customer_whose_name_begins_with_total_is_a_group(flask_import, write):
    Customer.create(number="T", name="Total Wine")
    rows = "Harbour Lamps,,,,,\n,10/15/2026,Invoice,1,Yes,5.00\nTotal for Harbour Lamps,,,,,5.00\n"
    rows += "Total Wine,,,,,\n,10/15/2026,Invoice,2,Yes,5.00\nTotal for Total Wine,,,,,5.00\n"
    flask_import("invoices", write("q.csv", GROUPED + rows), *USD)
    assert {number: each[0] for number, each in documents().items()} == {"1": "C1", "2": "T"}


def test_a_row_outside_the_groups_has_no_customer(flask_import, write):
    rows = "Harbour Lamps,,,,,\n,10/15/2026,Invoice,1,Yes,5.00\nTotal for Harbour Lamps,,,,,5.00\n"
    output = flask_import("invoices", write("q.csv", f"{GROUPED}{rows},10/15/2026,Invoice,2,Yes,5.00\n"), *USD).output
    assert "Row 5, Customer number: is empty. Every document needs a customer." in output and documents() == {}


def test_odoo(flask_import):
    said = twice(flask_import, "invoices", "system-odoo.csv")
    assert documents() == {
        "INV/2026/00031": ("C1", "invoice", "EUR", 125000, 0, 125000),
        "INV/2026/00032": ("C2", "invoice", "EUR", 9800, 9800, 0),
        "INV/2026/00033": ("C1", "invoice", "EUR", 3000, 1800, 1200),
        "RINV/2026/00001": ("C1", "credit_memo", "EUR", 5000, 0, 5000),
    }
    assert "Left out: 1 not approved yet." in said and "Left out: 1 voided." in said


def test_odoos_own_names(flask_import):
    said = twice(flask_import, "invoices", "system-odoo_technical.csv")
    assert documents() == {
        "INV/2026/00031": ("C1", "invoice", "EUR", 125000, 0, 125000),
        "RINV/2026/00001": ("C1", "credit_memo", "EUR", 5000, 5000, 0),
    }
    assert "Left out: 1 of type in_invoice." in said


def test_odoos_amounts_in_the_companys_currency_are_asked_about(flask_import, write):
    head = (
        "Number,Invoice Partner Display Name,Invoice/Bill Date,Total Signed,Amount Due Signed,Currency,Payment Status\n"
    )
    path = write("o.csv", head + "INV1,Harbour Lamps,2026-10-05,5.00,5.00,USD,Not Paid\n")
    assert "“Total Signed” is in your company's currency" in flask_import("invoices", path).output and documents() == {}
    flask_import("invoices", path, "--map", "Currency=", *USD)
    assert documents() == {"INV1": ("C1", "invoice", "USD", 500, 0, 500)}


def test_sage_50(flask_import):
    said = twice(flask_import, "invoices", "system-sage50.csv", "--currency", "GBP")
    assert documents() == {
        "5001": ("C1", "invoice", "GBP", 82800, 0, 82800),
        "5002": ("C2", "invoice", "GBP", 11760, 0, 11760),
        "5003": ("C1", "credit_memo", "GBP", 3000, 0, 3000),
    }
    found = Invoice.get(Invoice.number == "5001")
    assert found.tax_minor == 13800
    assert [(line.description, line.amount_minor) for line in found.lines] == [
        ("Rewiring façade lamps", 65000),
        ("Delivery", 4000),
    ]
    assert "Left out: 1 of type receipt." in said and "Windows-1252" in said


def test_sage_accounting(flask_import):
    said = twice(flask_import, "invoices", "system-sage_accounting.csv")
    assert documents() == {
        "SI-101": ("C1", "invoice", "GBP", 120000, 0, 120000),
        "SI-102": ("C2", "invoice", "GBP", 9800, 9800, 0),
    }
    assert "row 7 (“Total”)" in said


def test_xero_with_the_stars_of_its_template(flask_import):
    twice(flask_import, "invoices", "system-xero.csv")
    assert documents() == {
        "INV-0041": ("C1", "invoice", "EUR", 120000, 0, 120000),
        "CN-0001": ("C2", "credit_memo", "EUR", 5000, 0, 5000),
    }


def test_dates_of_both_orders_and_a_truncated_file(flask_import, write):
    text = (CASES / "system-qbo_by_customer.csv").read_text("utf-8-sig")
    european = (
        text.replace("10/15/", "15/10/")
        .replace("10/16/", "16/10/")
        .replace("10/19/", "19/10/")
        .replace("10/20/", "20/10/")
    )
    flask_import("invoices", write("q.csv", european), *USD)
    assert str(Invoice.get(Invoice.number == "1051").issued_on) == "2026-10-15"
    output = flask_import("invoices", write("t.csv", text[: text.index("Total for Quarry")]), *USD, *US).output
    assert "no row “Total for Quarry Kiln Ltd” ends that group" in output


def test_hostile_cells_of_a_report_are_text_or_refused(flask_import, write):
    text = (CASES / "system-qbo_by_customer.csv").read_text("utf-8-sig")
    flask_import("invoices", write("q.csv", text.replace("Ten table lamps", '"=HYPERLINK(""http://x"")"')), *USD)
    assert Invoice.get(Invoice.number == "1051").memo == '=HYPERLINK("http://x")'
    output = flask_import("invoices", write("n.csv", text.replace("Kiln door", "Kiln\x00door")), *USD).output
    assert "Memo/Description: contains a character that can't be read." in output
