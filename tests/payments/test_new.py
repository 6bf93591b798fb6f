"""GET /payments/new: what would be paid, shown exactly."""

import re
from datetime import date
from urllib.parse import quote

import pytest

from app.models import Access, Role
from tests.payments.conftest import HTMX, VISA, fields_of, open_form, pay, pay_url, submit
from tests.support.pages import text_of, title_of


def test_the_quote_names_each_invoice_and_what_it_gets_oldest_first(alice, owed):
    response = alice.get(pay_url(owed.due, owed.late))
    assert "INV-1037 35 days late $600.00 INV-1041 9 days late $1,186.50 Total $1,786.50" in text_of(response)
    assert title_of(response) == "Pay 2 invoices \N{EN DASH} Harbor & Pine Supply"


def test_one_primary_button_names_the_amount(alice, owed):
    page = alice.get(pay_url(owed.due)).get_data(as_text=True)
    assert page.count("btn-primary") == 1
    assert "Pay $1,186.50" in text_of(alice.get(pay_url(owed.due)))


def test_all_open_invoices_in_one_currency(alice, owed, cast, make_invoice):
    make_invoice(cast.cedar, "INV-EUR", 900, currency="EUR")
    page = text_of(alice.get("/payments/new?all=USD"))
    assert "INV-1048" in page and "INV-EUR" not in page and "Total $2,110.50" in page


def test_an_invoice_named_twice_is_paid_once(alice, owed):
    assert "Total $600.00" in text_of(alice.get(pay_url(owed.late, owed.late)))


def test_a_part_amount_shows_the_exact_split(alice, owed):
    page = text_of(alice.get(pay_url(owed.late, owed.due, amount="700.25")))
    assert "INV-1037 35 days late $600.00" in page
    assert "INV-1041 9 days late $100.25 of $1,186.50 You pay now $700.25" in page
    assert "Remaining balance $1,086.25" in page


def test_typing_an_amount_changes_the_quote_and_the_button_alone(alice, owed):
    response = alice.get(pay_url(owed.late, pay="part", amount="250"), headers=HTMX)
    body = response.get_data(as_text=True)
    assert "<html" not in body and 'hx-target="#payment-quote"' in body and 'hx-target="#payment-go"' in body
    assert 'name="token"' not in body and 'id="payment-card"' not in body
    assert "Pay $250.00" in text_of(response)


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("HUF", 2), ("JPY", 0), ("KWD", 3)])
def test_page_says_how_many_decimals_the_bank_receives(alice, cast, make_invoice, currency, digits):
    """Browsers have their own idea of HUF's."""
    page = alice.get(pay_url(make_invoice(cast.cedar, "INV-X", 1_250_000, currency=currency))).get_data(as_text=True)
    assert f'data-minor="1250000" data-digits="{digits}"' in page


def test_a_currency_that_no_account_takes_is_not_paid_online(alice, cast, make_invoice):
    response = alice.get(pay_url(make_invoice(cast.cedar, "INV-X", 1_000, currency="CLP")))
    assert response.status_code == 403 and "Invoices in this currency cannot be paid online" in text_of(response)


@pytest.mark.parametrize("amount", ["", "12,", "abc", "9999999"])
def test_unfinished_amount_gets_no_error_while_typing(alice, owed, amount):
    response = alice.get(pay_url(owed.late, pay="part", amount=amount), headers=HTMX)
    assert response.status_code == 200 and "summary" not in response.get_data(as_text=True)
    assert "Pay $" not in text_of(response)


NASTY = [
    "1E-9",
    "0.005",
    "1_000",
    "-0",
    "-5",
    "sNaN",
    "NaN",
    "Infinity",
    "1e400",
    "%00",
    "5%00",
    "%ED%A0%80",
    "%D9%A3",
    "0x10",
    "1,2,3",
    "5.999",
    "9" * 10000,
    "5" + "%20" * 500 + "0",
    "%2B5",
]


@pytest.mark.parametrize("amount", NASTY)
def test_invalid_amount_is_422_with_a_message(alice, owed, amount):
    response = alice.get(pay_url(owed.late, pay="part", amount=amount))
    assert response.status_code == 422
    assert text_of(response).count("Enter an amount like 600.00") == 2
    assert title_of(response).startswith("Error: ")


@pytest.mark.parametrize("amount", ["", "%20"])
def test_an_empty_amount_is_asked_for(alice, owed, amount):
    response = alice.get(pay_url(owed.late, pay="part", amount=amount))
    assert response.status_code == 422 and text_of(response).count("Enter an amount to pay") == 2


def test_words_agree_with_the_number_of_invoices(alice, owed):
    pay(alice, owed.late)
    pay(alice, owed.due)
    assert "This invoice has been paid, or a payment for it is being" in text_of(alice.get(pay_url(owed.late)))
    assert "These invoices have been paid, or a payment" in text_of(alice.get(pay_url(owed.late, owed.due)))


def test_invoices_of_two_of_my_customers_are_paid_apart(app, alice, cast, owed):
    with app.extensions["database"].connection_context():
        role = Role.get(name="Customer Center")
        Access.create(user=cast.alice, customer=cast.fennel, role=role, given=True)
    response = alice.get(pay_url(owed.late, owed.fennel, customer=cast.cedar.public_id))
    assert response.status_code == 422 and "Pay for one customer at a time" in text_of(response)


@pytest.mark.parametrize(
    "amount,words",
    [
        ("600.01", "Amount must be $600.00 or less"),
        ("999999999", "Amount must be $600.00 or less"),
        ("0.99", "Amount must be at least $1.00"),
        ("0", "Amount must be at least $1.00"),
    ],
)
def test_an_amount_outside_the_range_names_the_limit(alice, owed, amount, words):
    response = alice.get(pay_url(owed.late, amount=amount))
    assert response.status_code == 422 and text_of(response).count(words) == 2
    assert 'aria-invalid="true"' in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "button"),
    [
        ("de_DE", "EUR", "2.500,00", "Pay 2.500,00 €"),
        ("de_DE", "EUR", "12,50", "Pay 12,50 €"),
        ("hu_HU", "HUF", "5000,50", "Pay 5 000,50 Ft"),
        ("hu_HU", "HUF", "12,500", "Pay 12,50 Ft"),
        ("fr_FR", "EUR", "2\u202f500,00", "Pay 2 500,00 €"),
        ("de_CH", "CHF", "2'500.00", "Pay CHF 2’500.00"),
    ],
)
def test_an_amount_is_typed_as_the_page_writes_it(
    alice, cast, make_invoice, in_locale, locale, currency, amount, button
):
    in_locale(cast.cedar, locale)
    one = make_invoice(cast.cedar, "INV-X", 1_000_000, currency=currency)
    assert button in text_of(alice.get(pay_url(one, amount=quote(amount))))


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "example"),
    [
        ("de_DE", "EUR", "12.50", "2.500,00"),
        ("de_DE", "EUR", "2,500", "2.500,00"),
        ("de_DE", "EUR", "2.50", "2.500,00"),
        ("de_CH", "CHF", "12,500", "2’500.00"),
        ("de_DE", "JPY", "700,5", "2.500"),
    ],
)
def test_an_amount_with_two_readings_is_refused_with_an_example(
    alice, cast, make_invoice, in_locale, locale, currency, amount, example
):
    in_locale(cast.cedar, locale)
    one = make_invoice(cast.cedar, "INV-X", 1_000_000, currency=currency)
    response = alice.get(pay_url(one, amount=quote(amount)))
    assert response.status_code == 422 and text_of(response).count(f"Enter an amount like {example}") == 2


def test_yen_have_no_decimals(alice, cast, make_invoice):
    yen = make_invoice(cast.cedar, "INV-JPY", 1500, currency="JPY")
    assert "Pay ¥1,500" in text_of(alice.get(pay_url(yen)))
    assert "You pay now ¥700" in text_of(alice.get(pay_url(yen, amount="700")))
    assert "like 1,500" in text_of(alice.get(pay_url(yen, amount="700.5")))


def test_dinars_have_three_decimals(alice, cast, make_invoice):
    dinars = make_invoice(cast.cedar, "INV-KWD", 12345, currency="KWD")
    assert "Pay KWD12.345" in text_of(alice.get(pay_url(dinars)))
    assert "You pay now KWD1.005" in text_of(alice.get(pay_url(dinars, amount="1.005")))


def test_an_invoice_of_less_than_one_dollar_is_paid_in_full(alice, cast, make_invoice):
    page = alice.get(pay_url(make_invoice(cast.cedar, "INV-S", 50))).get_data(as_text=True)
    assert "Pay $0.50" in page and "Pay a different amount" not in page


def test_several_currencies_are_paid_one_at_a_time(alice, owed, cast, make_invoice):
    euros = make_invoice(cast.cedar, "INV-EUR", 90000, currency="EUR")
    response = alice.get(pay_url(owed.late, euros, owed.due))
    page = text_of(response)
    assert response.status_code == 422 and "Pay one currency at a time" in page
    assert "1 invoice in EUR Pay €900.00" in page and "2 invoices in USD Pay $1,786.50" in page
    link = re.search(r'href="(/payments/new[^"]+)">Pay €900', response.get_data(as_text=True))[1]
    assert "Total €900.00" in text_of(alice.get(link))


def test_empty_selection_has_a_message(alice, owed):
    response = alice.get("/payments/new")
    assert response.status_code == 422 and "Select one or more open invoices" in text_of(response)
    assert 'href="/invoices"' in response.get_data(as_text=True)


@pytest.mark.parametrize("url", ["/payments/new?all=EUR", "/payments/new?all=%00", "/payments/new?all=" + "X" * 9000])
def test_a_currency_without_open_invoices(alice, owed, url):
    assert "Nothing to pay" in text_of(alice.get(url))


def test_a_paid_invoice_has_nothing_to_pay(alice, cast, make_invoice):
    paid = make_invoice(cast.cedar, "INV-P", 1000, paid_elsewhere_minor=1000)
    assert "Nothing to pay" in text_of(alice.get(pay_url(paid)))


@pytest.mark.parametrize("public_id", ["nosuchinvoice", "%00", "%ED%A0%80", "' OR 1=1 --", "9" * 5000, "-1", "%D9%A3"])
def test_an_unknown_invoice_is_a_404(alice, owed, public_id):
    assert alice.get(f"/payments/new?invoice={public_id}").status_code == 404


def test_more_than_500_invoices_are_too_many(alice):
    response = alice.get("/payments/new?" + "&".join(f"invoice=x{n}" for n in range(501)))
    assert response.status_code == 422 and "Pay up to 500 invoices at a time" in text_of(response)


def test_all_with_more_than_500_open_invoices(alice, app, cast):
    from tests.people import invoice

    with app.extensions["database"].connection_context():
        for n in range(501):
            invoice(cast.cedar, f"INV-{n}", 1000, date(2026, 12, 1))
    assert "Pay up to 500" in text_of(alice.get("/payments/new?all=USD"))


@pytest.mark.parametrize("fault", ["error_500", "error_401", "lost_response", "garbage", "error_429"])
def test_without_a_client_token_the_page_says_so_and_offers_no_button(alice, owed, demo_gateway, fault):
    demo_gateway.faults.add(fault, on="client_token")
    response = alice.get(pay_url(owed.late))
    assert response.status_code == 200
    assert "Card payments are not working right now" in text_of(response)
    assert "btn-primary" not in response.get_data(as_text=True)


def test_each_page_has_a_token_of_its_own(alice, owed):
    assert open_form(alice, owed.late)["token"] != open_form(alice, owed.late)["token"]


def test_the_form_carries_the_balances_that_it_shows(alice, owed):
    fields = open_form(alice, owed.late, owed.due)
    assert fields["shown"] == [f"{owed.late.public_id}:60000:USD", f"{owed.due.public_id}:118650:USD"]


def test_only_the_pay_page_may_load_card_frames(alice, owed):
    assert "frame-src" in alice.get(pay_url(owed.late)).headers["Content-Security-Policy"]
    assert "frame-src" not in alice.get("/payments").headers["Content-Security-Policy"]


def test_hostile_text_is_escaped(alice, cast, make_invoice):
    evil = make_invoice(cast.cedar, '"><script>alert(1)</script>', 1000)
    page = alice.get(pay_url(evil, amount='"><script>alert(2)</script>')).get_data(as_text=True)
    assert "<script>alert" not in page


def test_showing_the_split_without_javascript_leads_to_a_url_without_secrets(alice, owed):
    fields = {**open_form(alice, owed.late, owed.due), "pay": "part", "amount": "700.25"}
    response = alice.post("/payments/new", data=fields)
    assert response.status_code == 303
    assert "token" not in response.location and "shown" not in response.location
    assert "You pay now $700.25" in text_of(alice.get(response.location))


def test_an_invoice_that_a_colleague_is_paying_says_so(alice, log_in, cast, owed, demo_gateway, clock):
    demo_gateway.faults.add("lost_response", on="sale")
    bob = log_in(cast.bob)
    submit(bob, open_form(bob, owed.late), VISA, pay="part", amount="100")
    clock.advance(seconds=20)
    page = text_of(alice.get(pay_url(owed.late)))
    assert "INV-1037 is being paid by Bob Lindqvist, 20 seconds ago." in page and "Total $500.00" in page
    assert "INV-1037 is being paid by you, 20 seconds ago" in text_of(bob.get(pay_url(owed.late)))


def test_recent_partial_payment_is_mentioned(alice, log_in, cast, owed, clock):
    """A customer who reloads during the payment gets an empty form, and may not know that they have paid."""
    bob = log_in(cast.bob)
    receipt = submit(bob, open_form(bob, owed.late), VISA, pay="part", amount="100").location
    clock.advance(seconds=20)
    paid, reference = "paid $100.00 toward INV-1037 20 seconds ago", receipt.rpartition("/")[2]
    assert f"You {paid} ({reference})." in text_of(bob.get(pay_url(owed.late)))
    assert f"Bob Lindqvist {paid} ({reference})." in text_of(alice.get(pay_url(owed.late)))
    assert "paid $100.00" not in text_of(alice.get(pay_url(owed.due)))
    several = submit(bob, open_form(bob, owed.late, owed.due), VISA, pay="part", amount="600").location
    assert f"You paid $600.00 toward 2 invoices 1 second ago ({several.rpartition('/')[2]})." in text_of(
        bob.get("/payments/new?all=USD")
    )
    clock.advance(minutes=31)
    assert "paid $100.00" not in text_of(bob.get(pay_url(owed.late)))


def test_the_whole_invoice_being_paid_by_a_colleague(alice, log_in, cast, owed, demo_gateway, clock):
    demo_gateway.faults.add("lost_response", on="sale")
    bob = log_in(cast.bob)
    submit(bob, open_form(bob, owed.late))
    clock.advance(minutes=3)
    page = text_of(alice.get(pay_url(owed.late)))
    assert "Nothing to pay" in page and "is being paid by Bob Lindqvist, 3 minutes ago" in page


def test_pay_form_has_exactly_these_fields(alice, owed):
    fields = fields_of(alice.get(pay_url(owed.late)).get_data(as_text=True))
    assert set(fields) == {"csrf_token", "token", "payment_method_nonce", "device_data", "shown"}


def test_without_javascript_there_is_no_button_and_another_way_to_pay(alice, owed, bank_details):
    page = alice.get(f"/payments/new?invoice={owed.late.public_id}").get_data(as_text=True)
    assert 'class="btn btn-primary btn-block btn-lg js-only" type="submit"' in page
    assert "Turn it on and reload this page." in text_of(page) and "bank transfer" not in page
    bank_details(USD="Wharf Bank")
    assert "or pay by bank transfer." in text_of(alice.get(f"/payments/new?invoice={owed.late.public_id}"))
