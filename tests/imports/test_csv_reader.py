"""Encodings, delimiters and row numbers."""

import codecs

import pytest

from app.imports.csv_reader import CHUNK, numbered_rows
from app.imports.report import FileProblem
from app.models import Customer

pytestmark = pytest.mark.once  # what is written of them is the same SQL


TEXT = "Customer number,Name\n1,Fennel & Fig Café\n2,Žižkov Bäckerei\n"


@pytest.fixture
def names(flask_import, write):
    """names(bytes) are the customers' names after importing such a file; or what the command said."""

    def _names(content):
        result = flask_import("customers", write("customers.csv", content))
        return [c.name for c in Customer.select().order_by(Customer.id)] if result.exit_code == 0 else result.output

    return _names


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        b"sep=;\r\n" + TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", ",,\n").encode(),
        TEXT.replace("\n1", "\n\n1").encode(),
    ],
)
def test_every_usual_form_is_read(names, content):
    assert names(content) == ["Fennel & Fig Café", "Žižkov Bäckerei"]


def test_windows_1252_is_read_and_said(flask_import, write):
    result = flask_import("customers", write("c.csv", TEXT.encode("cp1252")))
    assert "was read as Windows-1252" in result.output
    assert Customer.get().name == "Fennel & Fig Café"


def test_a_capital_before_a_quote_is_still_windows_1252(names):
    assert names("Customer number,Name\n1,CAFÉ’S\n2,Île d’Ér – É…\n".encode("cp1252")) == ["CAFÉ’S", "Île d’Ér – É…"]


def test_a_damaged_utf8_file_names_the_row(names):
    assert "Row 3, Name: contains a character" in names(TEXT.encode().replace("Ž".encode(), b"\xc5"))


def test_bytes_that_windows_1252_does_not_have_name_the_row(names):
    assert "Row 2, Name: contains a character" in names(b"Customer number,Name\n1,\x81\xe9\n")


def test_rows_are_counted_as_a_spreadsheet_counts(names):
    assert "Row 4, Name: is empty." in names('Customer number,Name\n1,"two\nlines"\n\n3,\n')
    assert "Row 2, Name: is empty." in names("sep=,\nCustomer number,Name\n3,\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b" \n", "The file is empty."),
        (b"PK\x03\x04...", "is damaged or incomplete"),
        (b"%PDF-1.7", "a PDF"),
        (b'Customer number,Name\n1,"open\n2,b\n', 'a quote (") that is not closed'),
        (b'Customer number,Name\n1,"a"b\n', "Row 2: a cell has a quote"),
        (b"Customer number,Name\n1," + b"x" * 200_000, "a cell is longer than 100,000 characters"),
        (b"Customer number,Name\n1,a,b\n", "Row 2: has 3 cells, but the header has 2."),
        (b"\x00\x01\x02", "not a CSV file"),
        (b"\x89PNG\r\n\x1a\n....", "The file is a picture, which can't be imported."),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "The file is a picture, which can't be imported."),
        (b"BM\x36\0\0\0\0\0", "The file is a picture, which can't be imported."),
        (b"BM number,Name\n1,Ann\n", "There is no column Customer number"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'[{"a": 1}]', "JSON"),
        (bytes(range(256)) * 9, "not a CSV file"),
        (b"Customer number,Name\n", "has a header and no rows"),
        (b"Customers of Harbor\nNumber of them\n1,Ann\n", "A row must name the columns"),
        (b"Customer number|Name\n1|Ann\n", "not “|”"),
    ],
)
def test_file_that_is_no_csv_is_named(names, content, said):
    assert said in names(content)


def test_a_chunk_that_ends_inside_a_character_is_still_utf8(names):
    header, first = b"Customer number,Name\n", b"1,Fennel & Fig Caf"
    blank_lines = b"\n" * (CHUNK - len(header) - len(first) - 1)
    assert names(header + blank_lines + first + "é\n".encode()) == ["Fennel & Fig Café"]


def test_rows_are_bounded():
    rows = [["1", "Ann"], [], ["2", "Ben"], ["3", "Cleo"]]
    assert [number for number, _cells in numbered_rows(iter(rows), 0, most=4)] == [1, 3, 4]
    with pytest.raises(FileProblem, match=r"^The file has more than 3 rows\. Split it into several\.$"):
        list(numbered_rows(iter(rows), 0, most=3))


def test_a_nul_names_its_cell(names):
    assert "Row 3, Name: contains a character that can't be read." in names(TEXT.encode().replace(b"kov", b"\x00kov"))
