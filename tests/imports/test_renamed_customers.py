"""A customer that was renamed in the books never becomes two customers with two invoices to pay."""

import pytest

from app.models import Customer, Invoice

US = ("--date-format", "mm/dd/yyyy", "--currency", "USD")
QBO_CUSTOMERS = "Customer,Phone Numbers,Email,Full Name,Billing Address,Shipping Address\n{},,{},,,\n"
QBO_INVOICES = (
    "Date,Transaction Type,Num,Name,Memo/Description,Due Date,Amount,Open Balance\n"
    '10/05/2026,Invoice,1001,{0},,11/04/2026,"{1}","{1}"\n'
)
XERO = (
    "ContactName,EmailAddress,InvoiceNumber,InvoiceDate,DueDate,Total,InvoiceAmountDue,Currency\n"
    "{},{},{},2026-10-05,2026-11-05,10.00,10.00,USD\n"
)


@pytest.fixture
def contact_list(flask_import, write):
    return lambda name, email="ada@harbour.example", *options: flask_import(
        "customers", write("customers.csv", QBO_CUSTOMERS.format(name, email)), *options
    )


@pytest.fixture
def invoice_list(flask_import, write):
    return lambda name, total: flask_import("invoices", write("invoices.csv", QBO_INVOICES.format(name, total)), *US)


@pytest.fixture
def lamps(contact_list, invoice_list):
    contact_list("Harbour Lamps")
    invoice_list("Harbour Lamps", "1,250.00")
    return Customer.get()


def open_amounts():
    return [invoice.open_minor for invoice in Invoice.select().order_by(Invoice.id)]


def test_new_customer_with_a_known_email_is_asked_about(lamps, contact_list, invoice_list):
    result = contact_list("Harbour Lighting")
    assert result.exit_code == 1
    assert (
        "Row 2, Email: “ada@harbour.example” of “Harbour Lighting”, who is new, is the email of “Harbour Lamps” "
        "(Harbour Lamps), who is not in the file."
    ) in result.output
    assert "give “Harbour Lamps” the name “Harbour Lighting” on its record" in result.output
    assert Customer.select().count() == 1
    lamps.set_details(name="Harbour Lighting")
    assert "0 new, 0 changed, 1 unchanged" in contact_list("Harbour Lighting").output
    assert "1 changed" in invoice_list("Harbour Lighting", "1,300.00").output
    assert open_amounts() == [130000]


@pytest.mark.parametrize("answer", ["Harbour Lighting", "all"])
def test_new_customer_with_a_known_email_may_be_another_one(lamps, contact_list, answer):
    assert "1 new" in contact_list("Harbour Lighting", "ada@harbour.example", "--new", answer).output
    assert "1 unchanged" in contact_list("Harbour Lighting").output


def test_customers_that_share_an_email_in_one_file_are_not_asked_about(flask_import, write, lamps):
    text = QBO_CUSTOMERS.format("Harbour Lamps", "ada@harbour.example") + "Harbour Lighting,,ada@harbour.example,,,\n"
    assert "1 new" in flask_import("customers", write("c.csv", text)).output


def test_new_number_with_a_known_email_is_asked_about(flask_import, write):
    text = "Customer number,Name,Email\n{},Harbour,ada@harbour.example\n"
    flask_import("customers", write("c.csv", text.format("C1")))
    said = flask_import("customers", write("c.csv", text.format("C01"))).output
    assert "If “Harbour” (C1) has a new number, write “C1” in its place" in said and "--new C01" in said
    assert Customer.select().count() == 1


@pytest.mark.parametrize("total", ["1,250.00", "1,300.00"])
def test_invoice_of_a_renamed_customer_is_asked_about(lamps, contact_list, invoice_list, total):
    contact_list("Harbour Lighting", "ben@harbour.example")
    result = invoice_list("Harbour Lighting", total)
    assert result.exit_code == 1 and "looks like “1001” of “Harbour Lamps”" in result.output
    assert "open 1250.00 USD" in result.output and f"{total.replace(',', '')} USD) looks like" in result.output
    assert (
        "give “Harbour Lighting” another name on its record, then “Harbour Lamps” the name “Harbour Lighting”, and "
        "import again"
    ) in result.output
    assert open_amounts() == [125000]


def test_advice_for_a_renamed_customer_works(lamps, contact_list, invoice_list):
    contact_list("Harbour Lighting", "ben@harbour.example")
    Customer.by_number("Harbour Lighting").set_details(name="Not used")
    lamps.set_details(name="Harbour Lighting")
    assert "0 new, 1 changed" in invoice_list("Harbour Lighting", "1,300.00").output
    assert open_amounts() == [130000]


def test_new_contact_of_xero_with_a_known_email_is_asked_about(flask_import, write):
    def run(name, number, *options):
        return flask_import("invoices", write("x.csv", XERO.format(name, "ada@harbour.example", number)), *options)

    run("Harbour Lamps", "INV-1")
    result = run("Harbour Lighting", "INV-2")
    assert result.exit_code == 1 and "is the email of “Harbour Lamps” (Harbour Lamps)" in result.output
    assert (Customer.select().count(), len(open_amounts())) == (1, 1)
    assert "1 new" in run("Harbour Lighting", "INV-2", "--new", "Harbour Lighting").output
