"""Unmatched Charges, by keyboard, wide and narrow, light and dark."""

import os
from pathlib import Path

import pytest

from app.clock import to_ms
from app.models import Attempt, Deployment, Invoice, UnmatchedCharge
from tests.browser.test_pages import problems
from tests.people import invoice
from tests.support.portal import Portal

PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def waiting(app, cast, config, demo_gateway, gateway, clock):
    """A charge without line items that the books have lost, while online payment is paused; its page."""
    with app.extensions["database"].connection_context():
        portal = Portal(config, demo_gateway, gateway, clock)
        for number, minor in (("INV-1037", 60_000), ("INV-1041", 12_345), ("INV-1042", 999)):
            invoice(cast.cedar, number, minor, clock().date())
        sale = {"amount": "700.00", "payment_method_nonce": portal.nonce(), "order_id": "cc-" + "0" * 24}
        sold = gateway.sdk.transaction.sale({**sale, "options": {"submit_for_settlement": True}}).transaction.id
        UnmatchedCharge.keep(gateway.find(sold), to_ms(clock()))
        Deployment.hold(clock(), to_ms(clock()))
        Deployment.finish_comparison(clock(), to_ms(clock()))
    return f"/setup/accounting/unmatched-charges/{sold}"


def picture(page, name):
    if PICTURES:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)


def test_charge_is_booked_by_keyboard_without_axe_violations(app, cast, page, log_in_page, waiting):
    log_in_page(page, cast.ruth)
    page.goto(waiting.rpartition("/")[0])
    picture(page, "unmatched")
    found = problems(page, "the list")
    page.get_by_role("link", name=waiting.rpartition("/")[2]).press("Enter")
    page.get_by_role("textbox", name="Account number").fill("77")
    page.get_by_role("textbox", name="Account number").press("Enter")
    page.get_by_label("INV-1037").press("Space")
    page.get_by_label("INV-1041").press("Space")
    picture(page, "unmatched-book")
    found += problems(page, "choosing invoices")
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_text("Book $700.00 as a payment of").wait_for()
    picture(page, "unmatched-confirm")
    found += problems(page, "confirming")
    page.get_by_role("button", name="Book Payment").press("Enter")
    page.get_by_text("is booked for Cedar Lane Bakery").wait_for()
    picture(page, "unmatched-decided")
    found += problems(page, "decided")
    assert found == []
    with app.extensions["database"].connection_context():
        assert Attempt.get().amount_minor == 70_000
        assert [one.open_minor for one in Invoice.select().order_by(Invoice.id)] == [0, 2345, 999]
