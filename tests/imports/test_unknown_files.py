"""Files whose headings we don't know, from the upload to the import."""

from app.models import Customer, ImportRun
from tests.imports.test_uploads import INVOICES, row

UNKNOWN = (
    "Northwind Tools,,,\nMembers in November,,,\n,,,\nCode,Trading as,Level,\nC-1,Harbour Lamps,1,\nC-2,Old Mill,0,\n"
)


def test_heading_row_is_found_below_titles(upload, page, press, database):
    url = upload(UNKNOWN, kind="customers")
    text = page(f"{url}/columns")
    assert "<strong>Trading as</strong>" in text and "Northwind" not in text.partition("import-columns")[2]
    press(url, "columns", field=["number", "name", "", ""])
    assert "2 new" in page(url)
    press(url, "apply")
    assert Customer.get(number="C-2").name == "Old Mill"


def test_column_without_a_heading_is_named_when_it_is_chosen(upload, press):
    url = upload("Code,,Level\nC-1,Harbour Lamps,1\n", kind="customers")
    answer = press(url, "columns", field=["number", "name", ""])
    assert answer.status_code == 422
    assert "Column 2 has no heading in the file. Give it one there, or choose" in answer.get_data(as_text=True)


def test_kind_can_be_changed_after_it_was_chosen(upload, page, press):
    url = upload(UNKNOWN)
    assert "The headings don’t show it. Choose it above" in page(url)
    press(url, "answers", kind="invoices")
    assert "There is no column Total" in page(url)
    press(url, "answers", kind="customers")
    assert "There is no column Total" not in page(url) and '<option value="customers" selected>' in page(url)


def test_clients_are_customers(upload, page):
    assert "1 new customer" in page(upload("Client code,Client,E-mail\nC-1,Old Mill,a@mill.example\n"))


def test_currency_of_the_last_import_is_proposed(upload, page, press, cast):
    without = INVOICES.replace("Currency,", "")
    url = upload(without + row("N-1").replace("USD,", ""))
    press(url, "answers", currency="USD")
    press(url, "apply")
    assert 'name="currency" value="USD"' in page(upload(without + row("N-2").replace("USD,", "")))


def test_documents_that_are_paid_here_are_said(upload, page, press, cast, pay):
    press(upload(INVOICES + row("N-1") + row("N-2")), "apply")
    pay("N-1", 5000)
    assert "Customers have paid toward 1 of these documents here: N-1." in page(
        upload(INVOICES + row("N-1") + row("N-2"))
    )


def test_saved_columns_that_lack_one_say_which_again_and_again(upload, page, press):
    text = "Alpha;Beta;Inv Date;Gamma\n77;T-9;11/27/2026;5.00\n"
    url = upload(text, kind="invoices")
    press(url, "columns", field=["customer", "number", "issued_on", ""], name="My columns")
    assert "There is no column Total" in page(url)
    again = upload(text, kind="invoices")
    assert "There is no column Total" in page(again)
    press(again, "columns", field=["customer", "number", "issued_on", "total"], name="My columns")
    assert "There is no column Total" not in page(upload(text, kind="invoices"))


def test_abbreviated_headings_are_guessed(upload, page, database):
    url = upload("Cust No.;Inv. #;Inv Dt;Amt;Qty\n77;N-1;2026-11-03;50,00;1\n", kind="invoices")
    fields = [column["guess"] for column in ImportRun.by_public_id(url.rpartition("/")[2]).findings["file_columns"]]
    assert fields == ["customer", "number", "issued_on", "total", "quantity"]
