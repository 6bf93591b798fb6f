"""The list of invoices as a file: by the same filters, and the import reads it without a difference."""

import csv
import io
from datetime import date

import pytest
from peewee import fn

from app.imports import invoices as importing
from app.imports.invoice_options import InvoiceOptions
from app.imports.staging import staging_database
from app.invoices.queries.invoice_list import EXPORT_BATCH
from app.models import Company, Invoice, InvoiceLine
from app.models.audit import Actor
from tests.conftest import NOON
from tests.payments.conftest import pay
from tests.people import invoice


def rows_of(response) -> list[dict]:
    assert response.status_code == 200, response.status
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"), newline="")))


def numbers(response) -> list[str]:
    return [row["Number"] for row in rows_of(response)]


def test_a_row_has_plain_amounts_and_iso_dates(alice, owed):
    pay(alice, owed.late, pay="part", amount="100")
    response = alice.get("/invoices/export.csv")
    assert response.data.startswith(b"\xef\xbb\xbfType,Status,")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="invoices-2026-11-22.csv"'
    assert rows_of(response)[0] == {
        "Type": "Invoice",
        "Status": "Overdue",
        "Customer number": "77",
        "Customer name": "Cedar Lane Bakery",
        "Number": "INV-1037",
        "Date": "2026-10-01",
        "Due date": "2026-10-18",
        "Currency": "USD",
        "PO number": "",
        "Terms": "",
        "Memo": "",
        "Bill to": "",
        "Total": "600.00",
        "Tax": "0.00",
        "Amount paid": "100.00",
        "Credits": "0.00",
        "Amount due": "500.00",
        "Paid on this portal": "100.00",
    }


def test_filters_and_order_are_those_of_the_list(alice, cast, owed, make_invoice):
    make_invoice(cast.cedar, "OLD-1", 100, date(2026, 1, 2), paid_elsewhere_minor=100)
    assert numbers(alice.get("/invoices/export.csv")) == ["INV-1037", "INV-1041", "INV-1048"]
    assert numbers(alice.get("/invoices/export.csv?sort=-due")) == ["INV-1048", "INV-1041", "INV-1037"]
    assert numbers(alice.get("/invoices/export.csv?view=paid")) == ["OLD-1"]
    assert numbers(alice.get("/invoices/export.csv?q=1041")) == ["INV-1041"]
    assert numbers(alice.get("/invoices/export.csv?since=2026-11-01&until=2026-11-30")) == ["INV-1041"]


def test_every_page_is_in_the_file(alice, cast, database):
    expected = [f"N-{number:04}" for number in range(2 * EXPORT_BATCH + 1)]
    with database.atomic():
        for number in expected:
            invoice(cast.cedar, number, 100 + int(number[-1]) % 3, NOON.date())
    for query in ("", "&q=N-", "&sort=-amount"):
        found = numbers(alice.get(f"/invoices/export.csv?view=open{query}&after=x"))
        assert sorted(found) == expected, query


def test_a_wrong_filter_leads_back_to_the_form(alice, owed):
    response = alice.get("/invoices/export.csv?since=never")
    assert (response.status_code, response.location) == (303, "/invoices?since=never")


def test_the_page_links_to_the_file_by_its_filters(alice, owed):
    page = alice.get("/invoices?view=all&q=1041").get_data(as_text=True)
    assert 'href="/invoices/export.csv?view=all&amp;q=1041"' in page
    assert "Export CSV" not in alice.get("/invoices?q=nothing-like-it").get_data(as_text=True)


def test_staff_export_a_customers_invoices(log_in, cast, owed):
    ruth = log_in(cast.ruth)
    base = f"/customers/{cast.cedar.public_id}/invoices"
    assert f'href="{base}/export.csv?view=open"' in ruth.get(base).get_data(as_text=True)
    assert numbers(ruth.get(f"{base}/export.csv?view=open&q=1048")) == ["INV-1048"]


def state() -> list[tuple]:
    documents = list(Invoice.select().order_by(Invoice.id).tuples())
    return [*documents, *InvoiceLine.select().order_by(InvoiceLine.id).tuples()]


@pytest.fixture
def books(alice, cast, owed, make_invoice, flask_import, write, database):
    """Documents of every kind and state, some of them paid here, and some of that known to the books."""
    make_invoice(cast.cedar, "OLD-1", 9900, date(2026, 1, 2), paid_elsewhere_minor=9900, paid_in_books_minor=9900)
    make_invoice(cast.cedar, "YEN-1", 12300, currency="JPY", memo='Two lines\nand "quotes", too; =1+1')
    make_invoice(cast.cedar, "KWD-1", 12345, currency="KWD", terms="Net 30", po_number="007", tax_minor=345)
    make_invoice(cast.cedar, "PART-1", 5000, credited_minor=700, paid_elsewhere_minor=300, paid_in_books_minor=300)
    make_invoice(cast.cedar, "CM-1", 4500, kind="credit_memo", bill_to="42 Cedar Lane\nBath, ME 04530")
    make_invoice(cast.cedar, "CM-2", 4500, kind="credit_memo", credited_minor=4500)
    void = make_invoice(cast.cedar, "VOID-1", 5000, credited_minor=5000)
    Invoice.update(is_void=True).where(Invoice.id == void.id).execute()
    Invoice.update(internal_id=Invoice.id.cast("TEXT")).where(fn.MOD(Invoice.id, 2) == 0).execute()
    Invoice.update(external_id=Invoice.number.concat("-X")).where(fn.MOD(Invoice.id, 3) != 0).execute()
    pay(alice, owed.late)
    pay(alice, owed.due, pay="part", amount="400")
    head = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Amount due\n"
    known = write("books.csv", head + "77,INV-1037,2026-10-01,2026-10-18,USD,600.00,600.00,0.00\n")
    assert flask_import("invoices", known).exit_code == 0
    return state()


def test_the_import_reads_the_file_without_a_difference(log_in, cast, books, write, flask_import, database):
    base = f"/customers/{cast.cedar.public_id}/invoices/export.csv?view=all"
    path = write("ours.csv", log_in(cast.ruth).get(base).get_data())
    result = flask_import("invoices", path)
    assert "0 new, 0 changed, 9 unchanged" in result.output, result.output
    assert state() == books


def test_documents_are_found_by_the_ids_of_the_file_of_staff(log_in, cast, books, write, flask_import, database):
    base = f"/customers/{cast.cedar.public_id}/invoices/export.csv?view=all"
    text = log_in(cast.ruth).get(base).get_data(as_text=True)
    known = {each["Number"]: (each["Internal ID"], each["External ID"]) for each in csv.DictReader(io.StringIO(text))}
    assert known == {each.number: (each.internal_id, each.external_id) for each in cast.cedar.invoices}
    number = next(each.number for each in cast.cedar.invoices if each.external_id and not each.is_void)
    result = flask_import("invoices", write("ours.csv", text.replace(f",{number},", f",{number}/2,")))
    assert "0 new, 1 changed, 8 unchanged" in result.output, result.output


def test_customers_see_no_ids_of_the_books(alice, books):
    assert "Internal ID" not in rows_of(alice.get("/invoices/export.csv?view=all"))[0]


def test_an_amount_that_was_changed_in_the_file_is_read(alice, books, write, database):
    text = alice.get("/invoices/export.csv?view=all&q=1048").get_data(as_text=True)
    path = write("ours.csv", text.replace("324.00,0.00,0.00,0.00,324.00", "324.00,0.00,24.00,0.00,300.00"))
    with staging_database():
        importing.plan(path, Company.current(), InvoiceOptions()).apply(Actor("console", NOON, "http://localhost"))
    assert Invoice.get(Invoice.number == "INV-1048").open_minor == 30000
