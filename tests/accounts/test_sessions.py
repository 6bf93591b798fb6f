"""How sessions live and die."""

from datetime import timedelta

import pytest

from app.clock import to_ms
from app.models import Access, Company, Session, User
from app.models.access_counts import access_counts
from app.models.audit import Actor
from tests.accounts.conftest import NEW, send_form
from tests.conftest import csrf_of
from tests.ledger import HTMX


def is_in(client):
    return client.get("/account").status_code == 200


def test_unused_session_ends(log_in, cast, clock, config):
    client = log_in(cast.alice)
    clock.advance(seconds=config.session_idle - 1)
    assert is_in(client)
    clock.advance(seconds=config.session_idle)
    assert not is_in(client)


def test_a_session_ends_even_when_it_is_used(log_in, cast, clock, config):
    client = log_in(cast.alice)
    for _ in range(config.session_absolute // 3600 - 1):
        clock.advance(hours=1)
        assert is_in(client)
    clock.advance(hours=1)
    assert not is_in(client)


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), timedelta(days=3)])
def test_a_session_opened_while_the_clock_was_ahead_ends(log_in, cast, clock, ahead):
    clock.now += ahead
    client = log_in(cast.alice)
    clock.now -= ahead
    assert not is_in(client)


def test_a_session_used_while_the_clock_was_ahead_ends(log_in, cast, clock):
    client = log_in(cast.alice)
    clock.advance(minutes=90)
    assert is_in(client)
    clock.advance(minutes=-90)
    assert not is_in(client)
    log_in(cast.bob)
    assert [session.user_id for session in Session.select()] == [cast.bob.id]


def test_a_session_survives_a_clock_that_is_set_back_a_little(log_in, cast, clock):
    client = log_in(cast.alice)
    clock.advance(minutes=-4)
    assert is_in(client)


def test_sessions_of_a_clock_that_was_ahead_are_not_counted(log_in, cast, clock, config):
    clock.advance(days=3)
    log_in(cast.alice)
    clock.advance(days=-3)
    assert access_counts(clock(), config.session_idle, config.session_absolute).sessions == 0
    log_in(cast.bob)
    assert access_counts(clock(), config.session_idle, config.session_absolute).sessions == 1


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/invoices/selected", HTMX),
        ("GET", "/invoices?view=all", HTMX),
        ("POST", "/payments", HTMX),
        ("POST", "/payments", {}),
    ],
)
def test_request_after_the_session_ended_explains_and_leads_back(log_in, cast, clock, method, path, headers):
    client, page = log_in(cast.alice), "/payments/new?all=USD"
    token = {"csrf_token": csrf_of(client.get("/account").get_data(as_text=True))} if method == "POST" else None
    clock.advance(days=1)
    response = client.open(path, method=method, data=token, headers={**headers, "Referer": f"http://localhost{page}"})
    login = response.headers.get("HX-Redirect") or response.location
    assert login == "/login?next=/payments/new?all%3DUSD"
    assert "You have been logged out. Log in again to continue." in client.get(login).get_data(as_text=True)
    for referrer in ("http://evil.example/account", "http://[", "http://localhost.evil.example/account", "/account"):
        for kind in (HTMX, {}):
            sent = client.get(path, headers={**kind, "Referer": referrer})
            assert "account" not in (sent.headers.get("HX-Redirect") or sent.location)


def test_visitor_without_a_session_reads_no_such_message(client, log_in, cast):
    alice = log_in(cast.alice)
    alice.post("/logout", data={"csrf_token": csrf_of(alice.get("/account").get_data(as_text=True))})
    for one in (client, alice):
        assert "has ended" not in one.get("/invoices", follow_redirects=True).get_data(as_text=True)


def test_session_use_is_saved_at_most_once_a_minute(log_in, cast, clock):
    client, start = log_in(cast.alice), to_ms(clock())
    clock.advance(seconds=59)
    assert is_in(client) and Session.get().seen_ms == start
    clock.advance(seconds=1)
    assert is_in(client) and Session.get().seen_ms == start + 60_000


def test_a_changed_password_ends_every_other_session(log_in, cast):
    here, there = log_in(cast.alice), log_in(cast.alice)
    token = here.get_cookie("portal").value
    send_form(here, "/account/password", current_password="Quiet-Harbor-42-pines", password=NEW)
    assert is_in(here) and not is_in(there)
    there.set_cookie("portal", token)
    assert not is_in(there)


def test_taking_access_away_ends_the_sessions(log_in, cast, clock):
    alice, bob = log_in(cast.alice), log_in(cast.bob)
    Access.get(user=cast.alice).revoke(Actor("test", clock()))
    assert not is_in(alice) and is_in(bob)


def test_revoked_access_does_not_log_in(log_in, cast):
    client = log_in(cast.alice)
    Access.update(given=False).where(Access.user == cast.alice).execute()
    assert not is_in(client)


def test_switching_customer_access_off_ends_customers_sessions_alone(log_in, cast, clock):
    alice, ruth = log_in(cast.alice), log_in(cast.ruth)
    Company.current().set_feature("customer_access", False, Actor("test", clock()))
    assert not is_in(alice) and is_in(ruth)


def test_customers_cannot_log_in_while_customer_access_is_off(client, cast, clock):
    Company.current().set_feature("customer_access", False, Actor("test", clock()))
    response = send_form(client, "/login", email=cast.alice.email, password="Quiet-Harbor-42-pines")
    assert (response.status_code, Session.select().count()) == (403, 0)


def test_removed_administrator_is_logged_out(log_in, cast):
    client = log_in(cast.ruth)
    User.update(is_administrator=False).execute()
    assert not is_in(client)


def test_only_the_hash_of_the_token_is_kept(log_in, cast):
    client = log_in(cast.alice)
    with client.session_transaction() as session:
        token = session["_user_id"]
    kept = Session.get().token_hash
    assert len(token) == 43 and len(kept) == 64 and token not in kept


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, None, "é\udc80"])
def test_signed_cookie_with_a_nonsense_token_is_anonymous(client, cast, token):
    with client.session_transaction() as session:
        session["_user_id"] = token
    assert client.get("/account").status_code == 303


def test_cookie_with_another_signature_is_anonymous(client, cast):
    client.set_cookie("portal", "eyJfdXNlcl9pZCI6IngifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/account").status_code == 303


def test_loading_the_viewer_takes_one_statement(app, log_in, cast, clock):
    client = log_in(cast.alice)
    client.get("/account")
    asked = []
    database = app.extensions["database"]
    run = database.execute_sql
    database.execute_sql = lambda sql, *a, **k: (asked.append(sql), run(sql, *a, **k))[1]
    assert client.get("/login").status_code == 303
    del database.execute_sql
    assert len(asked) == 1


def test_login_deletes_expired_rows(log_in, cast, clock):
    log_in(cast.alice)
    clock.advance(days=1)
    log_in(cast.bob)
    assert [session.user_id for session in Session.select()] == [cast.bob.id]


def test_a_form_from_before_logging_in_is_too_old(log_in, cast, app):
    client = app.test_client()
    old = csrf_of(client.get("/login").get_data(as_text=True))
    send_form(client, "/login", email=cast.alice.email, password="Quiet-Harbor-42-pines")
    assert client.post("/logout", data={"csrf_token": old}).status_code == 400
