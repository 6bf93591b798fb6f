"""The first run: only the holder of the printed link makes the first administrator, once."""

import re
import threading

import pytest

from app.keys import Keys
from app.models import Audit, Company, FirstRun, User
from tests.conftest import csrf_of
from tests.people import COMMON

PAGE = "/first-administrator"
FORM = {
    "company": "Quince & Sons",
    "name": "Ada Quince",
    "email": "ADA@quince.example",
    "password": "Amber-Kettle-77-drums",
}


@pytest.fixture
def printed(app):
    """printed() is the path of the link that the console prints."""

    def _printed():
        result = app.test_cli_runner().invoke(args=["first-administrator"])
        assert result.exit_code == 0, result.output
        return re.search(r"http://localhost(/first-administrator/\S+)", result.output)[1]

    return _printed


def open_link(app, path):
    """A browser that has opened the link, and the token of its form."""
    client = app.test_client()
    assert client.get(path).location == PAGE
    return client, csrf_of(client.get(PAGE).get_data(as_text=True))


@pytest.mark.parametrize("path", ["/", "/login", "/invoices", "/setup", "/forgot", "/outbox", "/account"])
def test_every_page_redirects_to_the_first_run(client, path):
    assert client.get(path).location == PAGE
    page = client.get(PAGE).get_data(as_text=True)
    assert "Open the link the portal printed in the terminal" in page and "<form" not in page


def test_static_files_and_webhooks_are_there_all_the_same(client):
    assert client.get("/static/css/app.css").status_code == 200
    assert client.get("/webhooks/braintree?bt_challenge=" + "0" * 20).status_code == 200


def test_the_link_makes_the_administrator_who_is_logged_in(app, printed):
    client, token = open_link(app, printed())
    response = client.post(PAGE, data={"csrf_token": token, **FORM})
    assert response.location == "/setup" and client.get("/setup").status_code == 200
    user = User.get(User.is_administrator)
    assert (user.email, user.name, Company.current().name) == ("ada@quince.example", "Ada Quince", "Quince & Sons")
    assert Audit.last("administrator_made").actor == "ada@quince.example"
    assert Audit.last("password_changed").facts == {"cause": "USER_CHANGE"}


def test_first_run_is_closed_after_its_use(app, printed):
    path = printed()
    client, token = open_link(app, path)
    client.post(PAGE, data={"csrf_token": token, **FORM})
    other = app.test_client()
    assert [other.get(at).status_code for at in (PAGE, path)] == [404, 404]
    assert client.post(PAGE, data={"csrf_token": token, **FORM}).status_code in (400, 404)
    assert app.test_cli_runner().invoke(args=["first-administrator"]).exit_code == 1
    User.update(is_administrator=False).execute()
    assert other.get(path).status_code == 404 and User.select().count() == 1


def test_first_run_requires_the_link(client, printed):
    printed()
    page = client.get(PAGE).get_data(as_text=True)
    assert "<form" not in page
    client.get(f"{PAGE}/{'a' * 43}")
    assert client.post(PAGE, data=FORM).status_code == 400
    assert not User.select().exists()


def test_a_newer_link_replaces_the_one_before(app, printed):
    old = printed()
    client = app.test_client()
    new = printed()
    client.get(old)
    assert "no longer works" in client.get(PAGE).get_data(as_text=True)
    assert open_link(app, new)


@pytest.fixture
def shown(app, read, clock):
    """shown() is the token that a start of the portal prints."""
    return lambda keys=app.config["PORTAL"].keys: read(lambda: FirstRun.issued(keys, clock()))


def test_a_restart_shows_the_link_that_still_works(app, shown, clock):
    first = shown()
    clock.advance(days=6, hours=23)
    assert shown() == first
    assert open_link(app, f"{PAGE}/{first}")
    assert shown() == first


def test_a_restart_with_a_new_secret_key_shows_the_same_link_and_with_another_one_a_new_link(app, shown):
    first, old = shown(), app.config["PORTAL"].secret_key
    assert shown(Keys("x" * 40, (old,))) == first
    assert shown(Keys("y" * 40)) != first


def test_a_link_ends_after_seven_days_and_a_restart_shows_another(app, shown, clock):
    first = shown()
    client, token = open_link(app, f"{PAGE}/{first}")
    clock.advance(days=7)
    assert client.post(PAGE, data={"csrf_token": token, **FORM}).status_code == 410
    assert "more than 7 days old" in client.get(PAGE).get_data(as_text=True) and not User.select().exists()
    assert shown() != first
    assert open_link(app, f"{PAGE}/{shown()}")


def test_no_link_is_shown_when_there_is_an_administrator(app, shown):
    client, token = open_link(app, f"{PAGE}/{shown()}")
    client.post(PAGE, data={"csrf_token": token, **FORM})
    assert shown() is None


def test_only_its_hash_is_kept(printed):
    token = printed().rpartition("/")[2]
    assert len(token) >= 43 and token not in str(FirstRun.get().__data__)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "at least 10"),
        ("password", "Quince-Quince-1", "harder to guess"),
        ("password", COMMON, "one of the commonest passwords"),
        ("email", "no-address", "correct format"),
        ("name", "", "Enter your name"),
        ("company", "", "Enter the company name"),
    ],
)
def test_refused_form_says_why_and_the_link_still_works(app, printed, field, value, words):
    client, token = open_link(app, printed())
    response = client.post(PAGE, data={"csrf_token": token, **FORM, field: value})
    assert response.status_code == 422 and words in response.get_data(as_text=True) and not User.select().exists()
    assert client.post(PAGE, data={"csrf_token": token, **FORM}).status_code == 303


def test_one_of_many_requests_makes_the_administrator(app, printed):
    path = printed()
    browsers = [open_link(app, path) for _ in range(8)]
    start, answers = threading.Barrier(len(browsers)), []

    def send(client, token, number):
        start.wait()
        data = {"csrf_token": token, **FORM, "email": f"ada{number}@quince.example"}
        answers.append(client.post(PAGE, data=data).status_code)

    threads = [threading.Thread(target=send, args=(*browser, n)) for n, browser in enumerate(browsers)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert User.administrators().count() == User.select().count() == 1
    assert answers.count(303) == 1 and set(answers) <= {303, 404, 410}, answers


def test_the_console_closes_it_too(app, printed):
    path = printed()
    runner = app.test_cli_runner()
    made = runner.invoke(args=["create-admin", "boss@quince.example", "--password-stdin"], input=FORM["password"])
    assert made.exit_code == 0 and app.test_client().get(path).status_code == 404
