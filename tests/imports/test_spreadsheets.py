"""Workbooks: typed cells, the sheet with the rows, and what is refused before it is read."""

import datetime
import io
import re
import struct
import zipfile

import pytest

from app.imports import archives, extractor, sources
from app.models import Customer, Invoice
from tests.imports.conftest import CASES
from tests.support.office_files import Raw, ods, xlsx, zipped

pytestmark = pytest.mark.once  # what is written of them is the same SQL


HEADINGS = ["Customer number", "Number", "Date", "Due date", "Currency", "Total", "Paid in full"]
DAY, DUE = datetime.date(2026, 10, 5), datetime.date(2026, 11, 4)
KINDS = pytest.mark.parametrize("make", [xlsx, ods])


def row(number, total, day=DAY):
    return ["77", number, day, DUE, "USD", total, None]


@pytest.fixture
def run(flask_import, write, cedar):
    def _run(content, *options, name="upload.bin"):
        return flask_import("invoices", write(name, content), *options)

    return _run


def totals():
    return {invoice.number: invoice.total_minor for invoice in Invoice.select()}


@KINDS
def test_typed_cells_are_read_without_questions(run, make):
    result = run(make({"Invoices": [HEADINGS, row(1051, 1250.1), row("INV-2", 0.1 + 0.2), row("INV-3", 7)]}))
    assert totals() == {"1051": 125010, "INV-2": 30, "INV-3": 700}, result.output
    assert {str(invoice.issued_on) for invoice in Invoice.select()} == {"2026-10-05"}


@KINDS
def test_the_first_sheet_with_headings_is_read_and_said(run, make):
    result = run(
        make({"Cover": [["Our books"]], "Open & paid": [["Title"], [], HEADINGS, row("A", 5)], "More": [HEADINGS]})
    )
    assert totals() == {"A": 500}
    assert "The sheet “Open & paid” was read.\nSheets that were not read: Cover, More." in result.output


def test_hidden_sheets_are_skipped_and_said(run):
    rows = {"Old": [HEADINGS, row("X", 1)], "Now": [HEADINGS, row("A", 5)]}
    assert "Hidden sheets that were not read: Old." in run(xlsx(rows, hidden=("Old",))).output
    assert totals() == {"A": 500}


@KINDS
def test_problems_name_sheet_and_row(run, make):
    output = run(make({"Invoices": [["Title"], [], HEADINGS, row("A", 5), [], row("B", "abc")]})).output
    assert "Sheet “Invoices”, row 6, Total: “abc” is not an amount in USD." in output and not totals()


def test_errors_are_bad_cells_where_they_are_used(run):
    bad, unused = row("A", Raw('t="e"><v>#REF!</v>')), row("B", 5)
    unused[-1] = Raw('t="e"><v>#N/A</v>')
    output = run(xlsx({"S": [HEADINGS, bad, unused]})).output
    assert "Sheet “S”, row 2, Total: “#REF!” is not an amount in USD. It is an error of the spreadsheet" in output
    assert "Problems: 1." in output
    assert "1 new" in run(xlsx({"S": [HEADINGS, unused]})).output


def test_an_error_refuses_an_ods(run):
    error = Raw(
        '<table:table-cell table:formula="of:=#REF!" office:value-type="string" office:string-value="">'
        "<text:p>#REF!</text:p></table:table-cell>"
    )
    assert "a cell with the error #REF! in the sheet “S”" in run(ods({"S": [HEADINGS, row("A", error)]})).output


def test_formulas_are_read_by_their_results(run):
    cells = row("A", Raw("><f>B2*1.19</f><v>23.79</v>")), row("B", Raw("><f>1+1</f><v></v>"))
    output = run(xlsx({"S": [HEADINGS, *cells]})).output
    assert "row 3, Total: “#NO RESULT” is not an amount" in output
    assert "open the workbook in a spreadsheet program, and save it there" in output
    run(xlsx({"S": [HEADINGS, cells[0]]}))
    assert totals() == {"A": 2379}


def test_numbers_are_read_as_shown(run):
    result = run(xlsx({"S": [HEADINGS, row("A", Raw('s="2"><v>23.7881</v>')), row("B", Raw('s="2"><v>1.005</v>'))]}))
    assert totals() == {"A": 2379, "B": 101}
    assert "Numbers that the spreadsheet shows with fewer decimals than it has, read as shown: 2." in result.output
    assert "is not an amount in USD. USD has 2 decimals" in run(xlsx({"S": [HEADINGS, row("C", 23.7881)]})).output


def test_a_number_with_lost_digits_is_no_identifier(run):
    output = run(xlsx({"S": [HEADINGS, row(9.90001000000001e18, 5)]})).output
    assert "row 2, Number: “9.90001000000001E+18” was shortened by the spreadsheet." in output


@pytest.mark.parametrize("value", [0.1 + 0.2, 1.125, 12345.678, 1e-7, -0.0, 5.0, 1e14 + 0.5, -2.5])
def test_number_texts_keep_the_number_and_have_one_reading(value):
    text = extractor.number_text(value)
    assert float(text) == pytest.approx(value, rel=1e-14) and len(text.partition(".")[2]) != 3 and "E" not in text


def test_text_numbers_of_a_workbook_are_in_its_style(run):
    cells = [row("A", "1.234,56"), row("B", "(120,00)"), row("C", "120,00-")]
    cells[1][4:5], cells[2][4:5] = ["USD"], ["USD"]
    run(xlsx({"S": [[*HEADINGS, "Type"], [*cells[0], ""], [*cells[1], "Credit Memo"], [*cells[2], "Credit Memo"]]}))
    assert totals() == {"A": 123456, "B": 12000, "C": 12000}


def test_customers_come_from_workbooks_too(flask_import, write):
    content = xlsx({"People": [["Customer number", "Name", "Email"], [42, "Žižkov Bäckerei", "ann@bakery.example"]]})
    assert "1 new" in flask_import("customers", write("c.xlsx", content)).output
    assert Customer.get().number == "42" and Customer.get().name == "Žižkov Bäckerei"


def test_a_quickbooks_report_as_a_workbook(flask_import, write):
    flask_import("customers", CASES / "customers.csv")
    head = ["", "Date", "Transaction Type", "Num", "Posting", "Memo/Description", "Account", "Amount"]
    rows = [
        ["Larch Supply Co"],
        ["Transaction List by Customer"],
        ["All Dates"],
        [],
        head,
        ["Harbour Lamps"],
        ["", "10/15/2026", "Invoice", "1051", "Yes", "", "Accounts Receivable (A/R)", 1250.0],
        ["Total for Harbour Lamps", "", "", "", "", "", "", 1250.0],
        [],
        ["Saturday, Nov 28, 2026 09:15:00 AM GMT-5"],
    ]
    result = flask_import("invoices", write("q.xlsx", xlsx({"Report": rows})), "--currency", "USD")
    assert totals() == {"1051": 125000} and Invoice.get().customer.number == "C1", result.output


def lying_about_size(content: bytes) -> bytes:
    # The directory says that a member unpacks to 10 bytes.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = "xl/worksheets/sheet1.xml"
        size = archive.getinfo(name).file_size
    return content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: xlsx({"S": [HEADINGS]}, more={"xl/externalLinks/externalLink1.xml": "x"}), "Break Link"),
        (lambda: xlsx({"S": [HEADINGS, row("A", 5)]})[:-300], "is damaged or incomplete"),
        (lambda: xlsx({"S": []}), "The sheet “S” is empty."),
        (lambda: xlsx({"S": [HEADINGS]}, hidden=("S",)), "no sheet that can be read"),
        (lambda: xlsx({"S": [HEADINGS]}), "has a header and no rows"),
        (lambda: lying_about_size(xlsx({"S": [HEADINGS, row("A", 5)]})), "damaged"),
        (lambda: zipped({"xl/workbook.bin": b"x"}), "save it as .xlsx"),
        (lambda: zipped({"word/document.xml": b"x"}), "a Word document"),
        (lambda: zipped({"xl/workbook.xml": b"<workbook", "[Content_Types].xml": b""}), "damaged"),
        (lambda: ods({"S": [HEADINGS]}, manifest="<encryption-data/>"), "protected by a password"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(5_000), "old Excel workbook (.xls). Open it, and save it as .xlsx"),
        (
            lambda: b"\xd0\xcf\x11\xe0" + bytes(5_000) + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (
            lambda: xlsx({"S": [HEADINGS, row("A", 5)]}, more={"XL/workbook.xml": "x"}),
            "which many systems take for one file",
        ),
        (
            lambda: xlsx({"S": [HEADINGS, row("A", 5)]}, more={"xl/styles.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}),
            "damaged or incomplete",
        ),
        (
            lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "Export it as CSV",
        ),
    ],
)
def test_refused_spreadsheet_comes_with_advice(run, content, said):
    result = run(content())
    assert result.exit_code == 1 and said in result.output and not totals(), result.output


def test_a_huge_sheet_is_refused(run):
    far = xlsx({"S": [HEADINGS, row("A", 5)]})
    with zipfile.ZipFile(io.BytesIO(far)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    place = "xl/worksheets/sheet1.xml"
    members[place] = members[place].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    output = run(zipped(members)).output
    assert "Delete empty rows and columns, or save it as CSV." in output and not totals()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('office:value-type="float" office:value="1" table:number-columns-repeated="2000000000"', "cells"),
        (
            'office:value-type="float" office:value="1" table:number-columns-repeated="16000"',
            "the maximum is 1,000 columns and",
        ),
    ],
)
def test_repeated_cells_are_bounded(run, cell, said):
    output = run(ods({"S": [HEADINGS, [Raw(f"<table:table-cell {cell}/>")]]})).output
    assert said in output and "Delete empty rows and columns, or save it as CSV." in output


def test_a_bomb_of_shared_strings_ends_its_own_process(run):
    # One long text in every cell: small in the file, many gigabytes in memory.
    rows = [[Raw('t="s"><v>0</v>')] * 40 for _ in range(5_000)]
    strings = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{"x" * 900_000}</t></si></sst>'
    )
    content = xlsx({"S": rows}, more={"xl/sharedStrings.xml": strings})
    content = with_shared_strings(content)
    assert len(content) < 500_000
    output = run(content).output
    assert "too large to be read" in output and not totals()


def with_shared_strings(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    relations = "xl/_rels/workbook.xml.rels"
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    members[relations] = members[relations].replace(
        b"</Relationships>",
        b'<Relationship Id="rIdS" Type="' + kind + b'" Target="sharedStrings.xml"/></Relationships>',
    )
    return zipped(members)


def test_a_member_that_unpacks_to_far_more_is_refused(run):
    content = xlsx({"S": [HEADINGS, row("A", 5)]}, more={"xl/media/a.bin": "0" * 3_000_000})
    assert "would unpack to 2 MB, more than 200 times its size" in run(content).output


def test_unpacked_size_and_number_of_members_are_limited(run, flask_import, tmp_path):
    sheet = {"S": [HEADINGS, row("A", 5)]}
    parts = {f"xl/media/{number}.bin": "" for number in range(archives.MAX_UNPACKED // archives.RATIO_FROM + 1)}
    stated = struct.pack("<I", archives.RATIO_FROM)  # of each member, in the directory of the ZIP
    content = re.sub(rb"(PK\x01\x02.{20}).{4}", lambda found: found[1] + stated, xlsx(sheet, more=parts), flags=re.S)
    assert "would unpack to more than 512 MB" in run(content).output
    parts = {f"xl/media/{number}.bin": "" for number in range(archives.MAX_MEMBERS)}
    assert "contains more than 5,000 files" in run(xlsx(sheet, more=parts)).output
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(sources.LARGEST_FILE + 1)
    assert "The file is 1,024 MB; the maximum is 1,024 MB." in flask_import("invoices", tmp_path / "large.csv").output
