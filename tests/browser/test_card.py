"""A card typed into the frames of the real hosted-fields.js, and what its bank says."""

import re

import pytest
from playwright.sync_api import expect

from app.models import Company
from tests.browser import cards
from tests.browser.cards import (
    answer_bank,
    bank,
    expect_not_taken,
    expect_receipt,
    field,
    pay_with,
    press_pay,
    three_d_secure,
    type_card,
)
from tests.sampling import sample


@pytest.fixture
def invoice(app, cast):
    return cards.make_invoice(app, cast.cedar)


@pytest.fixture
def pay_page(page, log_in_page, cast, invoice):
    log_in_page(page, cast.alice)
    cards.open_pay_page(page, invoice)
    return page


def test_a_typed_card_pays(pay_page, demo_gateway):
    pay_with(pay_page, cards.VISA)
    expect_receipt(pay_page)
    [sale] = demo_gateway.transactions()
    assert (str(sale["amount"]), sale["status"]) == ("1186.50", "submitted_for_settlement")


def test_the_number_is_grouped_while_it_is_typed(pay_page):
    type_card(pay_page, "378282246310005", "0430", "1234")
    expect(field(pay_page, "number")).to_have_value("3782 822463 10005")
    expect(field(pay_page, "expirationDate")).to_have_value("04 / 30")
    expect(field(pay_page, "cvv")).to_have_value("1234")


def test_digit_in_the_middle_can_be_corrected(pay_page):
    number = field(pay_page, "number")
    number.press_sequentially("4111211111111111")
    for key in ("Home", *["ArrowRight"] * 6, "Backspace", "1"):
        number.press(key)
    expect(number).to_have_value("4111 1111 1111 1111")


def test_empty_fields_are_named_at_the_field_and_on_top(pay_page, demo_gateway):
    press_pay(pay_page)
    for words in ("Enter the card number", "Enter the expiration date", "Enter the security code"):
        expect(pay_page.get_by_role("link", name=words)).to_be_visible()
        expect(pay_page.locator(".field .error", has_text=words)).to_be_visible()
    expect(pay_page.locator("#pay-message")).to_contain_text("You have not been charged.")
    expect(field(pay_page, "number")).to_have_attribute("aria-invalid", "true")
    expect(pay_page).to_have_title(re.compile("^Error: "))


def test_a_link_of_the_summary_leads_into_the_frame(pay_page):
    press_pay(pay_page)
    pay_page.get_by_role("link", name="Enter the security code").click()
    expect(field(pay_page, "cvv")).to_be_focused()


def test_a_label_leads_into_the_frame(pay_page):
    pay_page.get_by_text("Expiration date", exact=True).click()
    expect(field(pay_page, "expirationDate")).to_be_focused()
    expect(pay_page.locator("#card-expiry")).to_have_class(re.compile("hosted-fields-focused"))


def test_an_error_goes_away_when_the_field_is_right(pay_page):
    pay_with(pay_page, "4111111111111112", expiry="1120")
    expect(pay_page.get_by_role("link", name="Check the card number")).to_be_visible()
    type_card(pay_page)
    expect(pay_page.locator(".field .error:visible")).to_have_count(0)


def test_tab_goes_through_the_fields_to_the_button(pay_page):
    field(pay_page, "number").focus()
    for name in ("expirationDate", "cvv"):
        pay_page.keyboard.press("Tab")
        expect(field(pay_page, name)).to_be_focused()
    pay_page.keyboard.press("Tab")
    pay_page.keyboard.press("Tab")
    expect(pay_page.locator("#payment-go button")).to_be_focused()


def test_enter_in_a_card_field_pays(pay_page):
    type_card(pay_page)
    field(pay_page, "cvv").press("Enter")
    expect_receipt(pay_page)


def test_a_decline_keeps_the_card_fields(pay_page, demo_gateway):
    pay_with(pay_page, "4000111111111115")
    expect_not_taken(pay_page, "You have not been charged.")
    expect(field(pay_page, "number")).to_have_value("4000 1111 1111 1115")
    pay_page.get_by_role("link", name="Use a different card").click()
    expect(field(pay_page, "number")).to_be_focused()
    pay_with(pay_page, cards.VISA)
    expect_receipt(pay_page)
    assert [sale["status"] for sale in demo_gateway.transactions()] == [
        "processor_declined",
        "submitted_for_settlement",
    ]


def test_the_same_card_may_be_tried_again_after_a_decline(pay_page, demo_gateway):
    pay_with(pay_page, "4000111111111115")
    expect_not_taken(pay_page, "You have not been charged.")
    with pay_page.expect_response("**/payments") as second:
        press_pay(pay_page)
    assert second.value.status == 422
    expect_not_taken(pay_page, "You have not been charged.")
    assert [sale["status"] for sale in demo_gateway.transactions()] == ["processor_declined"] * 2


def test_a_rule_about_postal_codes_is_met_by_the_field_for_it(app, page, log_in_page, cast, invoice, demo_gateway):
    demo_gateway.postal_code_rule = True
    with app.extensions["database"].connection_context():
        Company.update(asks_postal_code=True).execute()
    log_in_page(page, cast.alice)
    cards.open_pay_page(page, invoice)
    pay_with(page, cards.FRICTIONLESS)
    problems = page.get_by_role("alert").filter(has_text="There is a problem")
    problems.get_by_role("link", name="Enter the postal code of the card's billing address").click()
    expect(field(page, "postalCode")).to_be_focused()
    field(page, "postalCode").press_sequentially("20000")
    press_pay(page)
    expect_not_taken(page, "The postal code does not match the card. You have not been charged.")
    field(page, "postalCode").fill("")
    field(page, "postalCode").press_sequentially("60622")
    press_pay(page)
    expect_receipt(page)
    assert [sale["billing"]["postal_code"] for sale in demo_gateway.transactions()] == ["20000", "60622"]


def test_a_double_click_pays_once(pay_page, demo_gateway):
    type_card(pay_page)
    pay_page.locator("#payment-go button").dblclick()
    expect_receipt(pay_page)
    assert len(demo_gateway.transactions()) == 1


def test_partial_amount_is_what_the_bank_receives(pay_page, demo_gateway):
    pay_page.get_by_text("Pay a different amount").click()
    pay_page.get_by_label("Amount to pay").fill("250")
    pay_with(pay_page, cards.CHALLENGED)
    expect(bank(pay_page).get_by_text("250.00")).to_be_visible()
    answer_bank(pay_page, "Confirm payment")
    expect_receipt(pay_page)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["250.00"]


def test_unknown_card_is_explained(pay_page, demo_gateway):
    pay_with(pay_page, "4222222222222220")
    expect_not_taken(pay_page, "Check the card number")
    assert demo_gateway.transactions() == []


def test_a_bank_confirms_without_asking(pay_page, demo_gateway):
    pay_with(pay_page, cards.FRICTIONLESS)
    expect_receipt(pay_page)
    [sale] = demo_gateway.transactions()
    assert three_d_secure(sale) == "authenticate_successful"


def test_a_bank_refuses_without_asking(pay_page, demo_gateway):
    pay_with(pay_page, cards.FRICTIONLESS_REFUSED)
    expect_not_taken(pay_page, "Your bank did not confirm that it was you.")
    assert demo_gateway.transactions() == []


def test_a_challenge_is_confirmed(pay_page, demo_gateway):
    pay_with(pay_page, cards.CHALLENGED)
    expect(pay_page.get_by_role("dialog", name="Confirm with your bank")).to_be_visible()
    answer_bank(pay_page, "Confirm payment")
    expect_receipt(pay_page)
    [sale] = demo_gateway.transactions()
    assert three_d_secure(sale) == "authenticate_successful"


@pytest.mark.parametrize("how", sample(["ours", "bank's", "escape"], 1, "challenge"))
def test_a_challenge_is_canceled_and_the_card_may_be_tried_again(pay_page, demo_gateway, how):
    pay_with(pay_page, cards.CHALLENGED)
    cancel = bank(pay_page).get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    if how == "ours":
        pay_page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    elif how == "bank's":
        cancel.click()
    else:
        pay_page.get_by_role("dialog").get_by_role("button", name="Cancel").focus()
        pay_page.keyboard.press("Escape")
    expect_not_taken(pay_page, "You canceled the check. You have not been charged.")
    assert demo_gateway.transactions() == []
    press_pay(pay_page)
    answer_bank(pay_page, "Confirm payment")
    expect_receipt(pay_page)


def test_a_challenge_is_refused(pay_page, demo_gateway):
    pay_with(pay_page, cards.CHALLENGE_REFUSED)
    answer_bank(pay_page, "Confirm payment")
    expect_not_taken(pay_page, "Your bank did not confirm that it was you.")
    assert demo_gateway.transactions() == []
