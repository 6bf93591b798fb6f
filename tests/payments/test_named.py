"""Which customer a payment is for is said wherever it is made, and of what was made."""

import re

from app.models import OutboxMail
from tests.payments.conftest import HTMX, open_form, pay_url, submit
from tests.support.pages import text_of

NAME = "Cedar Lane Bakery"


def main_of(response) -> str:
    page = response.get_data(as_text=True)
    return page[page.index("<main") :]


def test_the_pay_page_names_the_customer_in_its_head_and_beside_the_button(alice, owed):
    page = main_of(alice.get(pay_url(owed.late)))
    assert f"For {NAME}, account 77" in text_of(page)
    button = re.search('<button[^>]*type="submit"[^>]*aria-describedby="pay-for"', page).start()
    assert re.search(f'id="pay-for">You are paying for <strong>{NAME}</strong></p>$', page[:button].strip())


def test_an_update_of_the_button_keeps_the_name(alice, owed):
    update = alice.get(pay_url(owed.late, pay="part", amount="10"), headers=HTMX)
    assert f"You are paying for <strong>{NAME}</strong>" in update.get_data(as_text=True)


def test_the_bank_step_names_the_customer(alice, owed):
    page = main_of(alice.get(pay_url(owed.late)))
    assert f"Payment for {NAME}" in page[page.index("<dialog") : page.index("</dialog>")]


def test_the_receipt_and_its_mail_name_the_customer(app, alice, owed):
    path = submit(alice, open_form(alice, owed.late)).location
    assert f"Customer {NAME}, account 77" in text_of(alice.get(path))
    with app.extensions["database"].connection_context():
        mail = OutboxMail.newest_first().get()
    assert f"Customer: {NAME}" in mail.text and NAME in mail.html


def test_one_currency_at_a_time_names_the_customer(alice, cast, make_invoice, owed):
    euro = make_invoice(cast.cedar, "INV-E", 1000, currency="EUR")
    assert f'For <strong class="wrap-any">{NAME}</strong>' in main_of(alice.get(pay_url(owed.late, euro)))
