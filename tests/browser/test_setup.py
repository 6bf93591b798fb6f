"""The setup guide in a browser: its steps by partial updates, without JavaScript, and axe on every state."""

import pytest

from app.models import Company, Customer
from tests.browser.test_pages import visit  # noqa: F401 (a fixture)


@pytest.fixture
def closed(app, cast):
    """Nothing is on, and a customer waits for access."""
    with app.extensions["database"].connection_context():
        Company.update(credit_card_payments=False, customer_access=False, customers_can_pay_online=False).execute()
        Customer.create(number="90", name="Saltbox Kitchen", email="tom@saltbox.example")
        Customer.create(number="91", name="North Pier", email="orders@northpier.example")
        Customer.create(number="92", name="Old Mill")


def walk(page):
    """The three switches and the first customer, from top to bottom."""
    for label in ("Credit Card Payments", "Customer Access", "Customers Can Pay Online"):
        page.get_by_label(label, exact=True).check()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text(f"Saved. {label} is on.").wait_for()


@pytest.mark.parametrize("scripted", [True, False], ids=["scripts", "no scripts"])
def test_the_steps_are_walked(new_page, portal, closed, cast, type_in, scripted):
    page = new_page(java_script_enabled=scripted)
    type_in(page, cast.ruth)
    assert page.get_by_text("1 of 6 steps completed").count() == 1  # the cast has access
    walk(page)
    assert page.get_by_role("heading", name="Step 5: Tell customers where to log in").is_visible()
    page.get_by_role("link", name="Give access on customer records").click()
    page.get_by_label("Saltbox Kitchen, tom@saltbox.example").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Access given to 1 customer. 1 email queued.").wait_for()
    page.get_by_role("link", name="Customer Access").first.click()
    page.get_by_label("Customer Access", exact=True).uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Turn off Customer Access").click()
    page.get_by_text("No one can log in until Customer Access is on").wait_for()
    assert Company.current().customer_access is False


def test_the_pages_of_the_guide(visit, portal, cast, page, log_in_page, closed):  # noqa: F811 (a fixture)
    def wrong(page):
        page.goto("/setup/accounting/preferences")
        page.get_by_label("Minimum partial payment").fill("x")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("There is a problem").wait_for()

    def everything_on(page):
        page.goto("/setup")
        walk(page)
        page.goto("/setup?step=give-access")
        page.get_by_role("button", name="Send me a test email").click()
        page.get_by_text("Waiting to be sent").wait_for()

    def asking(page):
        page.goto("/setup?step=credit-card-payments")
        page.get_by_label("Credit Card Payments", exact=True).uncheck()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("button", name="Turn off Credit Card Payments").wait_for()

    def trial(page):
        page.goto("/setup?step=check")
        page.get_by_role("button", name="Check this login").click()
        page.get_by_text("can log in").first.wait_for()

    log_in_page(page, cast.ruth)
    assert (
        visit(
            {
                "nothing on": "/setup",
                "preferences, wrong": wrong,
                "to give access": everything_on,
                "asking": asking,
                "log-in tried": trial,
            }
        )
        == []
    )
