"""The pay page around the card, the page that watches a payment, and the list: in a real browser."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from app.models import Company, booking
from app.payments.cashier import Cashier
from app.payments.reconciliation import reconcile
from tests.browser import cards
from tests.people import invoice


@pytest.fixture
def owed(app, cast):
    with app.extensions["database"].connection_context():
        return [
            invoice(cast.cedar, "INV-1037", 60000, date(2026, 10, 18)),
            invoice(cast.cedar, "INV-1041", 118650, date(2026, 11, 13)),
        ]


@pytest.fixture
def both(owed):
    return "/payments/new?" + "&".join(f"invoice={one.public_id}" for one in owed)


@pytest.fixture
def alice(page, log_in_page, cast):
    log_in_page(page, cast.alice)
    return page


def test_wide_screens_have_the_card_beside_what_is_paid(new_page, log_in_page, cast, both):
    page = new_page(viewport={"width": 1280, "height": 900})
    log_in_page(page, cast.alice)
    page.goto(both)
    quote, card = page.locator("#payment-quote").bounding_box(), page.locator("#payment-card").bounding_box()
    assert card["x"] > quote["x"] + quote["width"] and abs(card["y"] - quote["y"]) < 40


def test_thirty_invoices_fold_on_a_phone_and_all_are_paid(new_page, log_in_page, app, cast):
    with app.extensions["database"].connection_context():
        for number in range(30):
            invoice(cast.cedar, f"INV-{2000 + number}", 1000, date(2026, 12, 3))
    page = new_page(viewport={"width": 390, "height": 844})
    log_in_page(page, cast.alice)
    page.goto("/payments/new?all=USD")
    assert page.locator("#payment-card").bounding_box()["y"] < 844
    expect(page.get_by_text("INV-2029")).to_be_hidden()
    page.get_by_text("Show 24 more invoices").click()
    expect(page.get_by_text("INV-2029")).to_be_visible()
    assert page.locator("#pay-form [name=shown]").count() == 30


def test_typing_an_amount_shows_its_split_and_keeps_the_card_and_the_focus(alice, both):
    alice.goto(both)
    cards.type_card(alice)
    alice.get_by_label("Pay a different amount").check()
    amount = alice.get_by_label("Amount to pay")
    amount.press_sequentially("700.25")
    expect(alice.locator("#payment-go button")).to_have_text(re.compile("Pay \\$700.25"))
    expect(alice.locator("#payment-quote")).to_contain_text("$100.25 of $1,186.50")
    expect(amount).to_be_focused()
    expect(cards.field(alice, "number")).to_have_value("4111 1111 1111 1111")


def test_a_card_typed_right_after_the_amount_keeps_every_digit(alice, both):
    """The split arrives while the card field has the focus, and must not take it away."""
    alice.goto(both)
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").press_sequentially("700.25")
    cards.field(alice, "number").click()
    alice.keyboard.type(cards.VISA, delay=120)
    expect(alice.locator("#payment-go button")).to_have_text(re.compile("Pay \\$700.25"))
    expect(cards.field(alice, "number")).to_have_value("4111 1111 1111 1111")


def test_the_part_amount_that_was_typed_is_what_is_charged(alice, both, demo_gateway):
    alice.goto(both)
    cards.type_card(alice)
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").fill("700.25")
    cards.press_pay(alice)
    cards.expect_receipt(alice)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["700.25"]


def test_pay_is_pressed_as_slowly_as_a_person_does_with_the_cursor_still_in_the_amount(alice, both, demo_gateway):
    """Pressing leaves the box, which brings the split, and that is longer: the button is still under the pointer."""
    alice.goto(both)
    cards.type_card(alice)
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").press_sequentially("700.25")
    cards.press_pay(alice, delay=400)
    cards.expect_receipt(alice)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["700.25"]


def test_a_bad_amount_moves_the_focus_to_the_summary_and_back_to_the_field(alice, both, demo_gateway):
    alice.goto(both)
    cards.type_card(alice)
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").fill("9999")
    cards.press_pay(alice)
    expect(alice.locator("#pay-message .summary")).to_be_focused()
    expect(alice).to_have_title(re.compile("^Error: "))
    alice.get_by_role("link", name="Amount must be $1,786.50 or less").click()
    expect(alice.get_by_label("Amount to pay")).to_be_focused()
    assert demo_gateway.transactions() == []


def test_amount_and_card_errors_appear_together(alice, both):
    alice.goto(both)
    expect(cards.field(alice, "cvv")).to_be_visible()
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").fill("9,99,9")
    cards.press_pay(alice)
    links = alice.locator("#pay-message a")
    expect(links).to_have_text(
        [
            re.compile("Enter an amount like "),
            "Enter the card number",
            "Enter the expiration date",
            "Enter the security code",
        ]
    )
    expect(alice.locator("#amount-e")).to_contain_text("Enter an amount like ")
    expect(alice.locator("#payment-go button")).to_have_text(re.compile("Pay this amount"))
    alice.get_by_label("Amount to pay").fill("0.10")
    cards.press_pay(alice)
    expect(links.first).to_have_text("Amount must be at least $1.00")
    links.first.click()
    expect(alice.get_by_label("Amount to pay")).to_be_focused()
    alice.get_by_label("Amount to pay").fill("1,000.50")
    cards.press_pay(alice)
    expect(links).to_have_count(3)
    expect(alice.locator("#amount-e")).to_be_hidden()


def test_the_card_stays_readable_when_the_system_turns_dark(alice, both):
    alice.goto(both)
    cards.type_card(alice)
    for scheme, ink in (("dark", "rgb(236, 238, 240)"), ("light", "rgb(26, 28, 32)")):
        alice.emulate_media(color_scheme=scheme)
        for color in ("color", "-webkit-text-fill-color"):
            expect(cards.field(alice, "number")).to_have_css(color, ink)


def test_after_a_decline_use_a_different_card_leads_into_the_card(alice, app, cast, make_declined):
    alice.goto(f"/payments/new?invoice={make_declined.public_id}")
    cards.pay_with(alice, cards.VISA)
    expect(alice.locator("#payment-message")).to_be_focused()
    alice.get_by_role("link", name="Use a different card").click()
    expect(cards.field(alice, "number")).to_be_focused()


@pytest.fixture
def make_declined(app, cast):
    with app.extensions["database"].connection_context():
        return invoice(cast.cedar, "INV-D", 200100, date(2026, 12, 1))


def test_a_changed_balance_is_shown_beside_the_card_and_can_be_confirmed(
    alice, new_page, log_in_page, cast, both, owed, demo_gateway
):
    alice.goto(both)
    cards.type_card(alice)
    other = new_page()
    log_in_page(other, cast.bob)
    other.goto(f"/payments/new?invoice={owed[0].public_id}")
    cards.pay_with(other, cards.VISA)
    cards.expect_receipt(other)
    cards.press_pay(alice)
    expect(alice.locator("#pay-message")).to_contain_text("INV-1037 has already been paid or is being")
    expect(alice.locator("#payment-go button")).to_have_text(re.compile("Pay \\$1,186.50"))
    cards.press_pay(alice)
    cards.expect_receipt(alice)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["600.00", "1186.50"]


def test_page_of_a_logged_out_user_reloads(alice, log_in_page, cast, owed):
    """In another tab of the same browser another user has logged in since."""
    alice.goto("/invoices")
    expect(alice.locator("h1 + p")).to_contain_text(cast.cedar.name)
    other = alice.context.new_page()
    other.goto("/invoices")
    other.locator("details.who summary").click()
    other.get_by_role("button", name="Log out").click()
    log_in_page(other, cast.charlie)
    alice.locator("#tab-all").click()
    expect(alice.locator("h1 + p")).to_contain_text(cast.fennel.name)
    expect(alice.locator("body")).not_to_contain_text(cast.cedar.name)
    assert not alice.get_by_text("INV-1037").count()


def test_pending_payment_page_turns_into_the_receipt(alice, both, demo_gateway, app, gateway, clock):
    demo_gateway.faults.add("lost_response", on="sale")
    alice.goto(both)
    cards.pay_with(alice, cards.VISA)
    alice.wait_for_url("**/payments/PAY-*")
    expect(alice.get_by_role("status").first).to_contain_text("Do not pay again yet.")
    clock.advance(seconds=70)
    with app.extensions["database"].connection_context():
        reconcile(Cashier.of(app, Company.current()))
    expect(alice.get_by_role("heading", level=1)).to_have_text("Payment received")
    assert len(demo_gateway.transactions()) == 1


def test_without_javascript_the_split_is_shown_and_the_card_explained(new_page, log_in_page, cast, both):
    page = new_page(java_script_enabled=False)
    log_in_page(page, cast.alice)
    page.goto(both)
    page.get_by_label("Pay a different amount").check()
    page.get_by_label("Amount to pay").fill("700.25")
    page.get_by_role("button", name="Show the amount for each invoice").click()
    expect(page.locator("#payment-quote")).to_contain_text(re.compile(r"You pay now\s*\$700\.25"))
    expect(page.locator("#payment-card noscript p")).to_be_visible()
    expect(page.locator("#payment-go button")).to_be_hidden()


@pytest.mark.parametrize("path", ["/payments", "both", "receipt"])
def test_pages_do_not_scroll_sideways_on_a_phone(new_page, log_in_page, cast, app, both, owed, path):
    page = new_page(viewport={"width": 320, "height": 700})
    log_in_page(page, cast.alice)
    with app.extensions["database"].connection_context():
        attempt = booking.reserve(
            [(owed[0], 100)],
            now_ms=1,
            actor="",
            token="t",
            order_id="o",
            customer=cast.cedar,
            user=cast.alice,
            amount_minor=100,
            currency="USD",
        )
    page.goto({"both": both, "receipt": f"/payments/{attempt.reference}"}.get(path, path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_all_of_a_page_are_ticked_at_once(alice, owed):
    alice.goto("/invoices")
    every, panel = alice.get_by_label("Select all on this page"), alice.locator("#invoice-panel")
    expect(every).to_be_checked()  # both are overdue, so both are ticked on arrival
    alice.get_by_label("Pay INV-1037").uncheck()
    expect(panel).to_contain_text("Pay 1 invoice")
    expect(every).not_to_be_checked()
    every.check()
    expect(panel).to_contain_text("$1,786.50")
    every.uncheck()
    expect(panel).to_contain_text("Nothing selected")


def test_everything_open_is_paid_on_a_phone_too(new_page, type_in, cast, owed):
    phone = new_page(viewport={"width": 390, "height": 844})
    type_in(phone, cast.alice)
    expect(phone.locator("#invoice-panel")).to_be_hidden()
    phone.get_by_role("link", name="Pay all open invoices").click()
    phone.wait_for_url("**/payments/new?all=USD")


UNREACHED = "We could not reach the server. Check your connection and try again."


def test_without_a_connection_tabs_and_ticks_say_so_and_a_tick_is_taken_back(alice, owed, expected_problems):
    expected_problems += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    alice.goto("/invoices")
    problems, tick = alice.locator("#problems"), alice.get_by_label("Pay INV-1037")
    alice.context.set_offline(True)
    tick.click()
    expect(problems).to_have_text(UNREACHED)
    expect(tick).to_be_checked()
    expect(alice.get_by_label("Select all on this page")).to_be_checked()
    alice.context.set_offline(False)
    tick.uncheck()
    expect(alice.locator("#invoice-panel")).to_contain_text("Pay 1 invoice")
    expect(problems).to_be_empty()
    alice.context.set_offline(True)
    alice.locator("#tab-paid").click()
    expect(problems).to_have_text(UNREACHED)


def test_an_answer_that_is_not_the_portals_is_not_put_into_the_page(alice, owed, expected_problems):
    expected_problems.append(" status of 502 ")
    alice.goto("/invoices")
    alice.route("**/invoices?*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    alice.locator("#tab-paid").click()
    expect(alice.locator("#problems")).to_have_text(UNREACHED)
    expect(alice.locator("#invoice-list")).to_contain_text("INV-1037")


def test_toast_disappears_unless_it_is_hovered(alice):
    alice.clock.install()
    alice.goto("/account")
    alice.get_by_label("Dark").check()
    alice.get_by_role("button", name="Save", exact=True).click()
    toast = alice.locator(".toast")
    expect(toast).to_have_text("Saved.")
    toast.hover()
    alice.clock.run_for(10_000)
    expect(toast).to_be_visible()
    alice.mouse.move(5, 5)
    alice.clock.run_for(10_000)
    expect(toast).to_have_count(0)


def test_invoices_are_in_sight_on_a_phone(new_page, type_in, cast, owed):
    phone = new_page(viewport={"width": 390, "height": 844})
    type_in(phone, cast.alice)
    bar = phone.locator("#invoice-paybar").bounding_box()["y"]
    assert phone.locator("#invoice-table tbody tr").nth(1).bounding_box()["y"] < bar - 60
    assert phone.locator("#tab-all").bounding_box()["x"] < 300
