"""Answers that come late, or while something else is done: the last thing that was pressed is what is shown, and
the list, its address, the search box and the total agree."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from app.models import Customer
from tests.browser import cards
from tests.people import invoice


@pytest.fixture
def alice(page, log_in_page, app, cast):
    with app.extensions["database"].connection_context():
        for number in (1, 2, 3):
            invoice(cast.cedar, f"INV-104{number}", 10_000 * number, date(2026, 11, 10 + number))
        invoice(cast.cedar, "INV-1030", 5_000, date(2026, 10, 18), paid_elsewhere_minor=5_000)
    log_in_page(page, cast.alice)
    page.goto("/invoices")
    return page


@pytest.fixture
def hold(page):
    """hold(words) keeps requests with these words in their address waiting; what it gives lets them go."""

    def _hold(words):
        held = []

        def take(route):
            route.continue_() if held is None else held.append(route)

        def let_go():
            nonlocal held
            waiting, held = held, None
            for route in waiting:
                route.continue_()

        page.route(re.compile(words), take)
        return let_go

    return _hold


def search(page, words):
    page.locator("main").get_by_role("searchbox").press_sequentially(words)


def test_last_of_two_clicked_tabs_is_shown(alice, hold):
    let_go = hold("view=paid|view=all")
    alice.locator("#tab-paid").click()
    alice.locator("#tab-all").click()
    let_go()
    expect(alice).to_have_url(re.compile("view=all"))
    expect(alice.locator("#tab-all")).to_have_attribute("aria-current", "true")
    expect(alice.locator("#invoice-table tbody tr")).to_have_count(4)


def test_a_tab_takes_along_what_was_typed_just_before(alice, hold):
    let_go = hold("q=1042")
    search(alice, "1042")
    alice.locator("#tab-all").click()
    alice.wait_for_timeout(400)  # longer than a search waits for the next letter
    let_go()
    expect(alice).to_have_url(re.compile("view=all.*q=1042|q=1042.*view=all"))
    expect(alice.locator("#invoice-table tbody tr")).to_have_count(1)
    alice.locator("main").get_by_role("searchbox").fill("")
    alice.locator("#by-amount").click()
    expect(alice.locator("#invoice-table tbody tr")).to_have_count(4)
    expect(alice).not_to_have_url(re.compile("q=1042"))


@pytest.mark.parametrize(("view", "left"), [("all", "500.00"), ("paid", "500.00")])
def test_a_tick_taken_back_while_the_list_is_on_its_way_stays_taken_back(alice, hold, view, left):
    let_go = hold(f"view={view}")
    alice.locator(f"#tab-{view}").click()
    alice.get_by_label("Pay INV-1041").uncheck()
    let_go()
    expect(alice).to_have_url(re.compile(f"view={view}"))
    expect(alice.locator("#invoice-panel")).to_contain_text(left)
    expect(alice.locator("#invoice-panel")).to_contain_text("Pay 2 invoices")
    alice.locator("#tab-open").click()
    expect(alice.get_by_label("Pay INV-1041")).not_to_be_checked()
    expect(alice.get_by_label("Pay INV-1042")).to_be_checked()


def test_a_tick_made_while_the_list_is_on_its_way_is_made(alice, hold):
    alice.get_by_label("Pay INV-1041").uncheck()
    expect(alice.locator("#invoice-panel")).to_contain_text("Pay 2 invoices")
    let_go = hold("view=paid")
    alice.locator("#tab-paid").click()
    alice.get_by_label("Pay INV-1041").check()
    let_go()
    expect(alice).to_have_url(re.compile("view=paid"))
    expect(alice.locator("#invoice-panel")).to_contain_text("Pay 3 invoices")


def test_pay_leads_to_what_is_ticked_before_its_total_has_come(alice, hold):
    let_go = hold("/invoices/selected")
    alice.get_by_label("Pay INV-1041").uncheck()
    alice.locator("#invoice-panel a.btn").click()
    let_go()
    expect(alice).to_have_url(re.compile("/payments/new"))
    expect(alice.locator("#payment-quote")).to_contain_text("$500.00")
    expect(alice.locator("#payment-quote")).not_to_contain_text("INV-1041")


def test_the_focus_of_a_menu_that_closed_is_on_what_opens_it(alice):
    alice.set_viewport_size({"width": 640, "height": 800})
    menu = alice.locator("details.sort")
    menu.locator("summary").press("Enter")
    menu.get_by_role("link", name="Amount").press("Enter")
    expect(alice).to_have_url(re.compile("sort="))
    expect(alice.locator("details.sort summary")).to_be_focused()


def test_the_focus_is_not_called_back_into_a_box_that_was_left(alice, hold):
    let_go = hold("q=1042")
    search(alice, "1042")
    alice.wait_for_timeout(400)
    alice.locator("h1").click()
    let_go()
    expect(alice.locator("#invoice-table tbody tr")).to_have_count(1)
    alice.wait_for_timeout(100)
    expect(alice.locator("main").get_by_role("searchbox")).not_to_be_focused()


def test_the_focus_stays_on_pay_while_the_split_of_the_amount_comes(alice, hold):
    alice.goto("/payments/new?all=USD")
    alice.get_by_label("Pay a different amount").check()
    expect(alice.locator("#payment-go")).to_contain_text("Pay this amount")
    let_go = hold("pay=part")
    alice.get_by_label("Amount to pay").fill("250")
    alice.locator("#payment-go button").focus()
    let_go()
    expect(alice.locator("#payment-go button")).to_contain_text("Pay $250.00")
    expect(alice.locator("#payment-go button")).to_be_focused()


def test_amount_at_the_press_is_charged(alice, demo_gateway, hold):
    """Not what is typed while the bank is being asked about it."""
    alice.goto("/payments/new?all=USD")
    cards.type_card(alice)
    alice.get_by_label("Pay a different amount").check()
    alice.get_by_label("Amount to pay").fill("6.00")
    expect(alice.locator("#payment-go")).to_contain_text("Pay $6.00")
    let_go = hold("three_d_secure/lookup")
    cards.press_pay(alice)
    expect(alice.locator("#pay-form")).to_have_class(re.compile("is-busy"))
    alice.get_by_label("Amount to pay").press_sequentially("75")
    alice.get_by_label("Pay in full").click()
    let_go()
    cards.expect_receipt(alice)
    assert [str(sale["amount"]) for sale in demo_gateway.transactions()] == ["6.00"]


def test_pressing_log_in_again_while_it_is_slow_is_one_try(page, portal, cast, hold):
    tries = []
    page.goto("/login")
    page.get_by_label("Email address").fill(cast.alice.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.on("request", lambda request: request.method == "POST" and tries.append(request))
    let_go = hold("/login$")
    box = page.get_by_role("button", name="Log in").bounding_box()
    for _ in range(3):
        page.mouse.click(box["x"] + 20, box["y"] + 10)
    let_go()
    expect(page.locator("main .summary").first).to_be_visible()
    assert len(tries) == 1
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("main .summary").first).to_be_visible()
    assert len(tries) == 2


def test_the_focus_is_on_save_again_when_saving_took_long_and_failed(page, log_in_page, cast, expected_problems):
    expected_problems += ["ERR_FAILED", "Failed to fetch"]
    log_in_page(page, cast.ruth)
    page.goto("/setup/company/enable-features")
    save, waiting = page.get_by_role("button", name="Save").first, []
    page.route(re.compile("/enable-features"), lambda route: waiting.append(route))
    save.focus()
    page.keyboard.press("Enter")
    expect(save).to_be_disabled()
    page.evaluate("() => new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))")
    waiting[0].abort()
    expect(page.locator("#problems")).to_contain_text("We could not reach the server")
    expect(save).to_be_focused()


def test_a_search_among_customers_stays_in_the_tab_that_was_pressed(page, log_in_page, cast, app):
    with app.extensions["database"].connection_context():
        Customer.create(number="90", name="Fennel without access")
    log_in_page(page, cast.ruth)
    page.goto("/customers")
    page.locator("#tab-none").click()
    expect(page).to_have_url(re.compile("access=none"))
    search(page, "fennel")
    expect(page).to_have_url(re.compile("q=fennel"))
    expect(page).to_have_url(re.compile("access=none"))
    expect(page.locator("#customers")).to_contain_text("Fennel without access")
    expect(page.locator("#customers")).not_to_contain_text("Fennel & Fig")


def test_a_search_among_customers_does_not_check_the_mail_again(page, log_in_page, cast):
    log_in_page(page, cast.ruth)
    page.goto("/customers")
    page.get_by_label("Send New Access Notification Email").uncheck()
    search(page, "cedar")
    expect(page.locator("#customers")).not_to_contain_text("Fennel")
    expect(page.get_by_label("Send New Access Notification Email")).not_to_be_checked()
