"""GET /payments/<reference>: the truth about one payment."""

import re
from datetime import date

import pytest

from app.models import Attempt, Company, Customer, booking
from app.payments.cashier import Cashier
from app.payments.reconciliation import reconcile
from app.payments.settlement import poll_settlements
from tests.payments.conftest import HTMX, pay, pay_url
from tests.support.pages import text_of, title_of


@pytest.fixture
def work(app, gateway, clock):
    """work(minutes=2) moves the clock and does what the worker does then."""

    def _work(**delta):
        clock.advance(**delta)
        with app.extensions["database"].connection_context():
            reconcile(Cashier.of(app, Company.current()))
            poll_settlements(Cashier.of(app, Company.current()))

    return _work


def test_the_receipt_says_what_was_paid_and_what_is_left(alice, owed):
    response = alice.get(pay(alice, owed.late, owed.due, pay="part", amount="700.25").location)
    page = text_of(response)
    assert re.search(r"Payment received We will email the receipt to alice@cedarlane\.example\.", page)
    assert "$700.25 Status Processing Reference PAY-" in page and "Method Card, Visa ending 1111" in page
    assert "Paid by Alice Okafor Customer Cedar Lane Bakery" in page
    assert "INV-1037 $600.00 now paid INV-1041 $100.25 $1,086.25 left Total paid $700.25" in page
    assert re.match(r"Payment received, PAY-\w{10} ", title_of(response))


def test_next_steps_name_the_statement_and_the_next_due_invoice(alice, owed, app):
    with app.extensions["database"].connection_context():
        Company.update(statement_descriptor="HARBOR*PINE").execute()
    page = text_of(alice.get(pay(alice, owed.late, owed.due).location))
    assert "The charge appears on your card statement as HARBOR*PINE. Next due: $324.00 on Dec 3, 2026." in page


def test_next_due_amount_is_the_sum_of_that_day(alice, owed, cast, make_invoice):
    make_invoice(cast.cedar, "INV-1051", 10_000, date(2026, 12, 3))
    page = text_of(alice.get(pay(alice, owed.late, owed.due).location))
    assert "Next due: $424.00 on Dec 3, 2026." in page
    assert "Next due $424.00 Dec 3" in text_of(alice.get("/invoices"))


def test_a_receipt_is_named_one_and_a_declined_payment_is_none(alice, owed):
    page = text_of(alice.get(pay(alice, owed.late).location))
    assert re.search(r"Receipt PAY-\w{10} ", page)


def test_overdue_amount_comes_before_the_next_due_one(alice, owed, cast, make_invoice):
    make_invoice(cast.cedar, "INV-EUR", 900, date(2026, 10, 1), currency="EUR")
    page = text_of(alice.get(pay(alice, owed.next).location))
    assert "Still overdue: $1,786.50 on 2 invoices." in page and "Next due" not in page
    make_invoice(cast.cedar, "INV-1050", 900, date(2026, 12, 9))
    page = text_of(alice.get(pay(alice, owed.late).location))
    assert "Still overdue: $1,186.50 on 1 invoice. Next due: $9.00 on Dec 9, 2026." in page


def test_the_receipt_has_the_company_s_time(alice, owed):
    assert "Date Nov 22, 2026, 12:00" in text_of(alice.get(pay(alice, owed.late).location))


def test_payment_is_processing_until_it_has_settled(alice, owed, demo_gateway, work):
    url = pay(alice, owed.late).location
    assert "Status Processing" in text_of(alice.get(url))
    work(minutes=5)
    work(minutes=5)
    page = text_of(alice.get(url))
    assert "Status Paid" in page and "We have received the money." in page


def test_a_failed_settlement_reopens_the_invoice_and_says_so(alice, owed, demo_gateway, work):
    url = pay(alice, owed.late).location
    demo_gateway.decline_settlement(demo_gateway.transactions()[0]["id"])
    work(minutes=5)
    page = text_of(alice.get(url))
    assert "Payment failed" in page and "open again" in page and "Try again" in page
    assert "Total $600.00" in text_of(alice.get(pay_url(owed.late)))


def test_page_of_an_undecided_payment_polls(alice, owed, demo_gateway):
    demo_gateway.faults.add("lost_response", on="sale")
    url = pay(alice, owed.late).location
    page = alice.get(url).get_data(as_text=True)
    assert f'hx-get="{url}"' in page and 'hx-trigger="every 3s"' in page and 'role="status"' in page
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    part = alice.get(url, headers=HTMX).get_data(as_text=True)
    assert part.lstrip().startswith('<div id="payment-status"') and "Do not pay again yet." in part


def test_page_promises_the_mail_and_polls_less_after_a_minute(alice, owed, demo_gateway, clock):
    demo_gateway.faults.add("lost_response", on="sale")
    url = pay(alice, owed.late).location
    clock.advance(seconds=61)
    page = alice.get(url).get_data(as_text=True)
    assert 'hx-trigger="every 15s"' in page and "email a receipt to alice@cedarlane.example if" in " ".join(
        page.split()
    )


def test_a_lost_answer_resolves_into_the_receipt(alice, owed, demo_gateway, work):
    demo_gateway.faults.add("lost_response", on="sale")
    url = pay(alice, owed.late).location
    work(minutes=2)
    response = alice.get(url, headers=HTMX)
    assert response.status_code == 204 and response.headers["HX-Redirect"] == url
    assert "Payment received" in text_of(alice.get(url)) and len(demo_gateway.transactions()) == 1


def test_a_lost_decline_resolves_into_not_taken(alice, cast, make_invoice, demo_gateway, work):
    demo_gateway.faults.add("lost_response", on="sale")
    url = pay(alice, make_invoice(cast.cedar, "INV-D", 200100)).location
    work(minutes=2)
    page = text_of(alice.get(url))
    assert "Payment not taken Your bank says there are not enough funds on the Visa ending 1111." in page
    assert "Try again" in page and "every 3s" not in alice.get(url).get_data(as_text=True)


def test_a_decided_page_does_not_ask_again(alice, owed):
    page = alice.get(pay(alice, owed.late).location).get_data(as_text=True)
    assert "hx-trigger" not in page and "http-equiv" not in page


def test_the_printed_receipt_names_seller_customer_currency_method_and_total(alice, owed, cast, app):
    with app.extensions["database"].connection_context():
        Customer.update(address="9 Cedar Lane\nPortland OR").where(Customer.id == cast.cedar.id).execute()
        Company.update(name="Harbor & Pine Supply", address="1 Quay", email="ar@harborpine.example").execute()
    page = text_of(alice.get(pay(alice, owed.late).location))
    assert "Harbor & Pine Supply 1 Quay ar@harborpine.example" in page
    assert f"Received from Cedar Lane Bakery , account {cast.cedar.number} 9 Cedar Lane Portland OR" in page
    assert "Total paid $600.00 (USD)" in page


def test_the_reference_can_be_bookmarked_and_printed(alice, owed, clock):
    url = pay(alice, owed.late).location
    clock.advance(days=0, hours=1)
    page = alice.get(url).get_data(as_text=True)
    assert "data-print" in page and 'class="crumb"' in page


@pytest.mark.parametrize(
    "reference",
    [
        "PAY-NOSUCHPAY1",
        "%00",
        "%ED%A0%80",
        "' OR 1=1 --",
        "x" * 5000,
        "9223372036854775808",
    ],
)
def test_an_unknown_reference_is_a_404(alice, owed, reference):
    assert alice.get(f"/payments/{reference}").status_code == 404


def test_abandoned_says_not_charged(alice, owed, app, clock):
    url = pay(alice, owed.late).location
    with app.extensions["database"].connection_context():
        Attempt.update(state=Attempt.ABANDONED, settlement="").execute()
    assert "This payment was not completed. You have not been charged." in text_of(alice.get(url))


def test_canceled_at_the_gateway(alice, owed, app, clock):
    url = pay(alice, owed.late).location
    with app.extensions["database"].connection_context():
        booking.void(Attempt.get(), 0)
    page = text_of(alice.get(url))
    assert "Payment canceled" in page and "You have not been charged" in page
