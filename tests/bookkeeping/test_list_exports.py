"""Lists as files: customers, payments, sent email; by the filters of their pages, without formulas."""

import csv
import io

import pytest

from app.customers import queries
from app.models import Customer, OutboxMail
from tests.payments.conftest import pay


def rows_of(client, path) -> list[dict]:
    response = client.get(path)
    assert response.status_code == 200 and response.data.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"].endswith('-2026-11-22.csv"')
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"), newline="")))


def test_customers(ruth, cast):
    first, second = rows_of(ruth, "/customers/export.csv")
    assert (first["Customer number"], first["Name"]) == ("77", "Cedar Lane Bakery")
    assert first["Address"] == "42 Cedar Lane\nBath, ME 04530" and first["Access"] == "Not logged in yet"
    assert first["People"] == "alice@cedarlane.example; bob@cedarlane.example; vera@cedarlane.example"
    assert second["Name"] == "Fennel & Fig Café"
    assert [row["Customer number"] for row in rows_of(ruth, "/customers/export.csv?q=fennel")] == ["81"]
    assert rows_of(ruth, "/customers/export.csv?access=none") == []
    page = ruth.get("/customers?q=fennel&access=invited").get_data(as_text=True)
    assert 'href="/customers/export.csv?q=fennel&amp;access=invited"' in page


@pytest.mark.parametrize("query", ["", "?q=Batch"])
def test_customers_of_every_page(ruth, cast, database, query):
    numbers = [f"B{number:04}" for number in range(2 * queries.EXPORT_BATCH + 1)]
    with database.atomic():
        for number in numbers:
            Customer.create(number=number, name="Batch")
    found = [row["Customer number"] for row in rows_of(ruth, f"/customers/export.csv{query}")]
    assert found[: len(numbers)] == numbers and len(found) - len(numbers) == (0 if query else 2)


def test_the_import_reads_customers_without_a_difference(ruth, cast, write, flask_import, database):
    Customer.update(email="office@cedarlane.example", phone="+1 (555) 010-0199", internal_id="5").where(
        Customer.id == cast.cedar.id
    ).execute()
    before = list(Customer.select().order_by(Customer.id).tuples())
    path = write("customers.csv", ruth.get("/customers/export.csv").get_data())
    result = flask_import("customers", path)
    assert "0 new, 0 changed, 2 unchanged" in result.output, result.output
    assert list(Customer.select().order_by(Customer.id).tuples()) == before


def test_payments_of_a_customer(alice, ruth, cast, owed, make_invoice):
    pay(alice, owed.late, owed.due, pay="part", amount="1000")
    pay(alice, owed.next, nonce="fake-processor-declined-visa-nonce")
    rows = rows_of(alice, "/payments/export.csv")
    assert [(row["Status"], row["Invoice number"], row["Amount"], row["Payment amount"]) for row in rows] == [
        ("Not taken", "INV-1048", "324.00", "324.00"),
        ("Processing", "INV-1037", "600.00", "1000.00"),
        ("Processing", "INV-1041", "400.00", ""),
    ]
    assert (rows[1]["Date"], rows[1]["Paid by"], rows[1]["Currency"]) == ("2026-11-22", "Alice Okafor", "USD")
    assert rows == rows_of(ruth, f"/customers/{cast.cedar.public_id}/payments/export.csv")
    assert 'href="/payments/export.csv"' in alice.get("/payments").get_data(as_text=True)


def test_payments_that_the_company_recorded(alice, cast, make_invoice):
    make_invoice(cast.cedar, "OLD-1", 9900, paid_elsewhere_minor=9900)
    (row,) = rows_of(alice, "/payments/export.csv")
    assert (row["Status"], row["Invoice number"], row["Amount"]) == ("Recorded by the company", "OLD-1", "99.00")


def test_sent_email(alice, ruth, cast, owed, app, database):
    pay(alice, owed.late)
    (row,) = rows_of(ruth, "/setup/company/sent-email/export.csv?q=alice")
    assert (row["Kind"], row["To"]) == ("Receipt", "alice@cedarlane.example")
    assert row["Created (UTC)"] == "2026-11-22T17:00:00+00:00"
    assert rows_of(ruth, "/setup/company/sent-email/export.csv?q=charlie") == []
    assert 'href="/setup/company/sent-email/export.csv?q=alice"' in ruth.get(
        "/setup/company/sent-email?q=alice"
    ).get_data(as_text=True)
    assert OutboxMail.select().count() == 1


def test_no_cell_is_a_formula(alice, ruth, cast, make_invoice, database):
    Customer.update(name="=HYPERLINK(0)").where(Customer.id == cast.cedar.id).execute()
    make_invoice(cast.cedar, "@1", 100, memo="+cmd|' /C calc'!A0")
    assert rows_of(ruth, "/customers/export.csv?q=77")[0]["Name"] == "'=HYPERLINK(0)"
    (row,) = rows_of(alice, "/invoices/export.csv")
    assert (row["Number"], row["Memo"]) == ("'@1", "'+cmd|' /C calc'!A0")
