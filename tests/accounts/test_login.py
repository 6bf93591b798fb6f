"""/login."""

import contextlib
import json
from datetime import timedelta

import pytest

from app import create_app
from app.accounts.hashing import hash_password
from app.config import DEMO_PASSWORD
from app.models import Audit, Link, Session, User
from tests.accounts.conftest import events, without_token
from tests.conftest import csrf_of
from tests.people import PASSWORD

ALICE = "alice@cedarlane.example"
WRONG = "The email address or password is incorrect."
ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    " /invoices",
    "http:evil.example",
    "///evil.example",
    "evil",
    "/invoices\r\nSet-Cookie: a=b",
    "/é",
    "",
    "%2F%2Fevil.example",
    "https:/evil.example",
    "\x00/invoices",
]


def test_alice_logs_in_and_lands_on_her_invoices(send, cast):
    response = send("/login", email=ALICE, password=PASSWORD)
    assert (response.status_code, response.location) == (303, "/invoices")


def test_ruth_lands_on_setup(send, cast):
    assert send("/login", email=cast.ruth.email, password=PASSWORD).location == "/setup"


def test_email_is_accepted_in_any_case_and_with_spaces(send, cast):
    assert send("/login", email="  Alice@CedarLane.example ", password=PASSWORD).status_code == 303


def test_login_is_audited(send, cast, clock):
    send("/login", email=ALICE, password=PASSWORD)
    assert events() == ["login"]
    assert User.by_email(ALICE).last_login_ms == int(clock().timestamp() * 1000)


@pytest.mark.parametrize("email", [ALICE, "unknown@cedarlane.example"])
def test_a_wrong_pair_gets_one_answer_known_or_not(send, cast, email):
    response = send("/login", email=email, password="wrong")
    page = response.get_data(as_text=True)
    assert (response.status_code, page.count(WRONG)) == (422, 2)
    assert "<title>Error: Log in" in page and f'value="{email}"' in page and "wrong" not in page


def test_the_answers_for_known_and_unknown_are_the_same_bytes(app, send, cast):
    known = without_token(send("/login", email=ALICE, password="wrong"))
    unknown = without_token(send("/login", email="xxxxx@cedarlane.example", password="wrong"))
    assert known.replace(ALICE, "") == unknown.replace("xxxxx@cedarlane.example", "")


@pytest.mark.parametrize(
    ("email", "password", "texts"),
    [
        ("", "", ["Enter your email address", "Enter your password"]),
        ("alice", "x", ["Enter an email address in the correct format, like name@example.com"]),
        ("a@b\x00.example", "x", ["Enter an email address in the correct format"]),
        ("a" * 10_000 + "@b.example", "x", ["Enter an email address in the correct format"]),
        (b"a\xed\xa0\x80@b.example", "", ["Enter your password"]),
    ],
)
def test_errors_are_at_their_fields(send, cast, email, password, texts):
    response = send("/login", email=email, password=password)
    assert response.status_code == 422
    for text in texts:
        assert response.get_data(as_text=True).count(text) == 2


@pytest.mark.parametrize("password", ["x" * 100_000, "a\x00b", b"\xed\xa0\x80", "пароль", "٣" * 80])
def test_any_password_is_only_wrong(send, cast, password):
    assert send("/login", email=ALICE, password=password).status_code == 422


def test_repeated_fields_are_no_error_of_ours(client, send, cast):
    assert send("/login", email=[ALICE, "x"], password=["a", "b"]).status_code == 422


def test_user_without_a_password_cannot_log_in(send, cast):
    User.update(password_hash=None).where(User.email == ALICE).execute()
    assert send("/login", email=ALICE, password="").status_code == 422
    assert send("/login", email=ALICE, password=PASSWORD).status_code == 422


def test_revoked_access_is_mentioned_only_with_the_right_password(send, cast):
    assert send("/login", email=cast.nora.email, password="wrong").status_code == 422
    response = send("/login", email=cast.nora.email, password=PASSWORD)
    assert (response.status_code, Session.select().count()) == (403, 0)


def test_next_leads_back_to_the_page_before_login(client, send, cast):
    client.get("/invoices?view=paid")
    response = send(
        "/login?next=/invoices?view=paid", to="/login", email=ALICE, password=PASSWORD, next="/invoices?view=paid"
    )
    assert response.location == "/invoices?view=paid"


def test_next_is_carried_through_a_wrong_try(send, cast):
    response = send("/login", email=ALICE, password="wrong", next="/payments")
    assert 'name="next" value="/payments"' in response.get_data(as_text=True)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_never_leads_elsewhere(send, cast, target):
    assert send("/login", email=ALICE, password=PASSWORD, next=target).location == "/invoices"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_logged_in_user_is_never_redirected_elsewhere(log_in, cast, target):
    assert log_in(cast.alice).get("/login", query_string={"next": target}).location == "/invoices"


def test_a_closed_page_asks_to_log_in_and_remembers_itself(client, cast):
    response = client.get("/invoices?view=open&q=a%20b")
    assert response.status_code == 303
    assert response.location == "/login?next=/invoices?view%3Dopen%26q%3Da%2520b"


def test_a_closed_fragment_answers_401_with_the_way_to_log_in(client, cast):
    response = client.get("/invoices", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (401, "/login?next=/invoices")


def test_a_form_without_its_token_is_refused(client, cast):
    assert client.post("/login", data={"email": ALICE, "password": PASSWORD}).status_code == 400


def test_the_session_and_its_csrf_token_are_new_after_logging_in(client, send, cast):
    client.get("/login")
    with client.session_transaction() as before:
        before["planted"] = "yes"
        old = before["csrf_token"]
    send("/login", email=ALICE, password=PASSWORD)
    client.get("/account")
    with client.session_transaction() as after:
        assert "planted" not in after and after["csrf_token"] != old


def test_password_and_token_are_not_in_the_database(send, client, cast, config):
    send("/login", email=ALICE, password="a-wrong-canary")
    send("/login", email=ALICE, password=PASSWORD)
    with client.session_transaction() as session:
        token = session["_user_id"]
    kept = b"".join(path.read_bytes() for path in config.instance.glob("portal.sqlite3*"))
    for secret in (PASSWORD, token, "a-wrong-canary"):
        assert secret.encode() not in kept


def test_wrong_attempt_is_audited_without_the_password(send, cast):
    send("/login", email="my-password@typed.example", password="wrong")
    line = Audit.get(Audit.event == "login_failed")
    assert (line.subject, json.loads(line.detail), line.address) == ("", {}, "127.0.0.1")


def test_a_login_that_was_checked_before_the_password_changed_is_too_late(client, app, cast, hasher):
    """The new password ends all sessions; one must not open just after that with the old one."""
    verify = hasher.slot

    @contextlib.contextmanager
    def slow_slot(address=""):
        with verify(address) as slot:
            yield slot
        User.update(password_hash="changed").where(User.id == cast.alice.id).execute()

    hasher.slot = slow_slot
    assert WRONG in send_as(client, ALICE, PASSWORD).get_data(as_text=True)
    assert not Session.select().exists()


def test_login_ends_the_previous_session_of_the_browser(client, app, cast, log_in):
    browser = log_in(cast.alice)
    with app.test_request_context(), browser.session_transaction() as cookie:
        before = dict(cookie)
    browser.get(f"/reset/{Link.issue(cast.bob, Link.RESET, app.extensions['clock'](), timedelta(hours=1))}")
    page = browser.get("/reset").get_data(as_text=True)
    fields = {"csrf_token": csrf_of(page), "password": "Marble.tulip.93"}
    assert browser.post("/reset", data=fields).status_code == 303
    old = app.test_client()
    with old.session_transaction() as cookie:
        cookie.update(before)
    assert old.get("/invoices").status_code == 303


def test_the_demo_password_opens_nothing_outside_the_demo(config, gateway, clock, cast):
    User.update(password_hash=hash_password(DEMO_PASSWORD, config.secret_key, 4)).execute()
    for environment, status in (("demo", 303), ("sandbox", 422)):
        app = create_app(config.replace(environment=environment), gateway=gateway, clock=clock)
        assert send_as(app.test_client(), ALICE, DEMO_PASSWORD).status_code == status


def send_as(client, email, password):
    token = csrf_of(client.get("/login").get_data(as_text=True))
    return client.post("/login", data={"csrf_token": token, "email": email, "password": password})


@pytest.mark.parametrize(
    ("who", "target", "lands"),
    [
        ("ruth", "/invoices", "/setup"),
        ("ruth", "/audit?page=2", "/audit?page=2"),
        ("ruth", "/account", "/account"),
        ("alice", "/setup", "/invoices"),
        ("alice", "/payments", "/payments"),
        ("alice", "/no-such-page", "/invoices"),
    ],
)
def test_next_is_ignored_when_they_may_not_open_it(send, cast, who, target, lands):
    email = getattr(cast, who).email
    assert send("/login", email=email, password=PASSWORD, next=target).location == lands


def test_the_front_door_asks_to_log_in_and_names_no_page(client, cast):
    assert client.get("/").location == "/login"
