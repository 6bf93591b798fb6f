"""E-invoices: UBL and Factur-X, one or many in a ZIP, with the PDFs that hold them."""

import io
import re

import pytest

from app.imports import archives, einvoices
from app.imports.document_files import File, documents_source
from app.imports.extraction import Upload
from app.imports.report import FileProblem
from app.models import Customer, Invoice
from tests.imports.conftest import CASES
from tests.support.office_files import cii, pdf, ubl, xlsx, zipped

pytestmark = pytest.mark.once  # what is written of them is the same SQL


@pytest.fixture
def run(flask_import, write):
    flask_import("customers", CASES / "customers.csv")

    def _run(content, *options, name="upload"):
        return flask_import("invoices", write(name, content), *options)

    return _run


def documents():
    return {
        d.number: (d.customer.number, d.kind, d.currency, d.total_minor, d.tax_minor, d.open_minor)
        for d in Invoice.select()
    }


UBL_1 = ("C1", "invoice", "EUR", 125000, 20833, 125000)
CII_9 = ("C2", "invoice", "EUR", 23800, 3800, 13800)


def test_a_peppol_invoice(run):
    result = run(ubl())
    assert documents() == {"INV-1": UBL_1}, result.output
    assert "Read as e-invoices of UBL or Factur-X." in result.output
    found = Invoice.get()
    assert (str(found.issued_on), str(found.due_on), found.po_number) == ("2026-10-05", "2026-11-04", "PO-7")
    assert (found.memo, found.bill_to) == ("Thank you", "Harbour Lamps\n12 Quay St\nB3H 1A1 Halifax\nCA")
    assert [(x.description, x.quantity, x.unit_price, x.amount_minor) for x in found.lines] == [
        ("Rewiring: Ten table lamps", "10", "65", 65000),
        ("Cords", "2.125", "", 35000),
        ("Delivery", "", "", 4167),
    ]
    assert "0 new, 0 changed, 1 unchanged" in run(ubl()).output


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_xml_in_other_encodings_is_read(run, encoding):
    text = ubl(**{"Rewiring": "Überholung"}).replace('encoding="UTF-8"', f'encoding="{encoding[:6].rstrip("-")}"')
    run(text.encode(encoding))
    assert Invoice.get().lines[0].description == "Überholung: Ten table lamps"


def test_a_credit_note(run):
    run(ubl("CN-1", "CreditNote"))
    assert documents()["CN-1"][:4] == ("C1", "credit_memo", "EUR", 125000)


def test_an_unknown_kind_is_refused_with_its_file(run):
    output = run(cii(code="751"), name="a.xml").output
    assert "“a.xml”, E-invoice type: “of code 751” is not a type." in output and not documents()


def test_a_factur_x_pdf(run):
    result = run(pdf(cii()))
    assert documents() == {"INV-9": CII_9}, result.output
    assert [(x.description, x.quantity, x.unit_price, x.amount_minor) for x in Invoice.get().lines] == [
        ("Kiln door", "2", "100", 20000)
    ]
    run(pdf(cii("CR-9", "381")))
    assert documents()["CR-9"][1] == "credit_memo"


def test_a_zip_of_e_invoices(run):
    files = {
        "a/INV-1.xml": ubl(),
        "a/INV-1.pdf": pdf(),
        "b.pdf": pdf(cii()),
        "__MACOSX/b.pdf": b"x",
        "a/.DS_Store": b"x",
    }
    result = run(zipped(files))
    assert documents() == {"INV-1": UBL_1, "INV-9": CII_9}, result.output
    assert "0 new, 0 changed, 2 unchanged" in run(zipped(files)).output


def test_e_invoice_keeps_a_later_payment_elsewhere(run, write, flask_import):
    run(ubl())
    heading, row = (
        "Customer number,Number,Date,Due date,Currency,Total,Amount due",
        "C1,INV-1,2026-10-05,2026-11-04,EUR",
    )
    assert "1 changed" in flask_import("invoices", write("p.csv", f"{heading}\n{row},1250.00,900.00\n")).output
    assert "1 unchanged" in run(zipped({"1.xml": ubl(), "2.pdf": pdf(cii())})).output
    assert documents()["INV-1"][-1] == 90000


def test_an_unknown_id_of_the_buyer_is_never_given_to_a_customer_of_the_same_name(run):
    file = ubl(**{"<cbc:ID>C1<": "<cbc:ID>4711<"})
    result = run(file, name="x.xml")
    assert result.exit_code == 1 and not documents()
    assert "“x.xml”, Buyer ID: There is no customer “4711”. “C1” is called “Harbour Lamps” here" in result.output
    assert run(file, "--map", "Buyer ID=").exit_code == 0
    assert documents()["INV-1"][0] == "C1"
    output = run(ubl("INV-2", **{"<cbc:ID>C1<": "<cbc:ID>4711<", "Harbour Lamps": "Someone Else"}), name="x.xml").output
    assert "“x.xml”, Buyer ID: There is no customer “4711”. Import the customers first." in output


def test_a_buyer_without_an_id_is_found_by_name(run):
    party = "<cac:PartyIdentification><cbc:ID>C1</cbc:ID></cac:PartyIdentification>"
    run(ubl(**{party: "", '<cbc:ID schemeID="0088">7300010000001</cbc:ID>': ""}))
    assert documents()["INV-1"][0] == "C1"


def test_a_missing_due_date_follows_from_the_terms(run):
    due = "<cbc:DueDate>2026-11-04</cbc:DueDate>"
    terms = "<cac:PaymentTerms><cbc:Note>{}</cbc:Note></cac:PaymentTerms><cac:TaxTotal>"
    run(ubl("A", **{due: "", "<cac:TaxTotal>": terms.format("30 days net")}))
    run(ubl("B", **{due: "", "<cac:TaxTotal>": terms.format("Please pay soon. " * 20)}))
    assert {d.number: str(d.due_on) for d in Invoice.select()} == {"A": "2026-11-04", "B": "2026-10-05"}


NESTED = "<cac:X>" * 80 + "</cac:X>" * 80
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<a>" * 50_000 + "</a>" * 50_000, "The file is XML (“a”), but no e-invoice."),
        (ubl().replace("<cac:TaxTotal>", NESTED + "<cac:TaxTotal>", 1), "nests its elements too deep"),
        (ubl().replace("?>\n", "?>\n" + BOMB, 1), "has a DTD or entities"),
        (ubl().replace("?>\n", "?>\n" + OUTSIDE, 1).replace("PO-7", "&a;"), "has a DTD or entities"),
        (ubl()[:900], "is damaged or incomplete in line"),
        (ubl(**{"<cbc:Note>": NESTED + "<cbc:Note>"}), "nests its elements too deep"),
        (ubl(**{">1250.00</cbc:Pay": ">1200.00</cbc:Pay"}), "the amount to pay, 1200.00, is not the total, 1250.00"),
        (ubl(**{">1250.00</cbc:TaxI": ">12,50</cbc:TaxI"}), "TaxInclusiveAmount: “12,50” is not a number."),
        (ubl(**{">1250.00</cbc:TaxI": ">NaN</cbc:TaxI"}), "is not a number."),
        (ubl(""), "the number of the document is missing"),
        (ubl(**{"EUR</cbc:Doc": "ZZZ</cbc:Doc"}), "Currency: “ZZZ” is not a currency."),
        (ubl(**{"2026-10-05": "2026-13-05"}), "Date: “2026-13-05” is not a day in the calendar."),
        (ubl(**{":Invoice-2": ":Order-2"}), "but no UBL 2.1 or Factur-X invoice"),
        ("<CrossIndustryDocument/>", "ZUGFeRD 1"),
        ("<?xml version='1.0'?><feed/>", "XML (“feed”), but no e-invoice"),
        (pdf(ubl().replace("?>\n", "?>\n" + BOMB, 1)), "has a DTD or entities"),
        (pdf(cii())[:-1_500], "The PDF is incomplete"),
        (b"%PDF-1.7\n" + b"<</Type/EmbeddedFile>>" * 50 + b"%%EOF", "The PDF is incomplete"),
        (zipped({"a.pdf": b"MZ no PDF"}), "“a.pdf”: The file is not a PDF."),
        (zipped({"a.xml": ubl(), "b.xml": ubl()}), "“a.xml” and “b.xml” hold the same document: Invoice “INV-1”."),
        (zipped({"a.xml": ubl(), "b.pdf": pdf()}), "“b.pdf” contains no e-invoice"),
        (zipped({"a.zip": zipped({"a.xml": ubl()})}), "is a ZIP in a ZIP"),
        (zipped({"a.xlsx": xlsx({"S": []}), "b.xml": ubl()}), "is a ZIP in a ZIP"),
        (zipped({"a.txt": b"hello"}), "is neither a PDF nor an e-invoice"),
        (zipped({}), "is a ZIP without files"),
        (zipped({"a/": b""}), "is a ZIP without files"),
        (zipped({"../a.xml": ubl()}), "which leads out of the ZIP"),
        (zipped({"a/../../b.xml": ubl()}), "which leads out of the ZIP"),
        (zipped({"/etc/a.xml": ubl()}), "which begins at the root of a disk"),
        (zipped({"C:a.xml": ubl()}), "which begins at the root of a disk"),
        (zipped({"a\\..\\b.xml": ubl()}), "which leads out of the ZIP"),
        (zipped({"a.xml": ubl(), "A.XML": ubl("INV-2")}), "contains “a.xml” and “A.XML”, which many"),
        (zipped({"a.xml": ubl()})[:-10], "is damaged or incomplete"),
        (zipped({"a.xml": ubl()}).replace(b"\x08\x00", b"\x09\x00"), "compressed in a way that can't be read"),
        (zipped({"a.xml": "0" * 3_000_000}), "more than 200 times its size"),
    ],
)
def test_refused_e_invoice_comes_with_advice(run, content, said):
    result = run(content)
    assert result.exit_code == 1 and said in result.output and not documents(), result.output


def test_damage_inside_a_zip_names_the_member(run):
    content = bytearray(zipped({"a.xml": ubl()}))
    content[200:220] = bytes(20)
    assert "“a.xml” is damaged or incomplete." in run(bytes(content)).output


def test_an_encrypted_zip_is_refused(run):
    content = zipped({"a.xml": ubl()})
    encrypted = content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert encrypted != content and "is protected by a password" in run(encrypted).output


def test_bounds(run):
    line = re.search(r"<cac:InvoiceLine>.*?</cac:InvoiceLine>", ubl(), re.S)[0]
    long = ubl().replace(line, "<cac:InvoiceLine/>" * einvoices.MAX_LINES)
    assert "has 10,001 lines; the maximum is 10,000" in run(long).output
    assert "has too many elements" in run(ubl().replace(line, "<x/>" * einvoices.MAX_ELEMENTS)).output
    many = {f"{number}.xml": "" for number in range(archives.MAX_MEMBERS + 1)}
    assert "contains more than 5,000 files" in run(zipped(many)).output


def test_lines_of_all_files_together_are_bounded(tmp_path):
    upload = Upload(io.BytesIO(), "may.zip", tmp_path, len)
    files = [File(name, name, ubl(name).encode()) for name in ("a.xml", "b.xml")]
    with pytest.raises(FileProblem, match=r"^may\.zip has more than 3 lines of invoices"):
        documents_source(upload, iter(files), most_lines=3)
    documents_source(upload, iter(files), most_lines=4).file.close()


@pytest.mark.parametrize("content", [ubl(), pdf(cii()), zipped({"a.xml": ubl()})])
def test_customers_are_no_e_invoices(flask_import, write, content):
    output = flask_import("customers", write("c", content)).output
    assert "It must be a list, with a row for each: CSV, .xlsx or .ods." in output and not Customer.select().count()
