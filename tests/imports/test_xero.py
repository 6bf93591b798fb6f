"""Xero's invoice export, as Xero writes it."""

from datetime import date

import pytest

from app.models import Customer, Invoice, booking
from tests.imports.conftest import NOW_MS

pytestmark = pytest.mark.once  # what is written of them is the same SQL

HEADER = (
    "ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,POPostalCode,"
    "POCountry,SAAddressLine1,SAAddressLine2,SAAddressLine3,SAAddressLine4,SACity,SARegion,SAPostalCode,SACountry,"
    "InvoiceNumber,Reference,InvoiceDate,DueDate,PlannedDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,"
    "InventoryItemCode,Description,Quantity,UnitAmount,Discount,LineAmount,AccountCode,TaxType,TaxAmount,TrackingName1,"
    "TrackingOption1,TrackingName2,TrackingOption2,Currency,Type,Sent,Status"
)
COMMON = {
    "ContactName": "Cedar Lane Bakery",
    "EmailAddress": "orders@cedarlane.example",
    "POAddressLine1": "42 Cedar Lane",
    "POCity": "Bath",
    "PORegion": "ME",
    "POPostalCode": "04530",
    "InvoiceNumber": "INV-1",
    "Reference": "CL-2214",
    "InvoiceDate": "13/11/2026",
    "DueDate": "03/12/2026",
    "Total": "1100.0000",
    "TaxTotal": "100.0000",
    "InvoiceAmountPaid": "300.0000",
    "InvoiceAmountDue": "700.0000",
    "Currency": "USD",
    "Type": "Sales invoice",
    "Sent": "Sent",
    "Status": "Awaiting Payment",
    "Description": "Bread flour",
    "Quantity": "20.0000",
    "UnitAmount": "50.0000",
    "LineAmount": "1000.0000",
}


def row(**changes) -> str:
    values = {**COMMON, **changes}
    return ",".join(f'"{values.get(name, "")}"' for name in HEADER.split(","))


@pytest.fixture
def run(flask_import, write):
    def _run(*rows, options=("--date-format", "dd/mm/yyyy")):
        return flask_import("invoices", write("xero.csv", "\ufeff" + "\r\n".join([HEADER, *rows]) + "\r\n"), *options)

    return _run


def test_a_line_is_a_row_and_a_contact_becomes_a_customer(run):
    freight = {"Description": "Freight", "Quantity": "1.0000", "UnitAmount": "0.1250", "LineAmount": "0.1300"}
    result = run(row(Total="1100.1300"), row(Total="1100.1300", **freight))
    assert "1 new" in result.output
    assert "Customers made from the file: 1: Cedar Lane Bakery." in result.output
    found, customer = Invoice.get(), Customer.get()
    assert (customer.number, customer.name, customer.email) == (
        "Cedar Lane Bakery",
        "Cedar Lane Bakery",
        "orders@cedarlane.example",
    )
    assert (found.number, found.po_number, found.issued_on, found.bill_to) == (
        "INV-1",
        "CL-2214",
        date(2026, 11, 13),
        "42 Cedar Lane\nBath, ME 04530",
    )
    assert [(li.quantity, li.unit_price, li.amount_minor) for li in found.lines] == [
        ("20", "50", 100000),
        ("1", "0.125", 13),
    ]


def test_total_less_paid_and_due_is_credited(run):
    run(row())
    found = Invoice.get()
    assert (found.total_minor, found.paid_elsewhere_minor, found.credited_minor, found.open_minor) == (
        110000,
        30000,
        10000,
        70000,
    )


def test_the_same_export_twice_changes_nothing(run):
    run(row())
    assert "0 new, 0 changed, 1 unchanged" in run(row()).output
    assert Customer.select().count() == 1


def test_a_contact_is_matched_by_name_when_the_customer_has_its_own_number(run, cedar):
    run(row())
    assert Invoice.get().customer_id == cedar.id
    assert Customer.select().count() == 1


@pytest.mark.parametrize("name", ["CEDAR LANE BAKERY", "Cedar\u00a0Lane  Bakery", "Cedar Lane Bakery "])
def test_a_name_that_is_only_written_otherwise_is_the_same_customer(run, cedar, name):
    run(row(ContactName=name))
    assert Invoice.get().customer_id == cedar.id
    assert Customer.select().count() == 1


def test_two_ways_to_write_a_new_name_make_one_customer(run):
    assert (
        "Customers made from the file: 1: Café Noir."
        in run(row(ContactName="Café Noir"), row(ContactName="CAFE\u0301 NOIR", InvoiceNumber="INV-2")).output
    )
    assert (
        "2 unchanged"
        in run(row(ContactName="Café Noir"), row(ContactName="CAFE\u0301 NOIR", InvoiceNumber="INV-2")).output
    )


def test_a_renamed_contact_is_not_billed_twice(run):
    run(row())
    result = run(row(ContactName="Cedar Lane Bakers"))
    assert result.exit_code == 1
    assert (
        "Row 2, ContactName: “INV-1” belongs to “Cedar Lane Bakery” here. If the contact was renamed, give the "
        "customer its new name on its record"
    ) in result.output
    assert Customer.select().count() == 1
    Customer.get().set_details(name="Cedar Lane Bakers")
    assert "0 new, 0 changed, 1 unchanged" in run(row(ContactName="Cedar Lane Bakers")).output


def test_moved_invoice_is_voided_for_its_former_customer(run, flask_import, write):
    run(row())
    void = (
        "Status,Customer number,Number,Date,Due date,Currency,Total\n"
        "Voided,Cedar Lane Bakery,INV-1,2026-11-13,2026-12-03,USD,1100.00\n"
    )
    flask_import("invoices", write("void.csv", void))
    assert "1 new" in run(row(ContactName="Another", EmailAddress="")).output


def test_two_customers_with_one_name_are_not_guessed_between(run, cedar):
    Customer.create(number="78", name="Cedar Lane Bakery")
    assert "2 customers are called “Cedar Lane Bakery”" in run(row()).output


@pytest.mark.parametrize(
    ("kind", "sign"), [("Sales credit note", ""), ("Sales credit note", "-"), ("ACCREC", "-"), ("ACCRECCREDIT", "")]
)
def test_credit_notes_are_credit_memos(run, kind, sign):
    run(
        row(
            Type=kind,
            Total=f"{sign}50.0000",
            TaxTotal=f"{sign}5.0000",
            InvoiceAmountPaid="0.0000",
            InvoiceAmountDue=f"{sign}50.0000",
            LineAmount=f"{sign}45.0000",
        )
    )
    found = Invoice.get()
    assert (found.kind, found.total_minor, found.tax_minor, found.open_minor) == ("credit_memo", 5000, 500, 5000)
    assert found.lines.get().amount_minor == 4500


def test_drafts_voids_and_bills_are_left_out_and_counted(run):
    result = run(
        row(),
        row(InvoiceNumber="INV-2", Status="DRAFT"),
        row(InvoiceNumber="INV-2", Status="DRAFT"),
        row(InvoiceNumber="INV-3", Status="Voided", ContactName="Ghost"),
        row(InvoiceNumber="B-1", Type="Bill"),
    )
    assert "1 new" in result.output
    for said in ("Left out: 1 not approved yet.", "Left out: 1 voided.", "Left out: 1 of type Bill."):
        assert said in result.output
    assert [c.name for c in Customer.select()] == ["Cedar Lane Bakery"]


def test_a_currency_column_may_be_missing(flask_import, write):
    text = HEADER.replace(",Currency", "") + "\n" + row().replace(',"USD"', "") + "\n"
    path = write("xero.csv", text)
    assert "--currency USD" in flask_import("invoices", path, "--date-format", "dd/mm/yyyy").output
    flask_import("invoices", path, "--date-format", "dd/mm/yyyy", "--currency", "NZD")
    assert Invoice.get().currency == "NZD"


def test_the_order_of_day_and_month_is_asked(run):
    assert "Say which: --date-format" in run(row(InvoiceDate="03/11/2026"), options=()).output


def test_xero_import_template_is_recognized(flask_import, write):
    result = flask_import(
        "invoices", write("t.csv", "*ContactName,*InvoiceNumber,*InvoiceDate,*DueDate,*Description\na,1,2,3,4\n")
    )
    assert "Use Xero's export of invoices, not its import template" in result.output


def test_a_contact_is_made_for_its_first_invoice_that_is_not_void(run):
    result = run(row(InvoiceNumber="INV-0", Status="Voided"), row())
    assert "1 new" in result.output
    assert Invoice.get().customer.name == "Cedar Lane Bakery"


# Payments made here


def amounts():
    found = Invoice.get()
    return found.paid_elsewhere_minor, found.processing_minor + found.paid_online_minor, found.open_minor


def export(paid: int, due: int, **changes) -> str:
    """INV-1 over 100.00 as Xero writes it."""
    return row(
        Total="100.0000",
        TaxTotal="0.0000",
        InvoiceAmountPaid=f"{paid}.0000",
        InvoiceAmountDue=f"{due}.0000",
        LineAmount="100.0000",
        **changes,
    )


@pytest.mark.parametrize("minor", [4000, 10000])
@pytest.mark.parametrize("settlement", ["submitted", "settled"])
def test_a_payment_made_here_and_recorded_in_xero_counts_once(run, pay, minor, settlement):
    run(export(0, 100))
    attempt = pay("INV-1", minor, settlement=settlement)
    recorded = export(minor // 100, 100 - minor // 100)
    run(recorded)
    assert amounts() == (0, minor, 10000 - minor)
    booking.settle(attempt, NOW_MS)
    assert "0 new, 0 changed, 1 unchanged" in run(recorded).output
    assert amounts() == (0, minor, 10000 - minor)


def test_a_payment_that_xero_has_recorded_and_that_fails_opens_the_invoice(run, pay):
    run(export(0, 100))
    attempt = pay("INV-1", 10000, settlement="submitted")
    run(export(100, 0, Status="Paid"))
    assert amounts() == (0, 10000, 0)
    booking.fail(attempt, NOW_MS)
    assert amounts() == (0, 0, 10000)
    run(export(0, 100))
    assert amounts() == (0, 0, 10000)


def test_a_bank_transfer_beside_a_payment_made_here(run, pay):
    """Open is what Xero says is due, once Xero knows both; an export from before does not open what was paid."""
    run(export(40, 60))
    pay("INV-1", 3000)
    assert "1 unchanged" in run(export(40, 60)).output
    assert amounts() == (4000, 3000, 3000)
    run(export(70, 30))
    assert amounts() == (4000, 3000, 3000)
    run(export(50, 50))
    assert amounts() == (2000, 3000, 5000)


def test_payments_made_here_may_be_left_out_of_xero(run, pay):
    run(export(0, 100))
    pay("INV-1", 3000)
    left_out = ("--date-format", "dd/mm/yyyy", "--payments-made-here", "left-out")
    run(export(40, 60), options=left_out)
    assert amounts() == (4000, 3000, 3000)


def test_names_and_numbers_may_be_as_long_as_in_xero(run):
    assert "1 new" in run(row(ContactName="N" * 255, InvoiceNumber="1" * 255)).output


def test_invalid_email_is_left_empty_and_reported(run):
    result = run(row(EmailAddress="ask Ben"))
    assert Customer.get().email == ""
    assert "Emails that are none, and were left empty: Cedar Lane Bakery." in result.output


def test_columns_that_xero_always_has_are_not_listed(run):
    assert "not used" not in run(row()).output


def test_payment_above_the_total_is_reported(run):
    result = run(row(Total="100.0000", InvoiceAmountPaid="110.0000", InvoiceAmountDue="-10.0000"))
    assert "InvoiceAmountDue: “-10.0000” is negative: more is paid and credited than the total." in result.output


def test_a_void_under_a_new_name_is_not_passed_over(run):
    run(row())
    assert "“INV-1” belongs to “Cedar Lane Bakery” here." in run(row(ContactName="Bakers", Status="Voided")).output
    Customer.get().set_details(name="Bakers")
    run(row(ContactName="Bakers", Status="Voided"))
    assert Invoice.get().is_void


def test_the_first_of_several_emails_is_the_contacts_and_the_others_are_named(run):
    result = run(row(EmailAddress="Ada <a@b.example>; c@d.example"))
    assert Customer.get().email == "a@b.example"
    assert "row 2 (Cedar Lane Bakery) c@d.example" in result.output
