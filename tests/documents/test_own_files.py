from datetime import date
from io import BytesIO

import pypdf
import pytest

from app.documents.own_files import MAX_BYTES, NO_FILE, NOT_A_PDF, NOT_WHOLE, FileError, check_pdf
from app.models import Audit, DocumentFile
from tests.people import invoice
from tests.support.pages import csrf_of

pytestmark = pytest.mark.usefixtures("in_database")


def pdf(pages: int = 1) -> bytes:
    writer, buffer = pypdf.PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(buffer)
    return buffer.getvalue()


OURS = pdf()


@pytest.fixture
def document(cast):
    return invoice(cast.cedar, "INV-1", 12300, date(2026, 12, 3))


@pytest.fixture
def send(cast, document, ruth):
    """send(content) uploads a file on the document's page; send(remove="1") presses Remove."""
    page = f"/customers/{cast.cedar.public_id}/invoices/{document.public_id}"

    def send(content: bytes | None = None, name: str = "their.pdf", **form):
        form["csrf_token"] = csrf_of(ruth.get(page).get_data(as_text=True))
        if content is not None:
            form["pdf"] = (BytesIO(content), name)
        return ruth.post(f"{page}/file", data=form, content_type="multipart/form-data")

    return send


def test_own_pdf_is_what_people_download(cast, log_in, document, send):
    assert send(OURS, "Invoice 1.pdf").status_code == 303
    response = log_in(cast.alice).get(f"/invoices/{document.public_id}.pdf")
    assert response.data == OURS and response.mimetype == "application/pdf"
    assert "INV-1 Harbor and Pine Supply.pdf" in response.headers["Content-Disposition"]
    kept = DocumentFile.described(document.id)
    assert (kept.name, kept.size, kept.actor) == ("Invoice 1.pdf", len(OURS), cast.ruth.email)
    assert Audit.last("document_file_added").facts["document"] == "INV-1"


def test_page_says_which_file_it_is_and_it_is_replaced_and_removed(cast, log_in, ruth, document, send):
    page = f"/customers/{cast.cedar.public_id}/invoices/{document.public_id}"
    send(OURS, "first.pdf")
    assert "first.pdf" in ruth.get(page).get_data(as_text=True)
    send(pdf(2), "second.pdf")
    assert "second.pdf" in ruth.get(page).get_data(as_text=True) and DocumentFile.select().count() == 1
    assert send(remove="1").status_code == 303
    assert DocumentFile.select().count() == 0 and Audit.last("document_file_removed").facts["file"] == "second.pdf"
    assert log_in(cast.alice).get(f"/invoices/{document.public_id}.pdf").data != OURS
    assert send(remove="1").status_code == 303, "removing it twice"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NO_FILE),
        (b"PK\x03\x04 a ZIP", NOT_A_PDF),
        (b"<html>%PDF-1.7", NOT_A_PDF),
        (OURS[:-20], NOT_WHOLE),
        (OURS[: len(OURS) // 2], NOT_WHOLE),
        (b"%PDF-1.7\nstartxref\n999999\n%%EOF", NOT_WHOLE),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF", NOT_WHOLE),
    ],
)
def test_incomplete_pdf_is_refused_with_advice(send, content, error):
    response = send(content)
    assert response.status_code == 422 and error in response.get_data(as_text=True)
    assert DocumentFile.select().count() == 0


def test_file_that_is_too_large_is_refused(send):
    with pytest.raises(FileError, match="more than 5 MB"):
        check_pdf(OURS + bytes(MAX_BYTES))
    assert send(OURS + bytes(MAX_BYTES + 70 * 1024)).status_code == 413
    assert send(None).status_code == 422 and DocumentFile.select().count() == 0


def test_pdf_of_each_producer_is_taken():
    check_pdf(OURS)
    check_pdf(OURS + b"\r\n")
    check_pdf(OURS + b"\n\0\0")


def test_file_goes_with_its_document(document, send):
    send(OURS)
    document.delete_instance()
    assert DocumentFile.select().count() == 0


def test_another_customer_does_not_get_it(cast, log_in, document, send):
    send(OURS)
    assert log_in(cast.charlie).get(f"/invoices/{document.public_id}.pdf").status_code == 404
