"""/logout."""

from app.models import Session
from tests.accounts.conftest import events, send_form


def log_out(client):
    return send_form(client, "/account", to="/logout")


def test_logging_out_deletes_the_session_and_the_cookie(log_in, cast):
    client = log_in(cast.alice)
    response = log_out(client)
    assert (response.status_code, response.location, Session.select().count()) == (303, "/login", 0)
    assert client.get_cookie("portal") is None


def test_logout_clears_the_browsers_pages(log_in, cast):
    assert log_out(log_in(cast.alice)).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_an_old_cookie_is_worthless_afterwards(log_in, cast):
    client = log_in(cast.alice)
    stolen = client.get_cookie("portal").value
    log_out(client)
    client.set_cookie("portal", stolen)
    assert client.get("/account").status_code == 303


def test_logging_out_needs_its_token_and_a_post(log_in, cast):
    client = log_in(cast.alice)
    assert client.post("/logout").status_code == 400
    assert client.get("/logout").status_code == 200
    assert client.get("/account").status_code == 200


def test_logout_is_audited(log_in, cast):
    log_out(log_in(cast.alice))
    assert events() == ["login", "logout"]
