"""Which sheet of a workbook is read."""

import pytest

from app.models import ColumnMapping, Customer, ImportRun
from tests.support.office_files import ods, xlsx

CUSTOMERS = [["Customer number", "Name", "Email"], ["C-1", "Quarry Kiln", ""]]
OLD = [["Customer number", "Name", "Email"], ["C-8", "Old Mill"], ["C-9", "Lamp Works"]]
ODD = [["Code", "Who"], ["C-5", "Fig Farm"]]
QUESTION = "Which sheet has the rows?"


def run_of(url: str) -> ImportRun:
    return ImportRun.by_public_id(url.rpartition("/")[2])


@pytest.mark.parametrize("make", [xlsx, ods])
def test_sheet_is_asked_about_and_read(upload, page, press, database, make):
    url = upload(make({"This year": CUSTOMERS, "Old": OLD, "Empty": []}), f"book.{make.__name__}")
    text = page(url)
    assert QUESTION in text and "This year, 2 rows" in text and "Old, 3 rows" in text and "Empty," not in text
    assert "Which sheet of the workbook?" in text and "Choose columns" not in text and not run_of(url).digest
    press(url, "answers", sheet="Elsewhere")
    assert QUESTION in page(url) and run_of(url).choices.get("sheet") is None
    press(url, "answers", sheet="Old")
    assert "2 new" in page(url) and run_of(url).kind == "customers"
    press(url, "apply")
    assert {each.number for each in Customer if each.number[:2] == "C-"} == {"C-8", "C-9"}


def test_another_sheet_is_chosen_instead(upload, page, press, database):
    invoices = [["Customer number", "Number", "Date", "Currency", "Total"], ["77", "N-1", "2026-11-03", "USD", 5]]
    url = upload(xlsx({"Customers": CUSTOMERS, "Invoices": invoices}), "book.xlsx")
    press(url, "answers", sheet="Customers")
    press(url, "answers", sheet="Invoices", kind="customers")
    assert run_of(url).kind == "invoices" and "1 new" in page(url)


def test_one_sheet_is_not_asked_about(upload, page, database):
    text = page(upload(xlsx({"This year": CUSTOMERS, "Empty": []}), "book.xlsx"))
    assert QUESTION not in text and "1 new" in text


def test_sheet_is_remembered_with_its_columns(upload, page, press, database):
    url = upload(xlsx({"Notes": [["Read", "me"]], "List": ODD, "Old": ODD}), "book.xlsx", kind="customers")
    press(url, "answers", sheet="List")
    press(url, "columns", field=["number", "name"], name="ours")
    assert ColumnMapping.get(name="ours").sheet == "List" and "1 new" in page(url)
    url = upload(xlsx({"Notes": [["Read", "me"]], "Old": ODD, "List": [*ODD, ["C-6", "Mill"]]}), "june.xlsx")
    assert "2 new" in page(url) and "saved as “ours”" in page(url) and run_of(url).choices["sheet"] == "List"
    url = upload(xlsx({"Notes": [["Read", "me"]], "List": OLD, "Old": ODD}), "july.xlsx")
    assert QUESTION in page(url)  # the sheet has other headings
