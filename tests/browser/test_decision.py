"""The page on which an administrator decides about a payment, by keyboard, wide and narrow, light and dark."""

import os
from pathlib import Path

import pytest

from app.models import Attempt, Invoice
from tests.browser.test_pages import problems
from tests.people import invoice
from tests.support.portal import Portal

PICTURES = os.environ.get("PICTURES")


@pytest.fixture
def undecided(app, cast, config, demo_gateway, gateway, clock):
    """A payment that has been unclear for its time; its decision page."""
    with app.extensions["database"].connection_context():
        portal = Portal(config, demo_gateway, gateway, clock)
        portal.cast, portal.alice = cast, portal.viewer(cast.alice)
        demo_gateway.faults.add("sale_status", status="authorizing")
        portal.pay(invoice(cast.cedar, "INV-1037", 60_000, clock().date()))
        for minutes in (2, 240, 5, 5, 5, 5):
            clock.advance(minutes=minutes)
            portal.reconcile()
        return f"/customers/{cast.cedar.public_id}/payments/{Attempt.get().reference}/decision"


def picture(page, name):
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_payment_is_decided_by_keyboard_without_axe_violations(app, cast, page, log_in_page, undecided):
    log_in_page(page, cast.ruth)
    page.goto(undecided)
    picture(page, "decision")
    found = problems(page, "decision")
    page.get_by_role("button", name="Continue").press("Enter")
    page.locator("#error-summary").wait_for()
    picture(page, "decision-errors")
    found += problems(page, "decision with errors")
    page.get_by_label("It was not charged").press("Space")
    page.get_by_role("button", name="Continue").press("Enter")
    page.get_by_text("Release the invoices of").wait_for()
    picture(page, "decision-confirm")
    page.set_viewport_size({"width": 390, "height": 800})
    picture(page, "decision-confirm-390")
    found += problems(page, "confirming")
    page.get_by_role("button", name="Release as not charged").press("Enter")
    page.get_by_text("is not booked. Its invoices are open again.").wait_for()
    picture(page, "payments-390")
    assert found == []
    with app.extensions["database"].connection_context():
        assert Invoice.get().open_minor == 60_000
