"""The scripts, each a file of its own: what works when one is blocked, or comes late."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from app.config import ROOT
from tests.people import invoice

SCRIPTS = sorted(path.stem for path in (ROOT / "static/js").glob("*.js") if path.stem not in ("amount", "pay"))


@pytest.fixture
def alice(page, log_in_page, app, cast):
    """Alice's browser, and three invoices of $100, $200 and $300."""
    with app.extensions["database"].connection_context():
        for number in (1, 2, 3):
            invoice(cast.cedar, f"INV-104{number}", 10_000 * number, date(2026, 11, 10 + number))
    log_in_page(page, cast.alice)
    return page


def block(page, names):
    page.unroute_all()
    page.route(re.compile(f"/static/js/({names})\\.js"), lambda route: route.abort())


def test_the_list_works_without_any_one_script(alice, expected_problems):
    expected_problems.append("ERR_FAILED")
    for name in SCRIPTS:
        block(alice, name)
        alice.goto("/invoices")
        alice.get_by_label("Pay INV-1041").uncheck()
        expect(alice.locator("#pay-USD")).to_contain_text("$500.00")
        alice.locator("#tab-all").click()
        expect(alice).to_have_url(re.compile("view=all"))
        expect(alice.get_by_label("Pay INV-1041")).not_to_be_checked()
        assert alice.locator("#pick-all").is_visible() == (name != "selection"), name


def test_the_list_works_without_all_scripts_but_htmx(alice, expected_problems):
    expected_problems.append("ERR_FAILED")
    block(alice, r"\w+")
    alice.goto("/invoices")
    assert not alice.locator("#pick-all").is_visible()
    alice.get_by_label("Pay INV-1041").uncheck()
    alice.get_by_role("button", name="Review and pay").click()
    expect(alice.locator("#payment-quote")).to_contain_text("$500.00")


def test_a_tick_made_before_the_scripts_came_is_counted(alice):
    waiting = []
    alice.route(re.compile("/static/vendor/htmx"), lambda route: waiting.append(route))
    alice.goto("/invoices", wait_until="commit")
    alice.get_by_label("Pay INV-1041").uncheck()
    expect(alice.locator("#pay-USD")).to_contain_text("$600.00")
    waiting[0].continue_()
    expect(alice.locator("#pay-USD")).to_contain_text("$500.00")
