"""The live Password Criteria: what the page says during typing is what the server will say."""

import pytest

from app.accounts.password_policy import Policy
from app.models import Company
from tests.accounts.conftest import NEW, send_form
from tests.accounts.test_policy import EASY, FINE
from tests.support.mailbox import last_link

TYPED = [*EASY, *FINE, "x", "Пароль-длинный-1A", "aaaaaaaaaa", "kwmpbvrtz7", "a\\1b\\1C", "Aa1-" + "x9" * 600]


def open_link(page, portal, client, email):
    send_form(client, "/forgot", email=email)
    page.goto(last_link(email).split("//localhost")[-1])
    return page.get_by_label("New password", exact=True)


@pytest.fixture
def config(config):
    return config.replace(portal_url="http://localhost")


def test_the_page_judges_as_the_server_does(page, portal, client, cast):
    field = open_link(page, portal, client, cast.alice.email)
    policy = Policy.for_person(cast.alice, Company.current())
    for password in TYPED:
        field.fill(password)
        shown = page.locator("[data-rule] [data-state]").all_inner_texts()
        for rule, state in zip(policy.criteria(password), shown, strict=True):
            judged = "Not checked yet" if rule.slug == "guess" else "Met" if rule.met else "Not met"
            assert state == judged, (password, rule.slug)


def test_an_emptied_field_is_not_judged(page, portal, client, cast):
    field = open_link(page, portal, client, cast.alice.email)
    field.fill(NEW)
    field.fill("")
    assert set(page.locator("[data-rule] [data-state]").all_inner_texts()) == {"Not checked yet"}


def test_show_shows_the_password_and_sending_hides_it(page, portal, client, cast):
    field = open_link(page, portal, client, cast.alice.email)
    field.fill(NEW)
    page.get_by_role("button", name="Show new password").click()
    assert field.get_attribute("type") == "text"
    page.get_by_role("button", name="Hide new password").click()
    assert field.get_attribute("type") == "password"
    page.get_by_role("button", name="Set password and log in").click()
    page.wait_for_url("**/invoices")
    assert page.get_by_text("Your password is set. You are logged in.").is_visible()


def test_the_account_menu_opens_and_logs_out_by_keyboard(page, portal, cast, type_in):
    type_in(page, cast.alice)
    page.locator(".who summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login")
