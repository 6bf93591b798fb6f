"""Customers and their access in a real browser: axe on each kind of page, and the steps that need its hands."""

from app.models import Access, Customer
from tests.browser.test_pages import problems
from tests.customers.conftest import NEW
from tests.people import invoice


def test_pages_have_no_axe_violations(app, cast, page, log_in_page, clock):
    with app.extensions["database"].connection_context():
        Customer.update(email=cast.alice.email).where(Customer.id == cast.cedar.id).execute()
        fresh = Customer.create(number="90", name="Saltbox Kitchen", email="orders@saltbox.example")
        invoice(cast.cedar, "INV-1", 592650, clock().date())
    log_in_page(page, cast.ruth)
    found = []
    for state, url in (
        ("list", "/customers?via=lists"),
        ("access", f"/customers/{fresh.public_id}/access"),
        ("record", f"/customers/{cast.cedar.public_id}"),
        ("preview", f"/customers/access?customer={fresh.public_id}&role=1&give=1&notify=1"),
    ):
        page.goto(url)
        found += problems(page, state)
    page.goto(f"/customers/{fresh.public_id}/access")
    page.get_by_label("Give Access", exact=True).check()
    page.get_by_label("Manually Assign or Change Password").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#error-summary").wait_for()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    found += problems(page, "access with errors")
    print(*found, sep="\n")
    assert found == []


def test_the_boxes_show_what_they_lead_to_and_taking_away_asks(app, cast, page, log_in_page):
    with app.extensions["database"].connection_context():
        fresh = Customer.create(number="90", name="Saltbox Kitchen", email="maya@saltbox.example")
    log_in_page(page, cast.ruth)
    page.goto(f"/customers/{fresh.public_id}/access")
    assert page.locator("#password").is_hidden() and page.get_by_text("No email will be sent").is_visible()
    page.get_by_label("Manually Assign or Change Password").check()
    page.get_by_label("Give Access", exact=True).check()
    page.get_by_label("Send New Access Notification Email").check()
    assert page.locator(".clash").is_visible()
    page.get_by_label("Send New Access Notification Email").uncheck()
    assert page.locator(".clash").is_hidden() and page.get_by_text("No email will be sent").is_visible()
    page.get_by_label("Password", exact=True).fill(NEW)
    assert page.locator("[data-rule].is-unmet").count() == 0 and page.locator("[data-rule].is-met").count() > 2
    page.get_by_label("Confirm Password", exact=True).fill(NEW)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved. maya@saltbox.example has access").wait_for()
    page.get_by_label("Give Access", exact=True).uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="Take away access for maya@saltbox.example?").wait_for()
    page.get_by_role("button", name="Take away access").click()
    page.get_by_text("no longer has access to Saltbox Kitchen").first.wait_for()
    with app.extensions["database"].connection_context():
        assert not Access.select().where(Access.customer == fresh, Access.given).exists()


def test_dates_and_buttons_of_a_statement_stand_in_pairs_on_a_phone(cast, new_page, log_in_page):
    page = new_page(viewport={"width": 390, "height": 800})
    log_in_page(page, cast.ruth)
    page.goto(f"/customers/{cast.cedar.public_id}/statement")
    row = page.locator(".filter-dated").bounding_box()
    boxes = [page.locator(f"#statement-{name}").bounding_box() for name in ("kind", "since", "until")]
    boxes += [page.get_by_role("button", name="Show").bounding_box()]
    boxes += [page.get_by_role("link", name="Download PDF").bounding_box()]
    assert all(one["x"] + one["width"] <= row["x"] + row["width"] + 0.5 for one in boxes)
    assert boxes[1]["y"] == boxes[2]["y"] and boxes[3]["y"] == boxes[4]["y"]
    assert boxes[1]["width"] == boxes[2]["width"]
