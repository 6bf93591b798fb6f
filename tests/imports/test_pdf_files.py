"""PDFs by file name, and those that hold e-invoices, as the company's own files of its documents."""

import pytest

from app.imports import invoices
from app.imports.invoice_options import InvoiceOptions
from app.imports.plan import Change, RowOutcome
from app.imports.report import FileProblem
from app.imports.staging import staging_database
from app.models import Audit, Company, Customer, DocumentFile, Invoice
from tests.imports.conftest import CASES
from tests.support.office_files import cii, pdf, ubl, zipped

pytestmark = pytest.mark.once  # what is written of them is the same SQL


HEADER = "Customer number,Number,Date,Due date,Currency,Total\n"


@pytest.fixture
def run(flask_import, write):
    flask_import("customers", CASES / "customers.csv")
    rows = [f"C1,{number},2026-11-01,2026-12-01,USD,5.00\n" for number in ("INV-1", "INV/2026/7", "0042")]
    flask_import("invoices", write("i.csv", HEADER + "".join(rows)))

    def _run(content, name="pdfs.zip"):
        return flask_import("invoices", write(name, content))

    return _run


def files():
    return {file.invoice.number: file.name for file in DocumentFile.select()}


def test_pdfs_are_attached_by_name(run):
    first, second = pdf(), pdf("x", "a.txt")
    result = run(zipped({"2026/INV-1.pdf": first, "inv_2026_7.PDF": second}))
    assert files() == {"INV-1": "INV-1.pdf", "INV/2026/7": "inv_2026_7.PDF"}, result.output
    assert bytes(DocumentFile.get(DocumentFile.name == "INV-1.pdf").content) == first
    assert "0 new, 0 changed, 2 unchanged" in run(zipped({"INV-1.pdf": first, "inv_2026_7.PDF": second})).output
    assert "0 new, 1 changed" in run(zipped({"INV-1.pdf": second})).output
    assert {line.event for line in Audit.select()} >= {"document_file_added", "import"}


def test_one_pdf_needs_no_zip(run):
    assert "1 new" in run(pdf(), "0042.pdf").output and files() == {"0042": "0042.pdf"}


def test_all_or_none_of_the_pdfs_are_attached(run):
    result = run(zipped({"INV-1.pdf": pdf(), "INV-9.pdf": pdf()}))
    assert result.exit_code == 1 and files() == {}
    assert (
        "“INV-9.pdf”: There is no document “INV-9”. Name the file like its document, as INV-1051.pdf" in result.output
    )


def test_two_pdfs_of_one_document_are_refused(run):
    output = run(zipped({"INV-1.pdf": pdf(), "b/inv 1.pdf": pdf()})).output
    assert "“b/inv 1.pdf”: “INV-1.pdf” is of “INV-1” too. Leave one of them out." in output and files() == {}


def test_a_number_that_two_documents_have_is_never_chosen(run, flask_import, write):
    flask_import("invoices", write("i.csv", HEADER + "C2,INV-1,2026-11-01,2026-12-01,USD,5.00\n"), "--new", "INV-1")
    output = run(zipped({"INV-1.pdf": pdf()})).output
    assert "It may be of invoice “INV-1” of “Harbour Lamps” and invoice “INV-1” of “Quarry Kiln Ltd”." in output
    assert files() == {}


def test_e_invoices_bring_their_pdfs(run):
    result = run(zipped({"a.xml": ubl("UBL-1"), "a.pdf": pdf(), "b.pdf": pdf(cii())}))
    assert files() == {"UBL-1": "a.pdf", "INV-9": "b.pdf"}, result.output
    assert "PDFs that people will download instead of ours: 2." in result.output


def test_a_plan_of_pdfs_says_what_it_does(run, write):
    run(zipped({"INV-1.pdf": pdf()}))
    path = write("p.zip", zipped({"INV-1.pdf": pdf("x", "a.txt"), "0042.pdf": pdf()}))
    with staging_database():
        plan = invoices.plan(path, Company.current(), InvoiceOptions())
        rows = {row.number: (row.customer_number, row.outcome) for row in plan.rows()}
        assert rows == {"INV-1": ("C1", RowOutcome.CHANGED), "0042": ("C1", RowOutcome.NEW)}
        path.write_bytes(zipped({"INV-1.pdf": pdf(), "0042.pdf": pdf()}))
        with pytest.raises(FileProblem, match="has changed since it was read"):
            plan.apply()
    assert files() == {"INV-1": "INV-1.pdf"} and Invoice.select().count() == 3 and Customer.select().count() == 2


def test_exact_number_comes_before_others_that_are_like_it(run, flask_import, write):
    numbers = ("A-7", "A/7", "A 7", "A.7", "A7")
    rows = [f"C1,{number},2026-11-01,2026-12-01,USD,5.00\n" for number in numbers]
    flask_import("invoices", write("i.csv", HEADER + "".join(rows)), *(o for n in numbers for o in ("--new", n)))
    for number in ("A7", "A-7", "A.7"):
        run(pdf(), f"{number}.pdf")
    assert files() == {"A7": "A7.pdf", "A-7": "A-7.pdf", "A.7": "A.7.pdf"}


def test_pdfs_of_known_e_invoices_are_changes(run, write):
    run(zipped({"a.xml": ubl("UBL-1"), "b.xml": ubl("UBL-2")}))
    with staging_database():
        path = write("p.zip", zipped({"a.xml": ubl("UBL-1"), "b.xml": ubl("UBL-2"), "b.pdf": pdf()}))
        plan = invoices.plan(path, Company.current(), InvoiceOptions())
        assert (plan.new, plan.changed, plan.unchanged) == (0, 1, 1)
        assert {row.number: (row.outcome, row.changes) for row in plan.rows() if row.row} == {
            "UBL-1": (RowOutcome.UNCHANGED, ()),
            "UBL-2": (RowOutcome.CHANGED, (Change("pdf", None, "b.pdf"),)),
        }
        assert plan.replaced_pdfs == 0
        plan.apply()
    assert files() == {"UBL-2": "b.pdf"}
    again = {"a.xml": ubl("UBL-1"), "b.xml": ubl("UBL-2"), "b.pdf": pdf()}
    assert "0 new, 0 changed, 2 unchanged" in run(zipped(again)).output
    with staging_database():
        path = write("p.zip", zipped(again | {"b.pdf": pdf("x", "a.txt")}))
        plan = invoices.plan(path, Company.current(), InvoiceOptions())
        assert (plan.changed, plan.replaced_pdfs) == (1, 1)
