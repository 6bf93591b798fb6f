"""The rows of each format: payments, reversals, refunds, and money that is applied to no invoice."""

import pytest

from app.bookkeeping.formats import without_internal_ids
from app.clock import to_ms
from app.models import Attempt, Customer, Invoice, LedgerEntry, booking
from app.payments.gateway.protocol import Transaction
from app.worker import Worker
from tests.bookkeeping.conftest import rows_of
from tests.payments.conftest import pay


@pytest.fixture
def paid(alice, owed):
    """Alice has paid $1,000.00: one invoice in full, one in part."""
    pay(alice, owed.late, owed.due, pay="part", amount="1000")
    return Attempt.get()


def test_csv_has_a_row_for_each_invoice(paid, export_as):
    (run,) = export_as("csv")
    first, second = rows_of(run)
    assert bytes(run.content).startswith(b"\xef\xbb\xbfKind,External ID,Payment,Date,")
    assert first == {
        "Kind": "Payment",
        "External ID": paid.reference,
        "Payment": paid.reference,
        "Date": "2026-11-22",
        "Customer number": "77",
        "Customer name": "Cedar Lane Bakery",
        "Currency": "USD",
        "Amount": "1000.00",
        "Invoice number": "INV-1037",
        "Applied amount": "600.00",
        "Unapplied amount": "",
        "Card": "Visa 1111",
        "Braintree transaction ID": paid.transaction_id,
    }
    assert (second["Invoice number"], second["Applied amount"], second["Amount"]) == ("INV-1041", "400.00", "")
    assert run.file_name == "payments-1-csv-2026-11-22.csv"


def test_netsuite_repeats_the_payment_on_each_row(paid, export_as):
    rows = rows_of(export_as("netsuite")[0])
    assert [(row["Invoice Number"], row["Applied Amount"]) for row in rows] == [
        ("INV-1037", "600.00"),
        ("INV-1041", "400.00"),
    ]
    for row in rows:
        assert (row["External ID"], row["Payment Amount"], row["Currency"]) == (paid.reference, "1000.00", "USD")
        assert (row["Date"], row["Customer Number"], row["Kind"]) == ("11/22/2026", "77", "Payment")
        assert row["Braintree Transaction ID"] == paid.transaction_id


def test_netsuite_finds_records_by_their_internal_ids(paid, cast, owed, export_as):
    Customer.update(internal_id="1204").where(Customer.id == cast.cedar.id).execute()
    Invoice.update(internal_id="99317").where(Invoice.id == owed.late.id).execute()
    rows = rows_of(export_as("netsuite")[0])
    assert {row["Customer Internal ID"] for row in rows} == {"1204"}
    assert [row["Invoice Internal ID"] for row in rows] == ["99317", ""]


def test_netsuite_gets_no_number_where_an_id_belongs(paid, export_as, ruth):
    (run,) = export_as("netsuite")
    assert {(row["Customer Internal ID"], row["Invoice Internal ID"]) for row in rows_of(run)} == {("", "")}
    assert [row["Invoice Number"] for row in rows_of(run)] == ["INV-1037", "INV-1041"]
    page = ruth.get(f"/transactions/customers/payments/export/{run.number}").get_data(as_text=True)
    assert "1 entry lacks the internal ID" in page
    assert without_internal_ids(run.content) == 1


def test_xero_has_a_statement_line_for_each_invoice(paid, export_as):
    rows = rows_of(export_as("xero")[0])
    assert list(rows[0]) == ["*Date", "*Amount", "Payee", "Description", "Reference", "Check Number"]
    assert [(row["*Amount"], row["Reference"]) for row in rows] == [("600.00", "INV-1037"), ("400.00", "INV-1041")]
    assert rows[0]["Payee"] == "Cedar Lane Bakery" and paid.transaction_id in rows[0]["Description"]


def test_quickbooks_has_three_columns(paid, export_as):
    rows = rows_of(export_as("quickbooks")[0])
    words = f"Cedar Lane Bakery, invoice INV-1037, Payment {paid.reference}, {paid.transaction_id}"
    assert rows[0] == {"Date": "11/22/2026", "Description": words, "Amount": "600.00"}


def test_a_file_of_a_bank_account_has_one_currency(alice, cast, owed, make_invoice, export_as):
    pay(alice, owed.late)
    pay(alice, make_invoice(cast.cedar, "YEN-1", 12300, currency="JPY"))
    assert [[row["*Amount"] for row in rows_of(run)] for run in export_as("xero")] == [["12300"], ["600.00"]]


@pytest.mark.parametrize("key", ["csv", "netsuite"])
def test_other_files_have_every_currency(alice, cast, owed, make_invoice, export_as, key):
    pay(alice, owed.late)
    pay(alice, make_invoice(cast.cedar, "YEN-1", 12300, currency="JPY"))
    (run,) = export_as(key)
    assert [row["Currency"] for row in rows_of(run)] == ["USD", "JPY"]


def test_a_reversal_is_a_row_of_its_own_below_zero(paid, clock, export_as):
    export_as("csv")
    booking.fail(paid, to_ms(clock()))
    rows = rows_of(export_as("csv")[0])
    assert [(row["Kind"], row["Amount"], row["Applied amount"]) for row in rows] == [
        ("Reversal", "-1000.00", "-600.00"),
        ("Reversal", "", "-400.00"),
    ]
    assert rows[0]["External ID"].startswith(f"{paid.reference}-") and rows[0]["Payment"] == paid.reference


def refund(app, demo_gateway, gateway, attempt, amount):
    demo_gateway.settle(attempt.transaction_id)
    gateway.sdk.transaction.refund(attempt.transaction_id, amount)
    Worker(app).audit_daily()


def test_a_refund_of_all_is_taken_from_its_invoices(paid, app, demo_gateway, gateway, export_as):
    refund(app, demo_gateway, gateway, paid, "1000.00")
    rows = [row for row in rows_of(export_as("netsuite")[0]) if row["Kind"] == "Refund"]
    assert [(row["Payment Amount"], row["Applied Amount"]) for row in rows] == [
        ("-1000.00", "-600.00"),
        ("-1000.00", "-400.00"),
    ]
    assert rows[0]["External ID"] != paid.reference and rows[0]["Braintree Transaction ID"] != paid.transaction_id


def test_a_refund_of_a_part_of_several_invoices_names_none(paid, app, demo_gateway, gateway, export_as):
    refund(app, demo_gateway, gateway, paid, "12.50")
    row = rows_of(export_as("csv")[0])[-1]
    assert (row["Kind"], row["Amount"], row["Invoice number"]) == ("Refund", "-12.50", "")
    assert row["Unapplied amount"] == "-12.50"


@pytest.mark.parametrize(
    ("key", "column", "said"),
    [
        ("csv", "Unapplied amount", "25.00"),
        ("netsuite", "Unapplied Amount", "25.00"),
        ("xero", "Description", "not applied to an invoice"),
        ("quickbooks", "Description", "not applied to an invoice"),
    ],
)
def test_money_without_an_invoice_is_said(paid, export_as, key, column, said):
    LedgerEntry.record(LedgerEntry.UNAPPLIED, "another1", paid, 2500, 1)
    row = rows_of(export_as(key)[0])[-1]
    assert said in row[column] and {"25.00"} <= set(row.values())
    assert not {"INV-1037", "INV-1041"} & set(row.values())


def test_a_corrected_charge_is_three_entries_with_different_ids(paid, export_as):
    right = Transaction(id="right1", order_id="", status=Transaction.SUBMITTED, amount_minor=100000, currency="USD")
    assert booking.replace_charge(paid, right, 1, poll_ms=2)
    rows = [row for row in rows_of(export_as("csv")[0]) if row["Amount"]]
    assert [(row["Kind"], row["Amount"]) for row in rows] == [
        ("Payment", "1000.00"),
        ("Reversal", "-1000.00"),
        ("Payment", "1000.00"),
    ]
    assert len({row["External ID"] for row in rows}) == 3


def test_no_cell_is_a_formula(alice, cast, make_invoice, database, export_as):
    cast.cedar.name = "=HYPERLINK(0)"
    cast.cedar.save()
    pay(alice, make_invoice(cast.cedar, "+1", 100))
    row = rows_of(export_as("csv")[0])[0]
    assert row["Customer name"] == "'=HYPERLINK(0)" and row["Amount"] == "1.00"
