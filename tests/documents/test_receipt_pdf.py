import email
from email import policy

import pytest

from app.models import Attempt, Company, Customer, Invoice, booking
from app.worker import Worker
from tests.conftest import NOON
from tests.documents.conftest import Pdf
from tests.people import invoice
from tests.routes import pay

pytestmark = pytest.mark.usefixtures("in_database")


@pytest.fixture
def paid(cast, log_in):
    """The reference of Alice's payment of INV-A (123.00) and INV-B (45.00)."""
    documents = [
        invoice(cast.cedar, number, minor, NOON.date()) for number, minor in (("INV-A", 12300), ("INV-B", 4500))
    ]
    return pay(log_in(cast.alice), *(one.public_id for one in documents))


def get(client, address: str) -> Pdf:
    response = client.get(address)
    assert response.status_code == 200
    return Pdf(response.data)


def test_receipt_has_what_books_need(cast, log_in, paid):
    Company.update(tax_number="EIN 98-7654321", statement_descriptor="HARBOR*PINE").execute()
    Customer.update(tax_number="US-12").where(Customer.id == cast.cedar.id).execute()
    Invoice.update(open_minor=1000).where(Invoice.number == "INV-B").execute()
    pdf = get(log_in(cast.alice), f"/payments/{paid}.pdf")
    assert pdf.words.startswith(
        "Harbor & Pine Supply 118 Wharf Street Portland, ME 04101 billing@harborpine.example, (555) 010-0142"
        f" Tax number EIN 98-7654321 Receipt {paid} Received from Cedar Lane Bakery 42 Cedar Lane Bath, ME 04530"
        f" Account 77 Tax number US-12 Date Nov 22, 2026, 12:00 PM Reference {paid}"
        " Method Card, Visa ending 1111 Currency USD Paid by Alice Okafor"
        " Invoice Issued Total Paid Left to pay INV-A Oct 1, 2026 123.00 123.00 0.00"
        " INV-B Oct 1, 2026 45.00 45.00 10.00"
        " Total paid $168.00 Left to pay is as of Nov 22, 2026."
    ), pdf.words
    assert "appears on your card statement as HARBOR*PINE" in pdf.words
    pdf.assert_accessible_archive()


def test_payment_page_links_to_it(cast, log_in, paid):
    assert f'href="/payments/{paid}.pdf"' in log_in(cast.alice).get(f"/payments/{paid}").get_data(as_text=True)
    record = f"/customers/{cast.cedar.public_id}/payments"
    assert f'href="{record}/{paid}.pdf"' in log_in(cast.ruth).get(record).get_data(as_text=True)
    assert f"Receipt {paid}" in get(log_in(cast.ruth), f"{record}/{paid}.pdf").words


def test_payment_that_did_not_become_money_has_no_receipt(cast, log_in, paid):
    booking.void(Attempt.get(Attempt.reference == paid), 1)
    assert log_in(cast.alice).get(f"/payments/{paid}.pdf").status_code == 404
    page = log_in(cast.alice).get(f"/payments/{paid}").get_data(as_text=True)
    assert f"{paid}.pdf" not in page


@pytest.fixture
def sent(app, config):
    """sent() delivers what is due; the messages."""

    def sent() -> list:
        Worker(app).deliver_mail()
        files = sorted((config.instance / "outbox").glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    return sent


def test_receipt_is_attached_to_its_email(paid, sent):
    (message,) = sent()
    (file,) = message.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_filename() == f"Receipt {paid} Harbor and Pine Supply.pdf"
    assert f"Receipt {paid}" in Pdf(file.get_content()).words
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}


def test_email_goes_out_without_a_receipt_that_can_not_be_made(paid, sent):
    Company.update(time_zone="Nowhere/At_all").execute()
    (message,) = sent()
    assert list(message.iter_attachments()) == [] and "Thank you" in message.as_string()


def test_no_receipt_is_attached_after_the_payment_was_reversed(paid, sent):
    booking.void(Attempt.get(Attempt.reference == paid), 1)
    receipt = next(one for one in sent() if "Your payment of" in one["Subject"])
    assert list(receipt.iter_attachments()) == []
