"""Files of other systems as they export them."""

import pytest

from app.models import Company, Customer, Invoice
from tests.imports.conftest import CASES

pytestmark = pytest.mark.once  # what is written of them is the same SQL


US = ("--date-format", "mm/dd/yyyy")


@pytest.fixture
def two(flask_import):
    """Harbour Lamps is C1, and Quarry Kiln Ltd C2."""
    flask_import("customers", CASES / "customers.csv")


def customers():
    return {c.number: (c.name, c.email) for c in Customer.select()}


def documents():
    """{number: (customer's number, kind, currency, total, paid elsewhere, open)}"""
    return {
        d.number: (d.customer.number, d.kind, d.currency, d.total_minor, d.paid_elsewhere_minor, d.open_minor)
        for d in Invoice.select()
    }


def twice(flask_import, what, name, *options):
    """The output of the first import, after a second one that changes nothing."""
    result = flask_import(what, CASES / name, *options)
    assert result.exit_code == 0, result.output
    assert ": 0 new, 0 changed" in flask_import(what, CASES / name, *options).output
    return result.output


def test_netsuite_customers(flask_import):
    said = twice(flask_import, "customers", "system-netsuite_customers.csv")
    assert customers() == {
        "CUST0042": ("Harbour Lamps", "ada@harbourlamps.example"),
        "CUST0043": ("Quarry Kiln Ltd", "ben@quarrykiln.example"),
    }
    assert Customer.by_number("CUST0042").address == "12 Quay St\nHalifax NS"
    assert "Read as an export of NetSuite." in said and "Columns that were not used: Office Phone" in said


@pytest.mark.parametrize("first", ["customers.csv", "system-netsuite_customers.csv"])
def test_netsuite_saved_search(flask_import, first):
    flask_import("customers", CASES / first)
    lamps, kiln = ("C1", "C2") if first == "customers.csv" else ("CUST0042", "CUST0043")
    assert "--date-format" in flask_import("invoices", CASES / "system-netsuite_search.csv").output
    said = twice(flask_import, "invoices", "system-netsuite_search.csv", *US)
    assert documents() == {
        "INV3301": (lamps, "invoice", "USD", 125000, 0, 125000),
        "INV3302": (kiln, "invoice", "USD", 9800, 9800, 0),
        "CM220": (lamps, "credit_memo", "USD", 5000, 0, 5000),
        "INV3303": (lamps, "invoice", "USD", 1000, 0, 1000),
    }
    assert "left out: row 6 (“Overall Total”)" in said and "Harbour Lamps : Workshop” to “" in said


def test_quickbooks_customers(flask_import):
    said = twice(flask_import, "customers", "system-qbo_customers.csv")
    assert customers() == {
        "Harbour Lamps": ("Harbour Lamps", "ada@harbourlamps.example"),
        "Quarry Kiln Ltd": ("Quarry Kiln Ltd", ""),
    }
    assert Customer.by_number("Harbour Lamps").phone == "(555) 010-0101"
    assert "row 5 (Harbour Lamps) billing@harbourlamps.example" in said and "Larch Supply Co" in said


def test_quickbooks_invoice_list(flask_import, two):
    assert "--currency USD" in flask_import("invoices", CASES / "system-qbo_invoice_list.csv", *US).output
    said = twice(flask_import, "invoices", "system-qbo_invoice_list.csv", *US, "--currency", "USD")
    assert documents() == {
        "1051": ("C1", "invoice", "USD", 125000, 0, 125000),
        "1052": ("C2", "invoice", "USD", 9800, 9800, 0),
        "1053": ("C1", "credit_memo", "USD", 5000, 0, 5000),
    }
    assert "row 10 (“TOTAL”), row 13 (“Saturday, Nov 28" in said
    assert "“Quarry Kiln Ltd:Job 7” to “Quarry Kiln Ltd”" in said


def test_the_currency_of_the_company_is_taken_where_a_file_has_none(flask_import, two):
    Company.update(currencies="USD").execute()
    twice(flask_import, "invoices", "system-qbo_invoice_list.csv", *US)
    assert documents()["1051"][2] == "USD"


def test_zoho(flask_import):
    twice(flask_import, "customers", "system-zoho_contacts.csv")
    assert customers() == {
        "9900010000000011035": ("Alder Optics", "pay@alder.example"),
        "9900010000000011022": ("Birch & Bell", "ap@birchbell.example"),
    }
    assert Customer.by_number("9900010000000011035").address == "1 Elm\nTroy, NY 12180\nU.S.A"
    said = twice(flask_import, "invoices", "system-zoho_invoices.csv")
    alder, birch = "9900010000000011035", "9900010000000011022"
    assert documents() == {
        "INV-000041": (alder, "invoice", "USD", 48975, 0, 48975),
        "INV-000042": (birch, "invoice", "USD", 46000, 30000, 16000),
        "INV-000044": (alder, "invoice", "USD", 9900, 9900, 0),
    }
    assert "Left out: 1 not approved yet." in said and "Left out: 1 voided." in said
    lines = [line.description for line in Invoice.get(Invoice.number == "INV-000041").lines]
    assert lines == ["Lens: Ground lens", "Frame: Brass"]


def test_zoho_finds_customers_by_name_where_its_ids_are_unknown(flask_import, write):
    flask_import("customers", write("c.csv", "Customer number,Name\n1,Alder Optics\n2,BIRCH & Bell\n"))
    twice(flask_import, "invoices", "system-zoho_invoices.csv")
    assert documents()["INV-000042"][0] == "2"


def test_freshbooks(flask_import):
    twice(flask_import, "customers", "system-freshbooks_clients.csv")
    assert customers()["Harbour Lamps"] == ("Harbour Lamps", "ada@harbourlamps.example")
    assert Customer.by_number("Harbour Lamps").address == "12 Quay St\nHalifax, Nova Scotia B3H 1A1\nCanada"
    said = twice(flask_import, "invoices", "system-freshbooks_invoices.csv")
    assert documents() == {
        "0000017": ("Harbour Lamps", "invoice", "USD", 77450, 0, 77450),
        "0000018": ("Quarry Kiln Ltd", "invoice", "USD", 44100, 44100, 0),
    }
    found = Invoice.get(Invoice.number == "0000017")
    assert found.tax_minor == 8450 and [line.amount_minor for line in found.lines] == [65000, 4000]
    assert "without a due date or terms, which are due on their own date: 2" in said


def test_freshbooks_partial_payments_are_asked_about(flask_import, two, write):
    text = (CASES / "system-freshbooks_invoices.csv").read_text().replace(",sent,", ",partial,")
    result = flask_import("invoices", write("f.csv", text))
    assert "Row 2, Invoice Status: “partial” doesn't say how much was paid. Add a column Amount due" in result.output
    assert documents() == {}


def test_erpnext(flask_import, two):
    said = twice(flask_import, "invoices", "system-erpnext.csv", "--date-format", "dd/mm/yyyy")
    assert documents() == {
        "ACC-SINV-2026-00031": ("C1", "invoice", "USD", 125000, 0, 125000),
        "ACC-SINV-2026-00032": ("C2", "invoice", "USD", 9800, 9800, 0),
        "ACC-SINV-2026-00033": ("C1", "invoice", "USD", 3000, 1800, 1200),
        "ACC-SINV-2026-00034": ("C1", "credit_memo", "USD", 5000, 0, 5000),
    }
    assert str(Invoice.get(Invoice.number == "ACC-SINV-2026-00031").due_on) == "2026-11-04" and "ERPNext" in said


def test_invoice2go(flask_import, two):
    said = twice(flask_import, "invoices", "system-i2g.csv")
    assert documents() == {"1": ("C1", "invoice", "USD", 95355, 0, 95355)}
    assert Invoice.get().tax_minor == 13855
    assert "Documents with the status “unsent”, which customers can see and pay: 1." in said


def test_stripe(flask_import, two):
    said = twice(flask_import, "invoices", "system-stripe_invoices.csv")
    assert documents() == {
        "F0A1-0001": ("C1", "invoice", "USD", 125000, 0, 125000),
        "F0A2-0003": ("C2", "invoice", "USD", 9800, 9800, 0),
        "F0A1-0002": ("C1", "invoice", "USD", 1000, 0, 1000),
    }
    assert str(Invoice.get(Invoice.number == "F0A1-0002").due_on) == "2026-10-07"
    assert "Documents with the status “uncollectible”, which customers can see and pay: 1." in said


def test_wave_customers(flask_import):
    twice(flask_import, "customers", "system-wave_customers.csv")
    assert customers() == {"Moss Boats": ("Moss Boats", "moss@mossboats.example")}
    assert Customer.get().address == "5 Slip Rd\nBath, Maine 04530\nUnited States"


@pytest.mark.parametrize("what", ["customers", "invoices"])
def test_wave_ledger_is_refused_with_advice(flask_import, what):
    result = flask_import(what, CASES / "system-wave_accounting.csv")
    assert result.exit_code == 1 and "This is Wave's export of accounting transactions." in result.output
    assert "the columns Customer number, Number, Date, Due date, Currency, Total and Amount due." in result.output


def test_an_unknown_name_is_reported_with_the_nearest(flask_import, two, write):
    text = (CASES / "system-i2g.csv").read_text().replace("Harbour Lamps", "Harbor Lamps")
    result = flask_import("invoices", write("i.csv", text))
    assert "Row 2, Name: There is no customer “Harbor Lamps”. The nearest is “Harbour Lamps”." in result.output


def test_a_name_that_two_customers_have_is_never_chosen(flask_import, two):
    Customer.create(number="C3", name="harbour  lamps")
    result = flask_import("invoices", CASES / "system-i2g.csv")
    assert "Row 2, Name: 2 customers are called “Harbour Lamps”" in result.output and documents() == {}


def test_two_ids_of_another_system_are_never_one_customer(flask_import, two, write):
    text = (CASES / "system-stripe_invoices.csv").read_text().replace("2026-10-07 09:11,,F0A1-0002", "2026-10-07,,X")
    result = flask_import("invoices", write("s.csv", text.replace("usd,cus_H1,2026-10-07", "usd,cus_H9,2026-10-07")))
    assert "Row 4, Customer: There is no customer “cus_H9” “Harbour Lamps”." in result.output and documents() == {}


def test_a_customer_with_another_number_of_the_same_kind_is_someone_else(flask_import, write):
    flask_import("customers", write("c.csv", "Customer number,Name\nCUST0007,Harbour Lamps\nCUST0043,Quarry\n"))
    result = flask_import("invoices", CASES / "system-netsuite_search.csv", *US)
    assert "There is no customer “CUST0042” “Harbour Lamps”." in result.output and documents() == {}


def test_known_names_keep_their_numbers(flask_import, two):
    result = flask_import("customers", CASES / "system-qbo_customers.csv")
    assert "0 new" in result.output and set(customers()) == {"C1", "C2"}


def test_vendors_are_no_customers(flask_import, write):
    text = (CASES / "system-zoho_contacts.csv").read_text().replace("Birch & Bell,customer", "Birch & Bell,vendor")
    assert "Left out: 1 of type vendor." in flask_import("customers", write("z.csv", text)).output
    assert set(customers()) == {"9900010000000011035"}


def test_a_mapped_name_is_the_number_or_finds_the_customer(flask_import, two, write):
    flask_import("customers", write("c.csv", "Name,Email\nHarbour Lamps,\nFennel,\n"), "--map", "Name=Customer number")
    assert set(customers()) == {"C1", "C2", "Fennel"}
    text = "Buyer,No,Date,Due date,Currency,Total\nHarbour lamps,X1,2026-10-05,2026-11-05,USD,1.00\n"
    options = ("--map", "Buyer=Customer number", "--map", "No=Number")
    assert "1 new" in flask_import("invoices", write("i.csv", text), *options).output
    assert documents()["X1"][0] == "C1"


def test_any_file_may_have_names_instead_of_numbers(flask_import, two, write):
    text = "Customer,Number,Date,Due date,Currency,Total\nQuarry Kiln Ltd,X1,2026-10-05,2026-11-05,USD,1.00\n"
    assert "1 new" in flask_import("invoices", write("i.csv", text)).output
    assert documents()["X1"][0] == "C2"


def test_quickbooks_with_the_customers_full_names(flask_import, write):
    header = "Customer full name,Phone numbers,Email,Full name,Bill address,Ship address\n"
    text = "Harbor Co,,,,,\nCustomer Contact List,,,,,\n\n" + header
    row = "Old Mill,Phone:(555) 010-1234,a@mill.example,Ada Wick,1 Lane,\n"
    assert "1 new" in flask_import("customers", write("c.csv", text + row)).output
    assert [(c.number, c.name, c.phone, c.address) for c in Customer] == [
        ("Old Mill", "Old Mill", "(555) 010-1234", "1 Lane")
    ]
    header = "Date,Transaction type,Num,Customer full name,Due date,Amount,Open balance\n"
    row = "10/28/2026,Invoice,1001,Old Mill,11/27/2026,50.00,20.00\n"
    result = flask_import("invoices", write("i.csv", header + row), "--currency", "USD")
    assert "1 new" in result.output, result.output
