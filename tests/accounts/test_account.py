"""/account."""

import pytest

from app.models import Access, Audit, Role, Session, User
from app.models.audit import Actor
from tests.accounts.conftest import send_form
from tests.people import PASSWORD
from tests.support.pages import text_of


def test_account_page_names_the_person(log_in, cast):
    page = text_of(log_in(cast.alice).get("/account"))
    for text in ("Alice Okafor", cast.alice.email, "Cedar Lane Bakery, account 77"):
        assert text in page


def test_ruth_sees_that_she_is_an_administrator(log_in, cast):
    page = log_in(cast.ruth).get("/account").get_data(as_text=True)
    assert "Administrator" in page and 'href="/invoices"' not in page


def test_a_hostile_name_is_only_text(log_in, cast):
    cast.alice.name = "<script>alert(1)</script>"
    cast.alice.save()
    assert "<script>alert" not in log_in(cast.alice).get("/account").get_data(as_text=True)


def test_account_lists_only_its_own_sessions(log_in, cast):
    log_in(cast.alice), log_in(cast.bob)
    page = log_in(cast.alice).get("/account").get_data(as_text=True)
    assert page.count("This browser") == 1 and page.count("Another browser") == 1


def test_log_out_everywhere_else_leaves_this_browser_and_other_people(log_in, cast):
    there, bob, here = log_in(cast.alice), log_in(cast.bob), log_in(cast.alice)
    assert send_form(here, "/account", to="/account/sessions").location == "/account"
    assert [c.get("/account").status_code for c in (there, bob, here)] == [303, 200, 200]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_and_written_into_every_page(log_in, cast, theme):
    client = log_in(cast.alice)
    send_form(client, "/account", to="/account/theme", theme=theme)
    for url in ("/account", "/account/password"):
        assert f'<html lang="en" data-theme="{theme}">' in client.get(url).get_data(as_text=True)


@pytest.mark.parametrize("theme", ["system", "", '"><script>', "x" * 9999])
def test_any_other_theme_is_the_systems(log_in, cast, theme):
    client = log_in(cast.alice)
    send_form(client, "/account", to="/account/theme", theme="dark")
    assert send_form(client, "/account", to="/account/theme", theme=theme).status_code == 303
    assert '<html lang="en">' in client.get("/account").get_data(as_text=True)


def test_a_planted_theme_cookie_is_ignored(client, cast):
    client.set_cookie("theme", '"><script>alert(1)</script>')
    assert '<html lang="en">' in client.get("/login").get_data(as_text=True)


def test_the_theme_survives_logging_out(log_in, cast):
    client = log_in(cast.alice)
    send_form(client, "/account", to="/account/theme", theme="dark")
    send_form(client, "/account", to="/logout")
    assert 'data-theme="dark"' in client.get("/login").get_data(as_text=True)


@pytest.fixture
def both(cast, clock):
    Access.grant(cast.alice, cast.fennel, Role.get(name="Customer Center"), Actor("ruth", clock()))
    return cast.alice


def test_user_with_two_customers_can_switch(log_in, both):
    client = log_in(both)
    assert send_form(client, "/account", to="/account/customer", number="81").location.startswith("/invoices?customer=")
    assert "Fennel & Fig Café, account 81" in text_of(client.get("/account"))
    assert Session.select().count() == 1


@pytest.mark.parametrize("number", ["81", "", "999", "7\x007", "x" * 9999])
def test_switch_to_a_foreign_customer_is_refused(log_in, cast, number):
    assert send_form(log_in(cast.alice), "/account", to="/account/customer", number=number).status_code == 404


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
            " AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
            " Edg/131.0",
            "Edge on Mac",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("<script>" * 9999, "Another browser"),
        ("", "Another browser"),
    ],
)
def test_a_login_is_named_by_its_device_and_ended_singly(app, log_in, cast, user_agent, device):
    there, third, here = app.test_client(), log_in(cast.alice), log_in(cast.alice)
    there.environ_base["HTTP_USER_AGENT"] = user_agent
    send_form(there, "/login", email=cast.alice.email, password=PASSWORD)
    assert device in here.get("/account").get_data(as_text=True)
    session = Session.select().order_by(Session.id.desc()).get()
    assert send_form(here, "/account", to="/account/sessions", session=str(session.id)).location == "/account"
    assert [c.get("/account").status_code for c in (there, third, here)] == [303, 200, 200]


def test_login_says_from_where_and_when(app, log_in, cast, clock):
    there, here = app.test_client(), log_in(cast.alice)
    there.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    send_form(there, "/login", email=cast.alice.email, password=PASSWORD)
    assert "from 192.0.2.7" in here.get("/account").get_data(as_text=True)
    session = Session.select().order_by(Session.id.desc()).get()
    send_form(here, "/account", to="/account/sessions", session=str(session.id))
    assert Audit.last("session_ended").facts == {"device": "another browser"}
    page = send_form(here, "/account", to="/account/sessions", session=str(session.id))
    assert "That browser was logged out already." in here.get(page.location).get_data(as_text=True)


def test_login_that_is_over_is_not_listed(log_in, cast, clock, config):
    log_in(cast.alice)
    clock.advance(seconds=config.session_idle + 60)
    page = log_in(cast.alice).get("/account").get_data(as_text=True)
    assert "Another browser" not in page and "Log out everywhere else" not in page


def test_a_session_of_another_person_is_not_ended(log_in, cast):
    bob, alice = log_in(cast.bob), log_in(cast.alice)
    for session in (str(Session.get(user=cast.bob).id), "9" * 5000, "x"):
        send_form(alice, "/account", to="/account/sessions", session=session)
    assert bob.get("/account").status_code == alice.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Orla <O'Brien>", "OO"),
        ("Alice Okafor", "AO"),
        ("(Bob)", "B"),
        ("Ann M. \u201cDot\u201d Smith", "AS"),
        ("--", ""),
    ],
)
def test_the_initials_are_letters(log_in, cast, name, initials):
    client = log_in(cast.alice)
    User.update(name=name).where(User.id == cast.alice.id).execute()
    assert f'dir="auto">{initials}</span>' in client.get("/account").get_data(as_text=True)
