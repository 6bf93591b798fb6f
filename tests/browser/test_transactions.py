"""Documents entered by hand, in a browser: by mouse, by keyboard, without scripts; axe finds nothing."""

import os
from itertools import count

import pytest

from app.models import Invoice
from tests.browser.test_pages import submitting, visit  # noqa: F401 (fixture)

NEW = "/transactions/sales/create-invoices"
PICTURES = os.environ.get("PICTURES")
numbers = count(1)


def picture(page, name: str) -> None:
    """For people: PICTURES=folder keeps them."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def fill_in(page, number: str):
    page.get_by_label("Number", exact=True).fill(number)
    first = page.get_by_role("group", name="Line 1")
    first.get_by_label("Description").fill("Chairs")
    first.get_by_label("Quantity").fill("4")
    first.get_by_label("Unit price").fill("125.50")


def test_pages_of_documents_by_hand(visit, world, page, log_in_page):  # noqa: F811
    log_in_page(page, world.cast.ruth)
    cedar = f"{NEW}?customer={world.cast.cedar.public_id}"
    document = f"/transactions/documents/{world.invoice_id('cedar')}"
    assert (
        visit(
            {
                "choosing a customer": NEW,
                "a customer that isn't there": f"{NEW}?q=zebra",
                "a new invoice": cedar,
                "a new invoice, empty": submitting(cedar, "Save", Number=""),
                "a change": document,
                "a void": f"{document}/void",
            }
        )
        == []
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_invoice_is_entered_and_changed(world, new_page, log_in_page, app, scripts):
    page = new_page(java_script_enabled=scripts)
    log_in_page(page, world.cast.ruth)
    page.goto(NEW)
    page.get_by_role("searchbox").last.fill("cedar")
    page.get_by_role("searchbox").last.press("Enter")
    page.get_by_role("link", name="Cedar Lane Bakery").click()
    fill_in(page, "HAND-1")
    page.get_by_role("button", name="Add line").click()
    last = page.get_by_role("group", name="Line 4")
    last.get_by_label("Description").wait_for()
    if scripts:
        page.wait_for_function("document.activeElement.id === 'description-4'")
    last.get_by_label("Description").fill("Delivery")
    last.get_by_label("Amount").fill("30.00")
    page.get_by_role("button", name="Remove line 2").click()
    page.get_by_role("group", name="Line 4").wait_for(state="detached")
    page.get_by_label("Tax").fill("10.00")
    page.get_by_role("button", name="Update total").click()
    page.get_by_text("$542.00").wait_for()
    assert page.get_by_label("Due date").input_value() == "", "it goes on following the terms"
    picture(page, f"invoice-{scripts}")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("heading", name="Invoice", exact=True).wait_for()
    picture(page, f"saved-{scripts}")
    page.get_by_role("link", name="Edit", exact=True).last.click()
    page.get_by_label("Memo").fill("Thank you")
    page.get_by_label("Memo").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Thank you").wait_for()
    with app.extensions["database"].connection_context():
        found = Invoice.get(Invoice.number == "HAND-1")
        assert (found.total_minor, len(found.lines), found.memo) == (54200, 2, "Thank you")


def test_enter_in_a_field_saves(world, page, log_in_page):
    """And doesn't press the first button of the form, which removes a line."""
    log_in_page(page, world.cast.ruth)
    page.goto(f"{NEW}?customer={world.cast.cedar.public_id}")
    fill_in(page, "HAND-1")
    page.get_by_label("PO number").press("Enter")
    page.get_by_role("heading", name="Invoice", exact=True).wait_for()


def test_pictures_for_people(world, page, log_in_page):
    log_in_page(page, world.cast.ruth)
    for width, scheme in ((1280, "light"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(NEW)
        picture(page, f"choose-{width}-{scheme}")
        page.goto(f"{NEW}?customer={world.cast.cedar.public_id}")
        fill_in(page, "")
        page.get_by_role("group", name="Line 2").get_by_label("Amount").fill("x")
        page.get_by_role("button", name="Save").last.click()
        page.get_by_text("There is a problem").wait_for()
        picture(page, f"new-{width}-{scheme}")


def test_pages_of_payments_received(visit, world, page, log_in_page):  # noqa: F811
    log_in_page(page, world.cast.ruth)
    new = f"/transactions/customers/payments/new?customer={world.cast.cedar.public_id}"
    assert (
        visit(
            {
                "payments received": "/transactions/customers/payments",
                "no payments": "/transactions/customers/payments?q=zebra",
                "a payment": new,
                "a payment, empty": submitting(new, "Save"),
                "a correction": f"/transactions/customers/payments/{'3' * 16}",
                "a removal": f"/transactions/customers/payments/{'3' * 16}/remove",
            }
        )
        == []
    )
    page.goto("/transactions/customers/payments")
    picture(page, "payments")
    page.goto(new)
    page.get_by_label("Amount for INV-CEDAR-1").fill("x")
    page.get_by_role("button", name="Save").click()
    picture(page, "payment-new")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "payment-new-390")
