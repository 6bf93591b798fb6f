"""POST /payments: every outcome, through the real SDK and the demo gateway."""

import re

import pytest

from app.clock import to_ms
from app.models import Attempt, Company, Invoice, Throttle
from app.models.audit import Actor
from tests.payments.conftest import HTMX, VISA, fields_of, open_form, pay, pay_url, submit
from tests.support.pages import text_of, title_of


def charged(demo_gateway) -> list[str]:
    """The amounts that the gateway really took."""
    return [
        str(t["amount"])
        for t in demo_gateway.transactions()
        if t["status"] in ("authorized", "submitted_for_settlement", "settling", "settled")
    ]


def test_paying_leads_to_the_receipt(alice, owed, demo_gateway, fresh):
    response = pay(alice, owed.late, owed.due)
    assert response.status_code == 303 and re.fullmatch(r"/payments/PAY-\w{10}", response.location)
    assert charged(demo_gateway) == ["1786.50"]
    assert fresh(owed.late).open_minor == 0 and fresh(owed.due).processing_minor == 118650


def test_with_htmx_the_browser_is_sent_to_the_receipt(alice, owed):
    response = submit(alice, open_form(alice, owed.late), headers=HTMX)
    assert response.status_code == 204 and response.headers["HX-Redirect"].startswith("/payments/PAY-")


def test_a_part_amount_is_taken_from_the_oldest_first(alice, owed, demo_gateway, fresh):
    assert pay(alice, owed.due, owed.late, **{"pay": "part", "amount": "700.25"}).status_code == 303
    assert charged(demo_gateway) == ["700.25"]
    assert (fresh(owed.late).open_minor, fresh(owed.due).open_minor) == (0, 108625)


@pytest.mark.parametrize("currency,minor,amount", [("JPY", 1500, "1500"), ("KWD", 12345, "12.345")])
def test_other_currencies_are_charged_with_their_own_decimals(
    alice, cast, make_invoice, demo_gateway, currency, minor, amount
):
    response = pay(alice, make_invoice(cast.cedar, f"INV-{currency}", minor, currency=currency))
    assert response.status_code == 303, text_of(response)
    assert [(str(t["amount"]), t["currency"]) for t in demo_gateway.transactions()] == [(amount, currency)]


def test_a_double_click_is_one_payment(alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    first, second = submit(alice, fields), submit(alice, fields)
    assert first.location == second.location and charged(demo_gateway) == ["600.00"]


def test_the_back_button_leads_to_the_same_payment_even_with_another_card(alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    first = submit(alice, fields)
    assert submit(alice, fields, "fake-valid-mastercard-nonce").location == first.location
    assert len(demo_gateway.transactions()) == 1


def test_two_tabs_are_one_payment_and_a_question(alice, owed, demo_gateway):
    one, two = open_form(alice, owed.late, owed.due), open_form(alice, owed.late)
    assert submit(alice, one).status_code == 303
    response = submit(alice, two)
    assert response.status_code == 409
    assert "INV-1037 has already been paid or is being processed." in text_of(response)
    assert charged(demo_gateway) == ["1786.50"]


def test_a_changed_balance_is_quoted_again_and_can_be_confirmed(alice, log_in, cast, owed, demo_gateway):
    stale = open_form(alice, owed.late, owed.due)
    bob = log_in(cast.bob)
    pay(bob, owed.late, pay="part", amount="100")
    response = submit(alice, stale)
    assert response.status_code == 409 and charged(demo_gateway) == ["100.00"]
    page = text_of(response)
    assert "The balance of INV-1037 has changed to $500.00." in page and "Total $1,686.50" in page
    again = submit(alice, fields_of(response.get_data(as_text=True)))
    assert again.status_code == 303 and charged(demo_gateway) == ["100.00", "1686.50"]


@pytest.fixture
def to_euros(app):
    """to_euros(owed.late): an import gives the invoice another currency, with the same amounts."""

    def _to_euros(invoice):
        with app.extensions["database"].connection_context():
            Invoice.update(currency="EUR").where(Invoice.id == invoice.id).execute()

    return _to_euros


@pytest.mark.parametrize("amount", [{}, {"pay": "part", "amount": "100"}], ids=["in full", "a part"])
def test_a_changed_currency_is_quoted_again_and_not_charged(alice, owed, demo_gateway, to_euros, amount):
    stale = open_form(alice, owed.late)
    to_euros(owed.late)
    response = submit(alice, stale, **amount)
    page = text_of(response)
    assert response.status_code == 409 and demo_gateway.transactions() == []
    assert "The currency of INV-1037 has changed to EUR. Its balance is €600.00. You have not been charged." in page
    submit(alice, fields_of(response.get_data(as_text=True)))
    assert [t["currency"] for t in demo_gateway.transactions()] == ["EUR"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_changed_currency_of_one_invoice_charges_nothing(alice, owed, demo_gateway, to_euros, headers):
    stale = open_form(alice, owed.late, owed.due)
    to_euros(owed.late)
    response = submit(alice, stale, headers=headers)
    page = text_of(response)
    assert response.status_code == 409 and "You have not been charged." in page
    assert "The currency of INV-1037 has changed to EUR." in page and demo_gateway.transactions() == []


def test_a_page_from_before_an_update_is_quoted_again(alice, owed, demo_gateway):
    response = pay(alice, owed.late, shown=f"{owed.late.public_id}:60000")
    assert response.status_code == 409 and demo_gateway.transactions() == []


def test_with_htmx_a_changed_balance_swaps_quote_button_and_token_not_the_card(alice, owed):
    stale = open_form(alice, owed.late, owed.due)
    pay(alice, owed.late)
    response = submit(alice, stale, headers=HTMX)
    body = response.get_data(as_text=True)
    assert response.status_code == 409 and "Pay $1,186.50" in text_of(response)
    assert set(re.findall(r'hx-partial hx-target="#([\w-]+)"', body)) == {
        "pay-h",
        "payment-quote",
        "payment-go",
        "payment-token",
        "payment-amount",
    }
    assert "payment-card" not in re.sub(r'href="#payment-card"', "", body)


def test_when_nothing_is_left_there_is_no_button(alice, owed):
    stale = open_form(alice, owed.late)
    pay(alice, owed.late)
    response = submit(alice, stale)
    assert response.status_code == 409 and "btn-primary" not in response.get_data(as_text=True)
    assert "See your payments" in text_of(response)


@pytest.mark.parametrize(
    "amount,words",
    [
        (200100, "Your bank says there are not enough funds on the Visa ending 1111. You have not been charged."),
        (200400, "The Visa ending 1111 has expired, or the expiration date does not match."),
        (201300, "Your bank did not approve this payment and did not say why."),
        (209900, "Your bank needs to check that it is you."),
        (202600, "Card payments are not working right now. This is our fault, not your card."),
        (300000, "We could not reach your bank. Try again in a few minutes."),
        (201600, "This attempt was not charged because it looks like a payment you have just made."),
    ],
)
def test_a_decline_is_said_in_plain_words(alice, cast, make_invoice, amount, words):
    response = pay(alice, make_invoice(cast.cedar, "INV-D", amount))
    assert response.status_code == 422 and words in text_of(response)
    assert "Payment not taken" in text_of(response) and title_of(response).startswith("Error: ")


@pytest.mark.parametrize(
    "number,cvv,words",
    [
        ("4111111111111111", "200", "The security code does not match the card."),
        ("4000111111111115", "123", "did not approve this payment and did not say why"),
    ],
)
def test_a_card_that_the_gateway_rejects(alice, owed, demo_gateway, number, cvv, words):
    nonce = demo_gateway.nonces.tokenize(number, "12", "2030", cvv)["nonce"]
    assert words in text_of(pay(alice, owed.late, nonce=nonce))


def test_fraud_is_never_named(alice, owed):
    page = text_of(pay(alice, owed.late, nonce="fake-gateway-rejected-fraud-nonce"))
    assert "did not say why" in page and "raud" not in page


def test_a_refused_check_by_the_bank_charges_nothing(alice, owed, demo_gateway):
    response = pay(alice, owed.late, nonce="fake-three-d-secure-visa-failed-authentication-nonce")
    assert response.status_code == 422 and "Your bank needs to check that it is you." in text_of(response)
    assert demo_gateway.transactions() == []


def test_with_htmx_a_decline_keeps_the_card_and_brings_a_new_token(alice, cast, make_invoice):
    fields = open_form(alice, make_invoice(cast.cedar, "INV-D", 200100))
    response = submit(alice, fields, headers=HTMX)
    body = response.get_data(as_text=True)
    assert response.status_code == 422 and "<html" not in body and "data-focus" in body
    token = re.search(r'id="payment-token" value="(\w+)"', body)[1]
    assert token != fields["token"] and "<title>Error: Pay INV-D" in body


def test_after_a_decline_the_same_form_can_be_paid_with_another_card(alice, cast, owed, demo_gateway):
    declined = pay(alice, owed.late, nonce="fake-processor-declined-visa-nonce")
    assert submit(alice, fields_of(declined.get_data(as_text=True))).status_code == 303
    assert charged(demo_gateway) == ["600.00"]


def test_a_decline_sent_twice_is_one_decline(alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    for _ in range(2):
        assert submit(alice, fields, "fake-processor-declined-visa-nonce").status_code == 422
    assert len(demo_gateway.transactions()) == 1


@pytest.mark.parametrize("fault", ["lost_response", "error_500", "garbage", "empty", "truncated", "error_408"])
def test_without_an_answer_the_payment_is_being_confirmed(alice, owed, demo_gateway, fault):
    demo_gateway.faults.add(fault, on="sale")
    response = pay(alice, owed.late)
    assert response.status_code == 303
    page = text_of(alice.get(response.location))
    assert "We are checking your payment Do not pay again yet." in page
    assert "Nothing to pay" in text_of(alice.get(pay_url(owed.late)))


@pytest.mark.parametrize("fault", ["error_401", "error_429"])
def test_surely_not_charged_is_said(alice, owed, demo_gateway, fresh, fault):
    demo_gateway.faults.add(fault, on="sale")
    response = pay(alice, owed.late)
    assert response.status_code == 422 and "You have not been charged." in text_of(response)
    assert fresh(owed.late).open_minor == 60000


def test_a_gateway_that_is_down_before_the_charge_takes_nothing(alice, owed, demo_gateway, fresh):
    fields = open_form(alice, owed.late)
    demo_gateway.faults.add("error_500", on="nonce")
    response = submit(alice, fields)
    assert response.status_code == 422 and "You have not been charged." in text_of(response)
    assert demo_gateway.transactions() == [] and fresh(owed.late).open_minor == 60000


def test_without_javascript_the_card_is_missing(alice, owed, demo_gateway):
    response = pay(alice, owed.late, nonce="")
    assert response.status_code == 422 and "The card fields had not loaded." in text_of(response)
    assert demo_gateway.transactions() == []


@pytest.mark.parametrize(
    "amount",
    [
        "1E-9",
        "0.005",
        "1_000",
        "-0",
        "sNaN",
        "1e400",
        "\0",
        "5\0",
        "٣",
        "9" * 9999,
    ],
)
def test_invalid_amount_charges_nothing(alice, owed, demo_gateway, amount):
    response = pay(alice, owed.late, pay="part", amount=amount)
    assert response.status_code == 422
    assert text_of(response).count("Enter an amount like 600.00") == 2
    assert demo_gateway.transactions() == []


@pytest.mark.parametrize(
    "amount,words",
    [
        ("600.01", "Amount must be $600.00 or less"),
        ("0.50", "Amount must be at least $1.00"),
    ],
)
def test_an_amount_outside_the_range_charges_nothing(alice, owed, demo_gateway, amount, words):
    response = pay(alice, owed.late, pay="part", amount=amount)
    assert response.status_code == 422 and text_of(response).count(words) == 2
    assert demo_gateway.transactions() == []


@pytest.mark.parametrize(
    "field,value",
    [
        ("token", ""),
        ("token", "x"),
        ("token", "A" * 24),
        ("token", "a" * 25),
        ("token", "a" * 23 + "\0"),
        ("shown", "nonsense"),
        ("shown", "abc:-1"),
        ("shown", "abc:1e5"),
        ("shown", "abc:" + "9" * 16),
        ("shown", "abc:1:usd"),
        ("shown", "abc:1:"),
        ("shown", "abc:٣"),
        ("payment_method_nonce", "n" * 256),
        ("payment_method_nonce", "a b"),
        ("payment_method_nonce", "ñ"),
        ("payment_method_nonce", "a\0"),
        ("device_data", "x" * 20_001),
    ],
)
def test_a_field_that_only_a_changed_form_can_have_is_a_400(alice, owed, demo_gateway, field, value):
    fields = {**open_form(alice, owed.late), "payment_method_nonce": VISA, field: value}
    assert alice.post("/payments", data=fields).status_code == 400
    assert demo_gateway.transactions() == []


def test_a_smaller_balance_in_the_form_changes_nothing_about_the_price(alice, owed, demo_gateway):
    response = pay(alice, owed.late, shown=f"{owed.late.public_id}:100:USD")
    assert response.status_code == 409 and demo_gateway.transactions() == []


def test_form_without_shown_invoices_selects_none(alice, owed):
    response = pay(alice, owed.late, shown=[])
    assert response.status_code == 422 and "Nothing selected" in text_of(response)


def test_too_many_at_once_is_a_413(alice, owed):
    assert pay(alice, owed.late, device_data="x" * 300_000).status_code == 413


def test_without_the_csrf_token_nothing_happens(alice, owed, demo_gateway):
    assert pay(alice, owed.late, csrf_token="").status_code == 400
    assert demo_gateway.transactions() == []


def test_hidden_device_data_reaches_the_attempt_and_is_dropped_with_the_verdict(alice, owed, app):
    pay(alice, owed.late, device_data='{"correlation_id":"abc"}')
    with app.extensions["database"].connection_context():
        attempt = Attempt.get()
    assert attempt.nonce is None and attempt.device_data is None


def test_a_switch_that_goes_off_while_the_form_is_open(alice, owed, app, clock, demo_gateway):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        Company.current().set_feature("customers_can_pay_online", False, Actor("ruth", clock()))
    response = submit(alice, fields)
    assert response.status_code == 403 and "Online payment is not available yet" in text_of(response)
    assert demo_gateway.transactions() == []


def test_all_is_remembered_after_a_decline(alice, owed):
    fields = fields_of(alice.get("/payments/new?all=USD").get_data(as_text=True))
    response = submit(alice, fields, "fake-processor-declined-visa-nonce")
    assert fields_of(response.get_data(as_text=True))["all"] == "USD"


def test_twenty_declined_cards_are_enough_for_half_an_hour(app, alice, owed, clock, cast, demo_gateway):
    with app.extensions["database"].connection_context():
        key = f"declines:{cast.alice.id}"
        Throttle.create(key=key, tries=19, window_ms=to_ms(clock()))
    declined = "fake-processor-declined-visa-nonce"
    assert submit(alice, open_form(alice, owed.late), declined).status_code == 422
    asked = len(demo_gateway.transactions())
    response = submit(alice, open_form(alice, owed.late), declined)
    assert response.status_code == 429 and "Wait 30 minutes" in text_of(response)
    assert len(demo_gateway.transactions()) == asked
    clock.advance(minutes=31)
    assert submit(alice, open_form(alice, owed.late)).status_code == 303


def test_only_declines_are_counted(app, alice, owed, cast):
    assert submit(alice, open_form(alice, owed.late)).status_code == 303
    assert submit(alice, open_form(alice, owed.due), "fake-processor-declined-visa-nonce").status_code == 422
    with app.extensions["database"].connection_context():
        assert Throttle.get(Throttle.key == f"declines:{cast.alice.id}").tries == 1


@pytest.mark.parametrize("field", ["device_data", "nonce"])
def test_text_that_xml_cannot_carry_is_not_sent(alice, owed, demo_gateway, field):
    assert submit(alice, open_form(alice, owed.late), **{field: "a\x01b"}).status_code == 400
    assert demo_gateway.transactions() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is_void": True}, "INV-1037 is void. There is nothing to pay. You have not been charged."),
        ({"credited_minor": 60000}, "INV-1037 has already been paid or credited in full. You have not been charged."),
    ],
)
def test_invoice_that_ended_while_the_card_page_was_open_says_how(alice, owed, demo_gateway, app, change, said):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        Invoice.update(open_minor=0, **change).where(Invoice.id == owed.late.id).execute()
    response = submit(alice, fields)
    assert response.status_code == 409 and said in text_of(response) and charged(demo_gateway) == []
