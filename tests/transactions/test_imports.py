"""A file that names a document that was entered by hand."""

import pytest

from app.imports.report import Rejected
from app.models import Invoice
from tests.support.importing import import_invoices

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Status"


@pytest.fixture
def books(app, cast, clock, tmp_path, in_database):
    """books("HAND-1", "574.56", "Open") imports this document of Cedar's and one more, and is the report."""

    def _import(number: str, total: str, status: str = "Open", **options):
        path = tmp_path / "books.csv"
        rows = [
            f"{cast.cedar.number},{number},2026-11-22,2026-12-22,USD,{total},{status}",
            f"{cast.cedar.number},INV-9,2026-11-22,2026-12-22,USD,1.00,Open",
        ]
        path.write_text("\n".join([HEADER, *rows, ""]))
        with app.app_context():
            return import_invoices(path, now=clock(), **options)

    return _import


def test_document_of_the_same_number_is_the_same_document(entered, books):
    report = books("HAND-1", "574.56")
    assert (report.new, report.changed, report.unchanged) == (1, 0, 1)
    assert any("Entered here by hand, and in the file now: HAND-1." in note for note in report.notes)
    found = Invoice.get(Invoice.number == "HAND-1")
    assert found.id == entered.id and found.source == "import" and [line.amount_minor for line in found.lines]
    assert not any("by hand" in note for note in books("HAND-1", "574.56").notes)


def test_differing_file_changes_a_document_entered_by_hand(entered, books):
    with pytest.raises(Rejected):
        books("HAND-1", "600.00")
    report = books("HAND-1", "600.00", allow_line_differences=True)
    assert report.changed == 1
    found = Invoice.get(Invoice.number == "HAND-1")
    assert (found.total_minor, found.open_minor, found.version) == (60000, 60000, 2)


def test_void_in_the_file_is_void_here(entered, books):
    books("HAND-1", "574.56", "Voided")
    found = Invoice.get(Invoice.number == "HAND-1")
    assert found.is_void and found.open_minor == 0 and found.source == "import"


def test_document_that_the_books_do_not_have_is_not_missed(entered, books):
    report = books("OTHER-1", "10.00")
    assert not any("not in the file" in note for note in report.notes)
    assert Invoice.get(Invoice.number == "HAND-1").source == "manual"
