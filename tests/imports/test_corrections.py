"""Rows that can't be imported as they are: corrected on a page, or downloaded with the reasons and uploaded again."""

import csv
import io

import pytest

from app.models import Customer, ImportRow, ImportRun, Invoice
from tests.imports.test_uploads import CUSTOMERS, INVOICES, row
from tests.support.office_files import cii, pdf, xlsx, zipped

BAD = INVOICES + row("N-1") + row("N-2", "x", "") + row("N-3", "50.00", "70.00") + row("N-4", customer="99")


def corrected(url: str) -> dict:
    return ImportRun.with_id(url.rpartition("/")[2]).choices.get("corrected", {})


def bad_rows(ruth, url: str) -> list[dict]:
    text = ruth.get(f"{url}/bad-rows.csv").get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_bad_rows_are_corrected_on_the_page(upload, page, press, database):
    url = upload(BAD)
    assert f'href="{url}/rows"' in page(url) and "3 problems keep" in page(url)
    form = page(f"{url}/rows")
    assert "“x” is not an amount in USD" in form and 'id="cell-3-5" name="cell" value="x"' in form
    assert "N-1" not in form and form.count("<fieldset") == 3
    press(url, "rows", place=["3:5", "4:6", "5:0"], cell=["60.00", "20.00", "77"])
    text = page(url)
    assert "4 new" in text and "Cells corrected here, and not in the file: 3." in text
    assert "Take back: row 3, Total: “60.00” instead of what the file has" in text
    press(url, "apply")
    assert {each.number: (each.total_minor, each.open_minor) for each in Invoice if each.number[:2] == "N-"} == {
        "N-1": (5000, 5000),
        "N-2": (6000, 6000),
        "N-3": (5000, 2000),
        "N-4": (5000, 5000),
    }
    press(url, "undo")
    assert not Invoice.select().where(Invoice.number == "N-2").exists()


def test_correction_is_taken_back(upload, page, press, database):
    url = upload(BAD)
    press(url, "rows", place=["3:5", "4:6"], cell=["60.00", "20.00"])
    press(url, "answers", take_back=["cell:3:5", "cell:9:9", "cell:", "cell:x:y"])
    assert corrected(url) == {"4": {"6": "20.00"}}
    assert "“x” is not an amount in USD" in page(url)


def test_correction_that_is_wrong_too_is_asked_about_again(upload, page, press, database):
    url = upload(BAD)
    press(url, "rows", place="3:5", cell="y")
    assert "“y” is not an amount in USD" in page(url) and 'value="y"' in page(f"{url}/rows")


def test_value_with_a_comma_is_put_together(upload, page, press, database):
    url = upload(CUSTOMERS + "C-3,Kiln, Oven,\n" + "C-4,Fine,,extra\n")
    form = page(f"{url}/rows")
    assert "has 4 cells, but the header has 3" in form and "Column 4" in form
    press(url, "rows", place=["4:1", "4:2", "4:3", "5:3"], cell=["Kiln, Oven", "", "", ""])
    assert "4 new" in page(url)
    press(url, "apply")
    assert Customer.numbered("C-3").name == "Kiln, Oven"


def test_what_is_sent_must_be_what_was_shown(upload, page, press, ruth, database):
    url = upload(BAD)
    for place, cell in (
        (["3:5"], []),
        (["2:5"], ["60.00"]),  # a good row
        (["3:5000"], ["x"]),
        (["3:x"], ["x"]),
        (["odd"], ["x"]),
        (["3:5"], ["6\x080"]),
        (["3:5"], ["x"]),
    ):
        answer = press(url, "rows", place=place, cell=cell)
        assert answer.status_code == 422 and "There is a problem" in answer.get_data(as_text=True)
    assert not corrected(url)
    assert press(url, "rows", place="3:5", cell="6", version="old").status_code == 409
    good = upload(CUSTOMERS)
    assert press(good, "rows", place="2:1", cell="x").status_code == 409
    assert ruth.get(f"{good}/rows").location == good


def test_what_was_typed_stays_after_an_error(upload, page, press):
    url = upload(BAD)
    answer = press(url, "rows", place=["3:5", "4:6"], cell=["60.00", "6\x080"]).get_data(as_text=True)
    assert 'value="60.00"' in answer and "Row 4: " in answer and "Type it again." in answer


def test_bad_rows_are_downloaded_with_reasons_and_uploaded_again(upload, page, press, ruth, database):
    url = upload(BAD)
    assert f'href="{url}/bad-rows.csv"' in page(url)
    rows = bad_rows(ruth, url)
    assert [(each["Number"], each["Total"]) for each in rows] == [("N-2", "x"), ("N-3", "50.00"), ("N-4", "50.00")]
    assert rows[0]["Reason"] == "Total: “x” is not an amount in USD. Leave out everything but digits: 1234.50."
    text = ruth.get(f"{url}/bad-rows.csv").get_data(as_text=True)
    again = upload(text.replace("x,", "60.00,", 1).replace("70.00", "20.00").replace("99,N-4", "77,N-4"))
    assert "3 new" in page(again)
    press(again, "apply")
    assert Invoice.get(Invoice.number == "N-2").total_minor == 6000


def test_columns_saved_under_a_name_are_known_in_the_file_of_bad_rows(upload, page, press, ruth, database):
    url = upload("Client code;Doc;When;What it costs;Cur\n77;N-1;2026-11-03;x;USD\n", kind="invoices")
    press(url, "columns", field=["customer", "number", "issued_on", "total", "currency"], name="Our till")
    assert "Our till" in page(upload(ruth.get(f"{url}/bad-rows.csv").get_data(), kind="invoices"))


def test_formulas_in_bad_rows_are_defused_and_read_again(upload, page, ruth):
    url = upload(CUSTOMERS + "C-3,=1+1,not an address\n")
    assert bad_rows(ruth, url)[0]["Name"] == "'=1+1"
    again = upload(ruth.get(f"{url}/bad-rows.csv").get_data(as_text=True).replace("not an address", "a@b.example"))
    assert "=1+1" in page(again) and "&#39;=1+1" not in page(again)


def test_rows_of_a_workbook_are_corrected(upload, page, press, database):
    cells = ["Customer number", "Number", "Date", "Currency", "Total"]
    sheet = [["Report"], [], cells, ["77", "N-1", "2026-11-03", "USD", "abc"]]
    url = upload(xlsx({"Open": sheet}), "open.xlsx")
    assert "Sheet “Open”, row 4" in page(f"{url}/rows")
    press(url, "rows", place="4:4", cell="12.50")
    press(url, "apply")
    assert Invoice.get(Invoice.number == "N-1").total_minor == 1250


def test_lines_of_a_document_and_text_of_several_lines_are_corrected(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Amount due,Bill to,Description,Line amount")
    url = upload(header + row("N-1")[:-1] + ',"1 Lane\nBath",Bread,30.00\n' + ",N-1,,,,,,,Rolls,abc\n")
    press(url, "rows", place=["3:9"], cell=["20.00"])
    assert "1 new" in page(url)
    url = upload(header + row("N-2", "x")[:-1] + ',"1 Lane\nBath",Bread,50.00\n')
    assert "<textarea" in page(f"{url}/rows")
    press(url, "rows", place=["2:5", "2:7"], cell=["50.00", "1 Lane\r\nBath"])
    assert corrected(url) == {"2": {"5": "50.00"}}


def test_files_that_are_no_tables_can_not_be_corrected_here(upload, page, ruth):
    for content in (zipped({"a.xml": cii("E-1")}), zipped({"P-9.pdf": pdf()})):
        url = upload(content, "books.zip")
        assert "Correct rows" not in page(url) and not bad_rows(ruth, url)
        assert ruth.get(f"{url}/rows").status_code == 303


@pytest.mark.parametrize("count", [3, 90])
def test_page_shows_as_many_rows_as_a_form_can_take(upload, page, database, count):
    url = upload(INVOICES + "".join(row(f"N-{n}", "x", "") for n in range(count)))
    form = page(f"{url}/rows")
    assert form.count("<fieldset") == min(count, 20)
    assert ("70 more rows follow" in form) is (count == 90)
    assert ImportRow.correctable(ImportRun.with_id(url.rpartition("/")[2])).count() == count


def test_long_cell_is_cut_in_the_file_of_bad_rows(upload, page, press, ruth, database):
    url = upload("Customer number,Name,Email,Address\nC-8,Old Mill,,{}\n".format("x" * 6_000))
    (found,) = bad_rows(ruth, url)
    assert found["Customer number"] == "C-8"
    assert found["Address"] == "x" * 500 + "… [cut: the file has 6,000 characters here]"
    assert "[cut: the file has 6,000 characters here]" in page(f"{url}/rows")
    press(url, "rows", place="2:3", cell="1 Lane")
    assert "1 new customer will be written" in page(url)
