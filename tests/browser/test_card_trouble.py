"""What the card fields say when something doesn't load, doesn't answer, or is lost on the way."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import cards
from tests.browser.cards import answer_bank, expect_not_taken, expect_receipt, field, pay_with, press_pay
from tests.sampling import sample

FAILED_LOAD = r"Failed to load resource: (net::|.* status of (50|413))|htmx:error: Failed to fetch"
NO_FIELDS = "The card fields did not load."


@pytest.fixture
def invoice(app, cast):
    return cards.make_invoice(app, cast.cedar)


@pytest.fixture
def alice(page, log_in_page, cast, expected_problems):
    log_in_page(page, cast.alice)
    expected_problems.append(FAILED_LOAD)
    return page


@pytest.fixture
def pay_page(alice, invoice):
    cards.open_pay_page(alice, invoice)
    return alice


def trouble(page, words):
    return page.locator("[data-card-trouble]", has_text=words)


def test_without_the_gateway_the_fields_can_be_tried_again(alice, invoice, demo_gateway):
    demo_gateway.faults.add("error_503", on="config")
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(trouble(alice, NO_FIELDS)).to_be_visible()
    alice.get_by_role("link", name="Try again").click()
    pay_with(alice, cards.VISA)
    expect_receipt(alice)


def test_frames_that_never_come_are_given_up(alice, invoice):
    alice.clock.install()
    alice.route("**/hosted-fields-frame*", lambda route: route.abort())
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(alice.get_by_text("Loading the card fields")).to_be_visible()
    alice.clock.fast_forward(21_000)
    expect(trouble(alice, NO_FIELDS)).to_be_visible()


def test_pay_pressed_before_the_scripts_arrived_is_kept(alice, invoice, demo_gateway):
    held = []
    alice.route("**/js/pay.js*", lambda route: held.append(route))
    alice.goto(f"/payments/new?invoice={invoice.public_id}", wait_until="commit")
    alice.locator("#payment-go button").click()
    expect(alice.get_by_text("You pressed Pay before the card fields loaded.")).to_be_visible()
    for route in held:
        route.continue_()
    expect(alice.get_by_text("The card fields are ready.")).to_be_visible()
    expect(field(alice, "number")).to_be_focused()
    assert demo_gateway.transactions() == [] and "/payments/new" in alice.url


def test_a_pay_script_that_is_blocked_says_so(alice, invoice):
    alice.route("**/js/pay.js*", lambda route: route.abort())
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(trouble(alice, NO_FIELDS)).to_be_visible()


def test_pay_pressed_while_the_fields_load_leads_to_the_card_number(alice, invoice):
    held = []
    alice.route("**/hosted-fields-frame*", lambda route: held.append(route))
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    alice.locator("#payment-go button").click()
    expect(alice.get_by_text("You pressed Pay before the card fields loaded.")).to_be_visible()
    for route in held:
        route.continue_()
    alice.unroute("**/hosted-fields-frame*")
    expect(alice.get_by_text("The card fields are ready. Enter your card, then press Pay.")).to_be_visible()
    expect(field(alice, "number")).to_be_focused()
    expect(alice.locator("#pay-message .summary")).to_have_count(0)
    pay_with(alice, cards.VISA)
    expect_receipt(alice)


def test_pay_pressed_before_the_fields_fail_leads_to_the_way_out(alice, invoice):
    alice.clock.install()
    alice.route("**/hosted-fields-frame*", lambda route: None)
    alice.goto(f"/payments/new?invoice={invoice.public_id}", wait_until="domcontentloaded")  # its frames never load
    alice.locator("#payment-go button").click()
    alice.clock.fast_forward(21_000)
    expect(trouble(alice, "An ad blocker")).to_be_visible()
    expect(alice.get_by_role("link", name="Try again")).to_be_focused()
    expect(alice.get_by_text("You have not been charged.")).to_be_visible()


def test_a_blocked_script_is_loaded_again(alice, invoice):
    alice.route("**/hosted-fields.js*", lambda route: route.abort(), times=1)
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(trouble(alice, NO_FIELDS)).to_be_visible()
    alice.get_by_role("link", name="Try again").click()
    pay_with(alice, cards.VISA)
    expect_receipt(alice)


def test_without_a_client_token_the_page_says_so(alice, invoice, demo_gateway):
    demo_gateway.faults.add("error_500", on="client_token")
    alice.goto(f"/payments/new?invoice={invoice.public_id}")
    expect(trouble(alice, "Card payments are not working right now.")).to_be_visible()
    alice.get_by_role("link", name="Try again").click()
    expect(field(alice, "number")).to_be_editable()


def test_a_card_that_cannot_be_sent_can_be_sent_again(pay_page, demo_gateway):
    demo_gateway.faults.add("error_503", on="tokenize", times=2)
    pay_with(pay_page, cards.VISA)
    expect_not_taken(pay_page, "We could not reach the card service.")
    press_pay(pay_page)
    expect_receipt(pay_page)


def test_a_lookup_that_fails_charges_nothing(pay_page, demo_gateway):
    demo_gateway.faults.add("error_500", on="lookup")
    pay_with(pay_page, cards.VISA)
    expect_not_taken(pay_page, "We could not reach the card service.")
    assert demo_gateway.transactions() == []


def test_a_token_that_is_too_old_asks_for_a_new_page(pay_page, clock):
    clock.advance(hours=1)
    clock.advance(days=1)
    pay_with(pay_page, cards.VISA)
    expect_not_taken(pay_page, "This page has been open too long.")


def test_without_the_banks_script_a_challenge_is_not_left_hanging(alice, invoice, expected_problems):
    expected_problems.append("reading 'on'")  # three-d-secure.js itself, when it starts over
    alice.route("**/songbird.js", lambda route: route.abort())
    cards.open_pay_page(alice, invoice)
    pay_with(alice, cards.CHALLENGED)
    expect_not_taken(alice, "Your bank needs to check that it is you, but its page did not load.")
    pay_with(alice, cards.FRICTIONLESS)
    expect_receipt(alice)


def test_a_lost_answer_is_found_again_without_a_second_charge(pay_page, demo_gateway):
    def lose(route):
        route.fetch()
        route.abort()

    pay_page.route("**/payments", lose, times=1)
    pay_with(pay_page, cards.VISA)
    expect(pay_page.get_by_role("alert").filter(has_text="We lost the connection")).to_be_focused()
    press_pay(pay_page)
    expect_receipt(pay_page)
    assert len(demo_gateway.transactions()) == 1


def test_uncertainty_message_is_withdrawn_when_the_outcome_is_known(pay_page):
    def lose(route):
        route.fetch()
        route.abort()

    pay_page.route("**/payments", lose, times=1)
    pay_page.get_by_label("Pay a different amount").check()
    pay_page.get_by_label("Amount to pay").fill("21.00")
    pay_with(pay_page, cards.VISA)
    message = pay_page.locator("#pay-message")
    expect(message).to_contain_text("We do not know yet whether you were charged.")
    pay_page.get_by_label("Amount to pay").fill("22.00")
    expect(pay_page.locator("#payment-quote")).to_contain_text("You paid $21.00")
    expect(message).not_to_contain_text("We do not know yet")
    press_pay(pay_page)
    expect_receipt(pay_page)
    expect(pay_page.get_by_text("Your earlier payment of $21.00 went through. $22.00 was not charged.")).to_be_visible()


@pytest.mark.parametrize("status", sample([200, 413, 502, 504], 2, "foreign answer"))
def test_an_answer_that_is_not_the_portals_leaves_it_open(pay_page, demo_gateway, status):
    def answer_as_a_proxy(route):
        route.fetch()
        route.fulfill(status=status, content_type="text/html", body="<h1>Proxy</h1>")

    pay_page.route("**/payments", answer_as_a_proxy, times=1)
    pay_with(pay_page, cards.VISA)
    message = pay_page.locator("#pay-message")
    expect(message).to_contain_text("We do not know yet whether you were charged. Open Payments before you pay again.")
    expect(message).not_to_contain_text("Proxy")
    expect(message.get_by_role("link", name="Open Payments")).to_have_attribute("href", "/payments")
    press_pay(pay_page)
    expect_receipt(pay_page)
    assert len(demo_gateway.transactions()) == 1


def test_a_request_that_never_arrived_is_sent_again(pay_page, demo_gateway):
    pay_page.route("**/payments", lambda route: route.abort(), times=1)
    pay_with(pay_page, cards.CHALLENGED)
    answer_bank(pay_page, "Confirm payment")
    expect(pay_page.get_by_text("We lost the connection")).to_be_visible()
    press_pay(pay_page)
    expect_receipt(pay_page)
    assert len(demo_gateway.transactions()) == 1


def test_a_check_canceled_after_a_lost_answer_does_not_say_not_charged(pay_page):
    def lose(route):
        route.fetch()
        route.abort()

    pay_page.route("**/payments", lose, times=1)
    pay_with(pay_page, cards.VISA)
    expect(pay_page.get_by_text("We lost the connection")).to_be_visible()
    pay_with(pay_page, cards.CHALLENGED)
    pay_page.get_by_role("button", name="Cancel").click()
    message = pay_page.locator("#pay-message")
    expect(message).to_contain_text("You canceled the check. We do not know yet whether you were charged.")
    expect(message).not_to_contain_text("not been charged")


def test_without_javascript_the_page_says_what_needs_it(cast, log_in, invoice):
    page = log_in(cast.alice).get(f"/payments/new?invoice={invoice.public_id}").get_data(as_text=True)
    assert "Paying by card needs JavaScript." in re.search(r"<noscript>\s*<div.*?</noscript>", page, re.S)[0]


def test_a_phone_shows_no_stray_inputs(new_page, log_in_page, cast, invoice, expected_problems):
    expected_problems.append("style-src|inline style")  # hosted-fields.js styles its focus helpers inline
    android = "Mozilla/5.0 (Linux; Android 14) Chrome/156.0 Mobile"
    page = new_page(viewport={"width": 390, "height": 844}, user_agent=android)
    log_in_page(page, cast.alice)
    cards.open_pay_page(page, invoice)
    expect(page.locator("#card-number")).to_have_css("height", re.compile("^44px$"))
    pay_with(page, cards.VISA)
    expect_receipt(page)
