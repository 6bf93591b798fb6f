"""/reset: choosing a new password from an emailed link."""

import json
from threading import Barrier, Thread

import pytest

from app.accounts.hashing import hash_password
from app.models import Access, Audit, Link, Role, Session, User
from app.models.audit import Actor
from tests.accounts.conftest import NEW, ask_for_link, events, send_form
from tests.conftest import csrf_of
from tests.people import COMMON, PASSWORD
from tests.support.mailbox import mails_to

ALICE = "alice@cedarlane.example"


def csrf(client):
    return csrf_of(client.get("/login").get_data(as_text=True))


@pytest.fixture
def link(client, cast):
    return ask_for_link(client, ALICE)


def test_the_token_leaves_the_url_at_once(client, link):
    response = client.get(link)
    assert (response.status_code, response.location) == (303, "/reset")
    page = client.get("/reset").get_data(as_text=True)
    assert ALICE in page and link.rsplit("/", 1)[1] not in page


def test_opening_does_not_use_the_link_up(client, app, link):
    for _ in range(3):
        scanner = app.test_client()
        assert scanner.get(link, follow_redirects=True).status_code == 200
        assert scanner.head(link).status_code == 303
    client.get(link)
    assert send_form(client, "/reset", password=NEW).status_code == 303


def test_a_new_password_logs_in_and_works_from_then_on(client, log_in, cast, link):
    client.get(link)
    response = send_form(client, "/reset", password=NEW)
    assert (response.status_code, response.location) == (303, "/invoices")
    assert "Your password is set." in client.get("/account").get_data(as_text=True)
    assert log_in(cast.alice, NEW)


def test_the_old_password_and_every_old_session_are_dead(client, app, log_in, cast, link):
    there = log_in(cast.alice)
    client.get(link)
    send_form(client, "/reset", password=NEW)
    assert there.get("/account").status_code == 303 and Session.select().count() == 1
    assert send_form(app.test_client(), "/login", email=ALICE, password=PASSWORD).status_code == 422


def test_a_link_works_once(client, app, link):
    client.get(link)
    send_form(client, "/reset", password=NEW)
    other = app.test_client()
    assert other.get(link, follow_redirects=True).status_code == 410
    assert other.post("/reset").status_code == 400


def test_form_opened_before_a_reset_is_refused(client, app, link):
    other = app.test_client()
    for each in (client, other):
        each.get(link)
        each.get("/reset")
    send_form(client, "/reset", password=NEW)
    with other.session_transaction() as session:
        assert session["link:reset"]
    token = csrf(other)
    assert other.post("/reset", data={"csrf_token": token, "password": "Other.tulip.93"}).status_code == 410


def test_two_at_the_same_moment_use_a_link_once(app, cast, link, clock):
    token, start, used = link.rsplit("/", 1)[1], Barrier(2), []

    def use():
        with app.extensions["database"].connection_context():
            mine = Link.find(token, Link.RESET)
            start.wait()
            used.append(mine.use(clock()))

    threads = [Thread(target=use) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(used) == [False, True]


def test_two_forms_at_the_same_moment_set_one_password(app, cast, link):
    start, answers = Barrier(2), {}

    def send(password):
        client = app.test_client()
        client.get(link)
        data = {"csrf_token": csrf(client), "password": password}
        start.wait()
        answers[password] = client.post("/reset", data=data).status_code

    threads = [Thread(target=send, args=[password]) for password in (NEW, "Copper-mill-58")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers.values()) == [303, 410]
    assert events().count("password_changed") == 1


def test_user_with_several_customers_chooses_afterwards(client, link, cast, clock):
    Access.grant(cast.alice, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    client.get(link)
    assert send_form(client, "/reset", password=NEW).location == "/account/customers"


def test_reset_link_expires_after_sixty_minutes(client, link, clock):
    clock.advance(minutes=59, seconds=59)
    assert client.get(link, follow_redirects=True).status_code == 200
    clock.advance(seconds=1)
    page = client.get("/reset")
    assert page.status_code == 410 and 'href="/forgot"' in page.get_data(as_text=True)


@pytest.mark.parametrize("token", ["x", "%00" * 43, "x" * 43, "x" * 5000, "%ED%A0%80", "..%2F.."])
def test_a_token_that_never_was_is_over_too(client, cast, token):
    assert client.get(f"/reset/{token}", follow_redirects=True).status_code in (404, 410)
    assert client.get("/reset").status_code == 410


def test_a_set_up_link_does_not_reset(client, cast, link):
    assert client.get(link.replace("/reset/", "/welcome/"), follow_redirects=True).status_code == 410


def test_link_ends_with_the_access(client, cast, link, clock):
    Access.get(user=cast.alice).revoke(Actor("test", clock()))
    assert client.get(link, follow_redirects=True).status_code == 410


@pytest.mark.parametrize(
    ("password", "text"),
    [
        ("", "Enter a new password"),
        ("Ab1!x", "Password must be at least 10 characters"),
        ("alllowercaseletters", "Password must have three of these"),
        ("Пароль-длинный-1A", "Password must have only unaccented letters"),
        ("zyxwvu98765A", "Choose a password that is harder to guess"),
        ("Cedarlane2026!", "Choose a password that is harder to guess"),
        (COMMON, "This is one of the commonest passwords"),
        (PASSWORD, "Choose a password that is less similar to the last one"),
        ("Aa1-" + "x9" * 5000, "New password must have 128 characters or fewer"),
        ("Aa1-\x00xyzkw.t", "Password must have only unaccented letters"),
    ],
)
def test_refused_password_leaves_the_link_usable(client, link, password, text):
    client.get(link)
    response = send_form(client, "/reset", password=password)
    page = response.get_data(as_text=True)
    assert (response.status_code, page.count(text)) == (422, 2) and "<title>Error: " in page
    assert not password or password not in page
    assert send_form(client, "/reset", password=NEW).status_code == 303


def test_counting_on_from_the_last_password_is_refused(client, app, link, cast, config):
    User.update(password_hash=hash_password("MyWood!tall123", config.secret_key, 4)).execute()
    client.get(link)
    assert send_form(client, "/reset", password="MyWood!tall124").status_code == 422
    assert send_form(client, "/reset", password="MyWood!tall145").status_code == 303


def test_reset_is_confirmed_by_mail(client, link):
    client.get(link)
    send_form(client, "/reset", password=NEW)
    mail = mails_to(ALICE)[-1]
    assert mail.subject == "Your password for Harbor & Pine Supply was changed"
    assert "http://localhost/forgot" in mail.text
    assert "All sessions with the old password have been logged out." in mail.text


def test_password_reset_is_audited_with_its_cause(client, link):
    client.get(link)
    client.get(link)
    send_form(client, "/reset", password=NEW)
    assert events() == ["link_sent", "link_opened", "link_used", "password_changed", "login"]
    assert json.loads(Audit.get(Audit.event == "password_changed").detail) == {"cause": "USER_RESET"}


def test_session_of_another_user_in_this_browser_ends(client, link, cast):
    send_form(client, "/login", email=cast.charlie.email, password=PASSWORD)
    client.get(link)
    send_form(client, "/reset", password=NEW)
    page = client.get("/account").get_data(as_text=True)
    assert ALICE in page and "charlie" not in page
