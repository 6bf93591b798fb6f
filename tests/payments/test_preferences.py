"""What Accounting Preferences say about part payments and currencies, on the pages and on the server."""

import pytest

from app.models import Attempt, Company
from tests.payments.conftest import open_form, pay, pay_url, submit
from tests.support.pages import text_of


@pytest.fixture
def prefer(app):
    def _prefer(**values):
        with app.extensions["database"].connection_context():
            Company.update(values).execute()

    return _prefer


def test_a_part_below_the_minimum_is_refused_and_the_minimum_is_said(alice, owed, prefer):
    prefer(minimum_payment="50")
    assert "Between $50.00 and $600.00." in text_of(alice.get(pay_url(owed.late)))
    assert "Amount must be at least $50.00" in text_of(alice.get(pay_url(owed.late, pay="part", amount="49.99")))
    refused = submit(alice, open_form(alice, owed.late), pay="part", amount="49.99")
    assert refused.status_code == 422 and "Amount must be at least $50.00" in text_of(refused)
    assert submit(alice, open_form(alice, owed.late), pay="part", amount="50.00").status_code == 303


def test_less_than_the_minimum_is_paid_in_full(alice, owed, prefer, fresh):
    prefer(minimum_payment="1000")
    page = alice.get(pay_url(owed.next))
    assert page.status_code == 200 and "different amount" not in text_of(page)
    assert pay(alice, owed.next).status_code == 303 and fresh(owed.next).open_minor == 0


def test_the_minimum_is_rounded_up_to_what_the_currency_has(alice, cast, make_invoice, prefer):
    prefer(minimum_payment="10.005")
    yen, dinar = (make_invoice(cast.cedar, c, 50_000, currency=c) for c in ("JPY", "KWD"))
    assert "Between ¥11 and" in text_of(alice.get(pay_url(yen)))
    assert "10.005 and" in text_of(alice.get(pay_url(dinar)))


def test_another_currency_cannot_be_paid_anywhere(alice, cast, owed, make_invoice, prefer, app):
    euro, form = make_invoice(cast.cedar, "INV-EUR", 50_000, currency="EUR"), None
    form = open_form(alice, euro)
    prefer(currencies="USD CAD")
    assert "Invoices in EUR cannot be paid online" in text_of(alice.get(f"/invoices/{euro.public_id}"))
    listed = alice.get("/invoices").get_data(as_text=True)
    assert f"pick-{owed.late.public_id}" in listed and f"pick-{euro.public_id}" not in listed
    assert "pay-EUR" not in listed and "all=EUR" not in listed
    panel = alice.get("/invoices/selected", query_string={"invoice": [euro.public_id]}).get_data(as_text=True)
    assert "pay-EUR" not in panel
    for response in (alice.get(pay_url(euro)), alice.get("/payments/new?all=EUR"), submit(alice, form)):
        assert response.status_code == 403 and "in this currency cannot be paid online" in text_of(response)
    with app.extensions["database"].connection_context():
        assert not Attempt.select().exists()


def test_only_accepted_currencies_are_offered(alice, cast, owed, make_invoice, prefer):
    euro, pound = (make_invoice(cast.cedar, c, 50_000, currency=c) for c in ("EUR", "GBP"))
    prefer(currencies="USD")
    page = text_of(alice.get(pay_url(owed.late, euro)))
    assert "1 invoice in USD" in page and "in EUR" not in page
    assert alice.get(pay_url(euro, pound)).status_code == 403


def test_a_payment_that_was_made_before_is_still_answered(alice, owed, prefer):
    form = open_form(alice, owed.late)
    first = submit(alice, form)
    prefer(currencies="EUR", minimum_payment="900")
    assert submit(alice, form).location == first.location
