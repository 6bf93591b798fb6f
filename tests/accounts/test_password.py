"""/account/password."""

import pytest

from app.accounts import passwords as changing
from app.models import Access, Audit, Company, Role, User
from app.models.audit import Actor
from tests.accounts.conftest import NEW, ask_for_link, events, send_form
from tests.people import COMMON, PASSWORD
from tests.support.mailbox import mails_to

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
    assert response.get_data(as_text=True).count("The current password is incorrect") == 2


def test_guessing_the_current_password_locks(log_in, cast):
    client = log_in(cast.alice)
    assert [change(client, current="wrong").status_code for _ in range(5)] == [422] * 5
    assert "Too many attempts" in change(client).get_data(as_text=True)


ALIKE = [PASSWORD, PASSWORD.lower(), PASSWORD + "x", PASSWORD[:-1], PASSWORD.replace("42", "43")]


@pytest.mark.parametrize("new", ALIKE)
def test_a_password_much_like_the_last_is_refused(log_in, cast, new):
    page = change(log_in(cast.alice), new=new).get_data(as_text=True)
    assert "Choose a password that is less similar to the last one" in page


def test_common_password_is_refused(log_in, cast):
    page = change(log_in(cast.alice), new=COMMON).get_data(as_text=True)
    assert page.count("This is one of the commonest passwords") == 2


def test_every_field_that_is_empty_is_named(log_in, cast):
    page = change(log_in(cast.alice), current="", new="").get_data(as_text=True)
    assert page.count("Enter your current password") == 2 and page.count("Enter a new password") == 2


def test_password_change_is_emailed_and_audited(log_in, cast):
    change(log_in(cast.alice))
    assert [mail.subject for mail in mails_to(cast.alice.email)] == [
        "Your password for Harbor & Pine Supply was changed"
    ]
    assert events() == ["login", "password_changed", "login"]
    assert Audit.get(Audit.event == "password_changed").detail == '{"cause": "USER_CHANGE"}'


def test_success_message_is_shown_once(log_in, cast):
    client = log_in(cast.alice)
    said = "Your password is changed. You are logged out everywhere else."
    assert said in client.get(change(client).location).get_data(as_text=True)
    assert said not in client.get("/account").get_data(as_text=True)


@pytest.fixture
def newcomer(cast):
    User.update(must_change_password=True).where(User.id == cast.alice.id).execute()
    return cast.alice


@pytest.mark.parametrize("url", ["/", "/invoices", "/payments", "/account", "/payments/new?all=USD"])
def test_forced_change_blocks_every_other_page(log_in, newcomer, url):
    response = log_in(newcomer).get(url, follow_redirects=True)
    assert response.request.path == URL and "Choose your own password" in response.get_data(as_text=True)


def test_a_fragment_is_sent_there_too(log_in, newcomer):
    response = log_in(newcomer).get("/invoices", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, URL)


def test_form_is_refused_before_either(log_in, newcomer):
    client = log_in(newcomer)
    assert send_form(client, URL, to="/account/theme", theme="dark").location == URL


def test_forced_change_allows_logging_out(log_in, newcomer):
    assert send_form(log_in(newcomer), URL, to="/logout").location == "/login"


def test_after_changing_it_they_are_where_they_work(log_in, newcomer):
    client = log_in(newcomer)
    assert change(client).location == "/invoices"
    assert client.get("/account").status_code == 200 and not User.get_by_id(newcomer.id).must_change_password


@pytest.fixture
def both(cast, clock):
    """Charlie looks after Cedar too, which comes first by name."""
    Access.grant(cast.charlie, cast.cedar, Role.get(name="Customer Center"), Actor("ruth", clock()))
    return cast.charlie


def test_the_customer_one_looks_after_stays_the_same(log_in, both):
    client = log_in(both)
    send_form(client, "/account", to="/account/customer", number="81")
    assert change(client).status_code == 303
    assert "Fennel &amp; Fig" in client.get("/account").get_data(as_text=True)


def test_user_with_several_customers_chooses_after_a_forced_change(log_in, both):
    User.update(must_change_password=True).where(User.id == both.id).execute()
    assert change(log_in(both)).location == "/account/customers"


def test_second_of_two_changes_at_once_is_refused(log_in, cast, during_hashing, clock):
    client = log_in(cast.alice)
    other = User.get_by_id(cast.alice.id)
    during_hashing(lambda: changing.set_by_owner(other, "another hash", Actor(other.email, clock()), Company.current()))
    response = change(client)
    assert response.status_code == 422 and "was changed in another session" in response.get_data(as_text=True)
    assert User.get_by_id(cast.alice.id).password_hash == "another hash"


def switched_off(cast, clock):
    Company.update(customer_access=False).execute()


def taken(cast, clock):
    Access.get(user=cast.alice).revoke(Actor("ruth", clock()))


@pytest.mark.parametrize("act", [switched_off, taken])
def test_change_is_rejected_if_access_is_revoked_during_hashing(log_in, cast, during_hashing, clock, act):
    client = log_in(cast.alice)
    during_hashing(lambda: act(cast, clock))
    assert change(client).location == "/login"
    page = client.get("/login").get_data(as_text=True)
    assert "Your password is changed" in page and "no access" in page


def test_change_is_refused_if_access_ends_during_the_check(log_in, cast, clock, during_check):
    client = log_in(cast.alice)
    during_check(lambda: taken(cast, clock))
    response = change(client)
    assert response.status_code == 422 and "You have no access" in response.get_data(as_text=True)
    assert Audit.last("password_changed") is None


def test_administrators_change_theirs_the_same_way(log_in, cast):
    assert change(log_in(cast.ruth)).location == "/account"


def test_a_link_that_was_mailed_before_is_dead(log_in, client, cast):
    link = ask_for_link(client, cast.alice.email)
    change(log_in(cast.alice))
    assert client.get(link, follow_redirects=True).status_code == 410


def test_errors_are_in_the_order_of_the_page(log_in, cast):
    page = send_form(log_in(cast.alice), "/account/password").get_data(as_text=True)
    assert page.index("Enter your current password") < page.index("Enter a new password")
