"""A Payment Link in a browser that has never logged in."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.models import PaymentLink
from app.models.audit import Actor
from tests.browser.cards import field, make_invoice, pay_with


@pytest.fixture
def link(app, cast, clock):
    invoice = make_invoice(app, cast.cedar)
    with app.extensions["database"].connection_context():
        return PaymentLink.issue(invoice, Actor("ruth@harborpine.example", clock(), ""), timedelta(days=30))


@pytest.mark.parametrize("size", [(1280, 900), (390, 800)])
def test_holder_pays_with_a_typed_card(new_page, link, demo_gateway, size):
    page = new_page(viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if size[0] == 390 else "light")
    page.goto(f"/pay/{link}")
    page.get_by_role("link", name="Pay this invoice").click()
    expect(field(page, "number")).to_be_editable()
    pay_with(page, "4111111111111111")
    expect(page.get_by_role("alert")).to_contain_text("Enter an address")
    page.get_by_label("Email for the receipt").fill("payer@elsewhere.example")
    pay_with(page, "4111111111111111")
    expect(page.get_by_role("heading", name="Payment received")).to_be_visible()
    assert len(demo_gateway.transactions()) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Back to the invoice").click()
    expect(page.get_by_text("is being processed")).to_be_visible()
