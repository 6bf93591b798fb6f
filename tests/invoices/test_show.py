"""GET /invoices/<public id>: the paper, the side card, and what has happened."""

from datetime import date

import pytest

from app.clock import to_ms
from app.models import Allocation, Attempt, Company, Customer, Invoice, InvoiceLine
from tests.invoices.conftest import region
from tests.people import invoice
from tests.support.pages import text_of


@pytest.fixture
def client_of_alice(log_in, cast):
    return log_in(cast.alice)


@pytest.fixture
def show(client_of_alice):
    return lambda document: client_of_alice.get(f"/invoices/{document.public_id}").get_data(as_text=True)


@pytest.fixture
def paper(show):
    """The paper's text, its minus signs written as hyphens."""
    return lambda document: text_of(region(show(document), "invoice-paper", "article")).replace("\N{MINUS SIGN}", "-")


def line(document, position, description, quantity, unit_price, amount_minor):
    return InvoiceLine.create(
        invoice=document,
        position=position,
        description=description,
        quantity=quantity,
        unit_price=unit_price,
        amount_minor=amount_minor,
    )


def paid_with(cast, clock, document, minor, settlement, state="approved"):
    """A payment of `minor` for the document, as the protocol leaves it."""
    at = to_ms(clock())
    attempt = Attempt.create(
        token=f"t{settlement}{minor}",
        order_id=f"o{settlement}{minor}",
        customer=cast.cedar,
        user=cast.alice,
        amount_minor=minor,
        currency="USD",
        state=state,
        settlement=settlement,
        created_ms=at,
        sent_ms=at,
        touched_ms=at,
        decided_ms=at if state == "approved" else None,
        settled_ms=at,
    )
    Allocation.create(attempt=attempt, invoice=document, amount_minor=minor)
    Invoice.recount([document.id])
    return attempt


def test_the_paper_has_seller_customer_dates_and_lines(paper, cast, in_database):
    document = invoice(
        cast.cedar,
        "INV-1",
        117855,
        date(2026, 12, 3),
        terms="Net 30",
        po_number="CL-2214",
        tax_minor=19000,
        memo="Thank you",
    )
    line(document, 2, "Rye flour", "32.5", "28.7", 93275)
    line(document, 1, "Bread flour\nStone-milled", "1200", "0.0465", 5580)
    text = paper(document)
    for part in (
        "Harbor & Pine Supply 118 Wharf Street",
        "Invoice INV-1",
        "Bill to Cedar Lane Bakery 42 Cedar Lane",
        "Issued Oct 1, 2026 Due Dec 3, 2026 Terms Net 30 PO number CL-2214",
        "1,200 0.0465 55.80",
        "32.5 28.70 932.75",
        "Subtotal 988.55 Sales tax 190.00 Balance due $1,178.55",
        "Thank you",
    ):
        assert part in text
    assert text.index("Bread flour") < text.index("Rye flour")


def test_no_subtotal_is_shown_if_lines_differ_from_the_total(paper, cast, in_database):
    document = invoice(cast.cedar, "INV-1", 50000, date(2026, 12, 3), tax_minor=1000)
    line(document, 1, "Bread flour", "1", "300", 30000)
    text = paper(document)
    assert "Subtotal" not in text and "Sales tax 10.00 Total 500.00 Balance due $500.00" in text


def test_payments_and_credits_lead_to_what_is_left(paper, cast, clock, in_database):
    document = invoice(cast.cedar, "INV-1", 10000, date(2026, 12, 3), paid_elsewhere_minor=1000, credited_minor=500)
    settled = paid_with(cast, clock, document, 2000, "settled")
    paid_with(cast, clock, document, 3000, "submitted")
    sums = (
        f"Total 100.00 Payment {settled.reference} -20.00 Other payments -10.00 Credits -5.00"
        " Processing -30.00 Balance due $35.00"
    )
    assert sums in paper(document)


def test_activity_is_what_happened(show, cast, clock, in_database):
    document = invoice(cast.cedar, "INV-1", 10000, date(2026, 12, 3))
    settled = paid_with(cast, clock, document, 2000, "settled")
    paid_with(cast, clock, document, 1500, "failed")
    paid_with(cast, clock, document, 500, "", state="sent")
    paid_with(cast, clock, document, 700, "", state="declined")
    page = show(document)
    text = text_of(page[page.index("Activity") :])
    assert "Payment of $5.00 is being confirmed" in text
    assert "Payment of $15.00 failed" in text
    assert "Payment of $20.00 received" in text and f"/payments/{settled.reference}" in page
    assert "$7.00" not in text and "Issued Oct 1, 2026" in text


def test_the_side_card_offers_to_pay(show, owed):
    page = show(owed.later)
    assert "Balance due Overdue $11.86 Due Nov 13, 2026, 9 days late Pay this invoice" in text_of(page)
    assert f'href="/payments/new?invoice={owed.later.public_id}"' in page


@pytest.mark.parametrize("name", ["paid", "processing", "credit"])
def test_invoice_without_balance_cannot_be_paid(show, owed, name):
    page = show(getattr(owed, name))
    assert "Pay this invoice" not in page and "/payments/new" not in page


def test_a_paid_invoice_says_when(paper, cast, clock, in_database):
    document = invoice(cast.cedar, "INV-1", 2000, date(2026, 12, 3))
    paid_with(cast, clock, document, 2000, "settled")
    assert "Paid Nov 22, 2026" in paper(document) and "Due Dec" not in paper(document)


def test_a_credit_memo_says_what_is_left_of_it(show, paper, owed):
    assert "Credit memo CM-7" in paper(owed.credit)
    assert "Total 12.00 Used -7.00 Credit left $5.00" in paper(owed.credit)
    assert "Due" not in paper(owed.credit) and "Credit left Credit $5.00" in text_of(show(owed.credit))


def test_paying_that_is_off_names_the_invoice(show, owed):
    Company.update(customers_can_pay_online=False).execute()
    text = text_of(show(owed.next))
    assert "Online payment is not available yet. To pay, contact Harbor & Pine Supply at billing@" in text
    assert "Pay this invoice" not in text and "Pay online by card" not in text


def test_vera_may_only_look(log_in, cast, owed):
    page = log_in(cast.vera).get(f"/invoices/{owed.next.public_id}").get_data(as_text=True)
    assert "INV-1048" in page and "/payments/new" not in page


def test_bob_sees_what_alice_sees(log_in, cast, owed):
    assert log_in(cast.bob).get(f"/invoices/{owed.next.public_id}").status_code == 200


def test_charlie_does_not_find_alices_invoice(log_in, cast, owed):
    assert log_in(cast.charlie).get(f"/invoices/{owed.next.public_id}").status_code == 404


@pytest.mark.parametrize("name", ["missing", "%00", "x" * 10_000, "%ED%A0%80", "1", "9223372036854775808", "'"])
def test_unknown_invoice_is_404(client_of_alice, owed, name):
    assert client_of_alice.get(f"/invoices/{name}").status_code == 404


def test_text_from_the_books_stays_text(show, cast, in_database):
    nasty = "<script>alert(1)</script>\"'"
    document = invoice(
        cast.cedar, nasty, 100, date(2026, 12, 3), memo=nasty, terms=nasty, po_number=nasty, bill_to=nasty
    )
    line(document, 1, nasty, nasty, "1e999999", 100)
    page = show(document)
    assert "<script>alert" not in page and page.count("&lt;script&gt;") >= 6


@pytest.mark.parametrize("text", ["", "sNaN", "NaN", "Infinity", "1e999999", "0.00000000000000001", "9" * 40, "٣"])
def test_unreadable_quantities_are_shown_unchanged(show, cast, in_database, text):
    document = invoice(cast.cedar, "INV-1", 100, date(2026, 12, 3))
    line(document, 1, "Flour", text, text, 100)
    assert "Flour" in show(document)


def test_numbers_are_written_as_the_customer_writes_them(paper, cast, in_database):
    Customer.update(locale="de_DE").where(Customer.id == cast.cedar.id).execute()
    document = invoice(cast.cedar, "INV-1", 123456, date(2026, 12, 3))
    line(document, 1, "Mehl", "1200.5", "1.02837", 123456)
    assert "1.200,5 1,02837 1.234,56" in paper(document)


@pytest.mark.parametrize("lines", [0, 1, 60])
def test_four_statements_however_many_lines(client_of_alice, cast, clock, in_database, sent, lines):
    document = invoice(cast.cedar, "INV-1", 10000, date(2026, 12, 3))
    for n in range(lines):
        line(document, n, "Flour", "1", "1", 1)
        paid_with(cast, clock, document, n + 1, "settled")
    sent.clear()
    assert client_of_alice.get(f"/invoices/{document.public_id}").status_code == 200
    assert len(sent) <= 4, sent


@pytest.mark.parametrize(
    ("written", "bold", "rest"),
    [
        ("", "Cedar Lane Bakery", ""),
        ("12 Mill Lane\nBath", "Cedar Lane Bakery", "12 Mill Lane\nBath"),
        ("Cedar Lane Bakery\n12 Mill Lane", "Cedar Lane Bakery", "12 Mill Lane"),
    ],
)
def test_bill_to_begins_with_the_company_whether_the_books_wrote_it_or_not(show, cast, owed, written, bold, rest):
    Invoice.update(bill_to=written).where(Invoice.id == owed.next.id).execute()
    page = show(owed.next)
    assert f"<p><strong>{bold}</strong></p>" in page.partition("<h2>Bill to</h2>")[2]
    assert not rest or f'<address class="bill-to">{rest}</address>' in page


def test_a_customer_whose_number_is_the_name_is_named_once(client_of_alice, cast, in_database):
    Customer.update(number=cast.cedar.name).where(Customer.id == cast.cedar.id).execute()
    for url in ("/invoices", "/payments", "/account"):
        assert ", account" not in client_of_alice.get(url).get_data(as_text=True), url


def test_deduction_has_a_minus_sign(show, owed):
    assert "<dd>\N{MINUS SIGN}9.00</dd>" in show(owed.late)
