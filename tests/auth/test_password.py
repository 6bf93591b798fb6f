"""/account/password."""

import pytest

from app.models import Audit, User
from tests.auth.conftest import NEW, ask_for_link, events, mails_to, send_form
from tests.people import PASSWORD

URL = "/account/password"


def change(client, current=PASSWORD, new=NEW):
    return send_form(client, URL, current_password=current, password=new)


def test_alice_changes_her_password(log_in, cast):
    response = change(log_in(cast.alice))
    assert (response.status_code, response.location) == (303, "/account")
    assert log_in(cast.alice, NEW)


def test_the_session_is_a_new_one(log_in, cast):
    client = log_in(cast.alice)
    old = client.get_cookie("portal").value
    change(client)
    assert client.get("/account").status_code == 200
    client.set_cookie("portal", old)
    assert client.get("/account").status_code == 303


def test_the_current_password_must_be_right(log_in, cast):
    response = change(log_in(cast.alice), current="wrong")
    assert response.status_code == 422
    assert response.get_data(as_text=True).count("The current password is not right") == 2


def test_guessing_the_current_password_locks(log_in, cast):
    client = log_in(cast.alice)
    assert [change(client, current="wrong").status_code for _ in range(5)] == [422] * 5
    assert "Too many tries" in change(client).get_data(as_text=True)


ALIKE = [PASSWORD, PASSWORD.lower(), PASSWORD + "x", PASSWORD[:-1], PASSWORD.replace("42", "43")]


@pytest.mark.parametrize("new", ALIKE)
def test_a_password_much_like_the_last_is_refused(log_in, cast, new):
    page = change(log_in(cast.alice), new=new).get_data(as_text=True)
    assert "Choose a password that is not like the last one" in page


def test_every_field_that_is_empty_is_named(log_in, cast):
    page = change(log_in(cast.alice), current="", new="").get_data(as_text=True)
    assert page.count("Enter your current password") == 2 and page.count("Enter a new password") == 2


def test_alice_is_mailed_and_it_is_written_down(log_in, cast):
    change(log_in(cast.alice))
    assert [mail.subject for mail in mails_to(cast.alice.email)] == [
        "Your password for Harbor & Pine Supply was changed"
    ]
    assert events() == ["login", "password_changed", "login"]
    assert Audit.get(Audit.event == "password_changed").detail == '{"cause": "USER_CHANGE"}'


@pytest.fixture
def newcomer(cast):
    User.update(must_change_password=True).where(User.id == cast.alice.id).execute()
    return cast.alice


@pytest.mark.parametrize("url", ["/", "/invoices", "/payments", "/account", "/payments/new?all=USD"])
def test_whoever_must_change_it_gets_nowhere_else(log_in, newcomer, url):
    response = log_in(newcomer).get(url, follow_redirects=True)
    assert response.request.path == URL and "Choose your own password" in response.get_data(as_text=True)


def test_a_fragment_is_sent_there_too(log_in, newcomer):
    response = log_in(newcomer).get("/invoices", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, URL)


def test_a_form_is_not_taken_before_either(log_in, newcomer):
    client = log_in(newcomer)
    assert send_form(client, URL, to="/account/theme", theme="dark").location == URL


def test_they_may_still_log_out(log_in, newcomer):
    assert send_form(log_in(newcomer), URL, to="/logout").location == "/login"


def test_after_changing_it_everything_is_open(log_in, newcomer):
    client = log_in(newcomer)
    assert change(client).status_code == 303
    assert client.get("/account").status_code == 200 and not User.get_by_id(newcomer.id).must_change_password


def test_administrators_change_theirs_the_same_way(log_in, cast):
    assert change(log_in(cast.ruth)).location == "/account"


def test_a_link_that_was_mailed_before_is_dead(log_in, client, cast):
    link = ask_for_link(client, cast.alice.email)
    change(log_in(cast.alice))
    assert client.get(link, follow_redirects=True).status_code == 410
