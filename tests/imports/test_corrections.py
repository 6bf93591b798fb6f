"""Rows that can't be imported as they are: corrected on a page, or downloaded with the reasons and uploaded again."""

import csv
import io
from html import unescape

import pytest

from app.models import Customer, ImportRow, ImportRun, Invoice, InvoiceLine
from tests.imports.test_uploads import CUSTOMERS, INVOICES, row
from tests.support.office_files import cii, pdf, xlsx, zipped

BAD = INVOICES + row("N-1") + row("N-2", "x", "") + row("N-3", "50.00", "70.00") + row("N-4", customer="99")


def corrected(url: str) -> dict:
    return ImportRun.by_public_id(url.rpartition("/")[2]).choices.get("corrected", {})


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
    assert "4 new" in text and "Cells that you corrected here: 3." in text
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


def left_out(url: str) -> list[int]:
    return ImportRun.by_public_id(url.rpartition("/")[2]).choices.get("left_out", [])


def imported() -> dict:
    return {each.number: each.total_minor for each in Invoice if each.number[:2] == "N-"}


def test_rows_are_left_out_one_by_one_and_taken_back(upload, page, press, database):
    url = upload(BAD)
    assert "Leave this row out, with the rest of its document" in page(f"{url}/rows")
    press(url, "rows", leave_out=["3", "5"])
    text = page(url)
    assert "Rows that you left out, with the rest of each document: 3, 5." in text and "1 problem keeps" in text
    press(url, "answers", take_back=["row:5", "row:x", "row:9"])
    assert left_out(url) == [3] and "“99”" in page(url)
    press(url, "rows", place=["4:6", "5:0"], cell=["20.00", "typed"], leave_out="5")
    assert left_out(url) == [3, 5] and corrected(url) == {"4": {"6": "20.00"}}
    assert "2 new" in page(url)
    press(url, "apply")
    assert imported() == {"N-1": 5000, "N-3": 5000}
    assert "Rows that you left out, with the rest of each document: 3, 5." in page(url)


def test_only_a_bad_row_is_left_out(upload, page, press, database):
    url = upload(BAD)
    for row_number in ("2", "x", "", "99999"):
        assert press(url, "rows", leave_out=row_number).status_code == 422
    assert not left_out(url)


@pytest.mark.parametrize("bad", [3, 4, 5])
def test_all_rows_of_a_document_are_left_out_with_one_of_them(upload, page, press, database, bad):
    rows = [
        "77,N-1,2026-11-03,2026-12-03,USD,50.00,Bread,50.00",
        "77,N-2,2026-11-03,2026-12-03,USD,30.00,Rolls,10.00",
        ",N-2,,,,,Rye,10.00",
        ",,,,,,Buns,10.00",
        "77,N-3,2026-11-03,2026-12-03,USD,70.00,Cake,70.00",
    ]
    cells = rows[bad - 2].split(",")
    rows[bad - 2] = ",".join([*cells[:-1], "x"])
    header = "Customer number,Number,Date,Due date,Currency,Total,Description,Line amount\n"
    url = upload(header + "\n".join(rows) + "\n")
    press(url, "rows", leave_out=str(bad))
    assert "2 new" in page(url), page(url)
    press(url, "apply")
    assert imported() == {"N-1": 5000, "N-3": 7000}
    assert [line.description for line in InvoiceLine.select().order_by(InvoiceLine.id)] == ["Bread", "Cake"]


def test_total_that_is_a_sum_of_lines_is_not_lowered_by_a_row_that_is_left_out(upload, page, press, database):
    header = "Client Name,Invoice #,Date Issued,Invoice Status,Date Paid,Item Name,Item Description,Rate,Quantity,"
    header += "Discount Percentage,Line Subtotal,Tax 1 Type,Tax 1 Amount,Tax 2 Type,Tax 2 Amount,Line Total,Currency\n"
    line = "Cedar Lane Bakery,N-{number},2026-11-03,sent,,{item},,50.00,1,0,{amount},,,,,{amount},USD\n"
    good, wrong = line.format(number=1, item="A", amount="50.00"), line.format(number=1, item="B", amount="x")
    url = upload(header + good + wrong + line.format(number=2, item="C", amount="70.00"))
    press(url, "rows", leave_out="3")
    press(url, "apply")
    assert imported() == {"N-2": 7000}
    url = upload(
        header + line.format(number=3, item="A", amount="50.00") + line.format(number=3, item="B", amount="1,9")
    )
    press(url, "rows", leave_out="3")
    assert "It can't be left out: correct it." in unescape(page(url)) and "N-3" not in imported()


def test_customers_are_left_out(upload, page, press, database):
    url = upload(CUSTOMERS + "C-3,Kiln,not an address\nC-4,Fine,\n")
    assert "Leave this row out</span>" in page(f"{url}/rows")
    press(url, "rows", leave_out=str(CUSTOMERS.count("\n") + 1))
    assert "Row that you left out: 4." in page(url)
    press(url, "apply")
    assert Customer.by_number("C-4") and not Customer.by_number("C-3")


def test_file_of_which_every_row_is_left_out_has_nothing_to_import(upload, page, press, database):
    url = upload(INVOICES + row("N-1", "x", ""))
    press(url, "rows", leave_out="2")
    assert "Everything in the file is here already or was left out." in page(url)
    press(url, "answers", take_back="row:2")
    assert "is not an amount in USD" in page(url)


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
    assert Customer.by_number("C-3").name == "Kiln, Oven"


def test_correction_of_a_cell_that_was_not_shown_is_refused(upload, page, press, ruth, database):
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


def test_typed_corrections_stay_after_an_error(upload, page, press):
    url = upload(BAD)
    answer = press(url, "rows", place=["3:5", "4:6"], cell=["60.00", "6\x080"]).get_data(as_text=True)
    assert 'value="60.00"' in answer and "Row 4: " in answer and "Type it again." in answer


def test_bad_rows_are_downloaded_with_reasons_and_uploaded_again(upload, page, press, ruth, database):
    url = upload(BAD)
    assert f'href="{url}/bad-rows.csv"' in page(url)
    rows = bad_rows(ruth, url)
    assert [(each["Number"], each["Total"]) for each in rows] == [("N-2", "x"), ("N-3", "50.00"), ("N-4", "50.00")]
    assert rows[0]["Reason"] == "Total: “x” is not an amount in USD. Write only digits, like 1234.50."
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
    assert ImportRow.correctable(ImportRun.by_public_id(url.rpartition("/")[2])).count() == count


def test_long_cell_is_cut_in_the_file_of_bad_rows(upload, page, press, ruth, database):
    url = upload("Customer number,Name,Email,Address\nC-8,Old Mill,,{}\n".format("x" * 6_000))
    (found,) = bad_rows(ruth, url)
    assert found["Customer number"] == "C-8"
    assert found["Address"] == "x" * 500 + "… [cut: the file has 6,000 characters here]"
    assert "[cut: the file has 6,000 characters here]" in page(f"{url}/rows")
    press(url, "rows", place="2:3", cell="1 Lane")
    assert "1 new customer will be imported" in page(url)


def test_rows_whose_lines_differ_from_the_total_are_corrected(upload, page, press, database):
    header = INVOICES.replace("Amount due", "Amount due,Description,Line amount")
    url = upload(header + row("N-1").strip() + ",Bread,40.00\n")
    assert "Keep totals that differ from the sum of their lines" in page(url) and f'href="{url}/rows"' in page(url)
    press(url, "rows", place="2:8", cell="50.00")
    assert "1 new" in page(url)


@pytest.mark.parametrize(
    "bad",
    [
        row("N-2", "x", ""),
        row("N-2").replace("77,", "77,Cedar, ", 1),
        row("N-2", "1" * 300),
        row("N-2").replace("2026", "20\x8126", 1),
    ],
)
def test_document_of_a_bad_row_is_in_the_file(upload, page, press, database, bad):
    press(upload(INVOICES + row("N-1") + row("N-2") + row("N-3")), "apply")
    url = upload(INVOICES + row("N-1") + bad)
    missing = [one.number for one in ImportRow.of(ImportRun.by_public_id(url.rpartition("/")[2]), "vanished")]
    assert missing == ["N-3"], page(url)


def test_document_that_is_left_out_is_in_the_file(upload, page, press, database):
    press(upload(INVOICES + row("N-1") + row("N-2") + row("N-3")), "apply")
    url = upload(INVOICES + row("N-1") + row("N-2", "x", ""))
    press(url, "rows", leave_out="3")
    assert "Open here, of the same customers, and not in the file: 1." in page(url)
