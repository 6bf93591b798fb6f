"""A void document: what its pages say, and what is not offered for it."""

from datetime import date

import pytest

from app.models import Invoice, OutboxMail, PaymentLink
from tests.documents.conftest import Pdf
from tests.payments.conftest import pay_url
from tests.people import invoice
from tests.support.pages import csrf_of, text_of

pytestmark = pytest.mark.usefixtures("in_database")


@pytest.fixture
def void(cast):
    document = invoice(cast.cedar, "INV-1", 1200, date(2026, 12, 1))
    Invoice.update(is_void=True).where(Invoice.id == document.id).execute()
    Invoice.rebalance(Invoice.id == document.id)
    return document


def test_void_invoice_has_no_credits(cast, void, log_in):
    page = text_of(log_in(cast.alice).get(f"/invoices/{void.public_id}").get_data(as_text=True))
    assert "Credits" not in page and "Void \N{MINUS SIGN}12.00" in page
    assert "Void. Nothing to pay." in page


def test_pay_page_says_that_it_is_void(cast, void, log_in):
    page = text_of(log_in(cast.alice).get(pay_url(void)).get_data(as_text=True))
    assert "This invoice is void" in page and "has been paid" not in page


def test_no_pdf_and_no_payment_link_for_a_void_invoice(cast, void, log_in):
    ruth, record = log_in(cast.ruth), f"/customers/{cast.cedar.public_id}/invoices/{void.public_id}"
    page = ruth.get(record).get_data(as_text=True)
    assert "Add PDF" not in page and "Create link" not in page and "you can’t create a new link" in page
    sent = OutboxMail.select().count()
    for email in (cast.alice.email, ""):
        ruth.post(f"{record}/links", data={"csrf_token": csrf_of(ruth.get(record)), "email": email})
    assert PaymentLink.select().count() == 0 and OutboxMail.select().count() == sent


def test_address_to_pay_at_can_be_copied_from_the_pdf(cast, log_in, app):
    document = invoice(cast.cedar, "INV-1", 1200, date(2026, 12, 1))
    pdf = Pdf(log_in(cast.alice).get(f"/invoices/{document.public_id}.pdf").data)
    text = "".join("".join(page.extract_text() for page in pdf.reader.pages).split())
    assert f"/invoices/{document.public_id}" in text or "Payonline" not in text
    assert "\u200b" not in text
