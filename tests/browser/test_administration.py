"""The administrator's other pages: axe finds nothing, light and dark, wide and narrow."""

import itertools
import re

from app.models import FirstRun, Role, User
from tests.browser.test_pages import submitting, visit  # noqa: F401 (fixture)


def test_pages_of_the_setup_menu(visit, world, page, log_in_page):  # noqa: F811
    log_in_page(page, world.cast.ruth)
    assert (
        visit(
            {
                "company information": "/setup/company/information",
                "preferences": "/setup/company/preferences",
                "preferences, wrong": submitting("/setup/company/preferences", "Save", Minimum_Password_Length="1"),
                "email templates": "/setup/company/system-email-templates",
                "an email template": "/setup/company/system-email-templates/reminder_after",
                "an email template, wrong": submitting(
                    "/setup/company/system-email-templates/receipt", "Save", Subject="{total}"
                ),
                "roles": "/setup/users-roles",
                "a new role, nameless": submitting("/setup/users-roles/new", "Save"),
                "audit trail": "/audit",
                "sent email": "/setup/company/sent-email",
                "an email": "/setup/company/sent-email/1",
                "search": "/search?q=c",
            }
        )
        == []
    )


def test_pages_of_a_record_and_of_viewing(visit, world, page, log_in_page):  # noqa: F811
    log_in_page(page, world.cast.ruth)
    record = f"/customers/{world.cast.cedar.public_id}"

    def view(page):
        page.goto(f"{record}/access")
        page.get_by_role("button", name="View as customer").click()
        page.wait_for_url("**/invoices?view=open")

    assert (
        visit(
            {
                "invoices": f"{record}/invoices?view=all",
                "an invoice": f"{record}/invoices/{world.invoice_id('cedar')}",
                "payments": f"{record}/payments",
                "viewing": view,
            }
        )
        == []
    )


def test_pages_of_people(visit, world, page, log_in_page, app, clock, new_page):  # noqa: F811
    with app.extensions["database"].connection_context():
        owner = Role.create(name="Owner", can_manage=True, is_custom=True)
        world.cast.alice.accesses.model.update(role=owner).execute()
    log_in_page(page, world.cast.ruth)
    assert visit({"two-factor": "/account/two-factor"}) == []
    page.context.clear_cookies()
    log_in_page(page, world.cast.alice)
    assert visit({"people": "/account/people", "log out": "/logout"}) == []


def test_the_first_run(visit, page, app, clock):  # noqa: F811
    with app.extensions["database"].connection_context():
        assert not User.has_administrator()
        token = FirstRun.issue(app.config["PORTAL"].keys, clock())
    assert visit({"before the link": "/first-administrator", "the form": f"/first-administrator/{token}"}) == []
    assert re.search("first-administrator$", page.url)


def test_the_whole_qr_code_is_in_its_box(world, page, log_in_page):
    log_in_page(page, world.cast.ruth)
    page.goto("/account/two-factor")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        sides = page.evaluate("""() => ['.qr', '.qr svg', '.qr path:last-of-type']
            .map(part => document.querySelector(part).getBoundingClientRect())
            .map(box => [box.left, box.top, box.right, box.bottom])""")
        for outer, inner in itertools.pairwise(sides):
            assert all(a <= b for a, b in zip(outer[:2], inner[:2], strict=True)), (width, sides)
            assert all(a >= b for a, b in zip(outer[2:], inner[2:], strict=True)), (width, sides)
        assert sides[2][2] - sides[2][0] > 150
