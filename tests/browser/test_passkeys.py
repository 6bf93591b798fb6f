"""Passkeys, with a virtual authenticator in Chromium."""

import pytest
from playwright.sync_api import expect

from app.models import Passkey, RecoveryCode, Session
from tests.browser.test_pages import problems
from tests.people import PASSWORD
from tests.sampling import sample

PAGE = "/account/two-factor"


@pytest.fixture
def portal_url(listener):
    # Browsers make no passkeys for network addresses.
    return f"http://localhost:{listener.getsockname()[1]}"


@pytest.fixture
def authenticator(page):
    """The authenticator of the page's computer."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.authenticator = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return session


def add_passkey(page, name="My laptop"):
    page.goto(PAGE)
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("who", sample(["alice", "ruth"], 1, "passkey"))
def test_passkey_is_added_and_logs_in(page, authenticator, type_in, cast, app, who):
    user = getattr(cast, who)
    type_in(page, user)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    code = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="I have saved them").click()
    page.goto("/logout")
    page.get_by_role("button", name="Log out").first.click()
    type_in_halfway(page, user)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Use passkey").press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    with app.extensions["database"].connection_context():
        passkey = Passkey.get(user=user)
        assert (passkey.name, passkey.used_ms is not None) == ("My laptop", True)
        assert Session.select().where(Session.user == user, Session.second_factor).count() == 1
        assert RecoveryCode.left(user.id) == 10
    page.goto("/logout")
    page.get_by_role("button", name="Log out").first.click()
    type_in_halfway(page, user)
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(PAGE)
    page.get_by_text("Rename").press("Enter")
    page.get_by_label("New name").fill("Old laptop")
    page.get_by_label("New name").press("Enter")
    expect(page.get_by_text("The passkey is called Old laptop now.")).to_be_visible()
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.get_by_role("button", name="Remove Old laptop").click()
    expect(page.get_by_text("The passkey Old laptop is removed.")).to_be_visible()
    with app.extensions["database"].connection_context():
        assert not Passkey.select().exists() and RecoveryCode.left(user.id) == 0


def test_enter_adds_a_second_passkey(page, authenticator, type_in, cast, app):
    type_in(page, cast.alice)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.goto(PAGE)
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill("My phone")
    page.get_by_label("Name of the passkey").press("Enter")
    expect(page.get_by_role("heading", name="Add the passkey My phone")).to_be_visible()
    with app.extensions["database"].connection_context():
        assert [one.name for one in Passkey.of(cast.alice.id)] == ["My laptop"]


def type_in_halfway(page, user):
    page.goto("/login")
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Confirm with your passkey")).to_be_visible()


def test_pages_of_passkeys_are_accessible(page, authenticator, type_in, cast):
    type_in(page, cast.alice)
    page.goto(PAGE)
    page.get_by_role("button", name="Add a passkey").click()
    found = problems(page, "nothing typed")
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    found += problems(page, "adding")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.goto(PAGE)
    found += problems(page, "a passkey")
    page.goto("/logout")
    page.get_by_role("button", name="Log out").first.click()
    type_in_halfway(page, cast.alice)
    found += problems(page, "code or passkey")
    page.get_by_role("button", name="Use a passkey").click()
    found += problems(page, "logging in")
    assert found == []


def test_button_waits_for_its_script(page, authenticator, type_in, cast):
    type_in(page, cast.alice)
    page.route("**/passkeys.js*", lambda route: route.fulfill(content_type="text/javascript", body=""))
    page.goto(PAGE)
    page.get_by_label("Password", exact=True).last.fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()


def test_browser_that_makes_no_passkey_says_so(page, authenticator, type_in, cast):
    type_in(page, cast.alice)
    authenticator.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator.authenticator, "isUserVerified": True}
    )
    authenticator.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator.authenticator})
    page.add_init_script("navigator.credentials.create = () => Promise.reject(new Error('no'))")
    add_passkey(page)
    expect(page.get_by_text("No passkey was added. Try again, or choose Cancel.")).to_be_visible()


def test_device_that_has_a_passkey_already_is_named(page, authenticator, type_in, cast):
    type_in(page, cast.alice)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    add_passkey(page, "The same laptop")
    expect(page.get_by_text("This device already has a passkey for your login.")).to_be_visible()
