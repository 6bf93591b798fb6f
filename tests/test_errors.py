"""Error pages: a logged-in user keeps the menu, and reads what is true of the page they wanted."""

import time
from contextlib import closing, contextmanager
from threading import Timer

import pytest
from peewee import sqlite3

from app.extensions import db
from app.models import Session
from tests.payments.conftest import open_form, owed, submit  # noqa: F401 (fixtures)
from tests.support import databases
from tests.support.pages import text_of

MENU = 'aria-label="Main"'


def test_an_invoice_that_is_not_theirs(log_in, cast):
    for url in ("/invoices/nothing", "/payments/new?invoice=nothing"):
        page = log_in(cast.alice).get(url).get_data(as_text=True)
        assert "We cannot find that invoice It may belong to another account. Back to invoices" in text_of(page)
        assert MENU in page and "Log out" in page


def test_a_page_that_does_not_exist(log_in, cast, client):
    for who, start in ((cast.alice, "Back to invoices"), (cast.ruth, "Back to the home page")):
        page = log_in(who).get("/nothing").get_data(as_text=True)
        assert "We cannot find that page" in page and MENU in page and start in page
    assert MENU not in client.get("/nothing").get_data(as_text=True)


def test_an_administrator_on_a_customers_page(log_in, cast):
    response = log_in(cast.ruth).get("/invoices")
    page = response.get_data(as_text=True)
    assert response.status_code == 403 and MENU in page
    assert "This page is for customers To see what a customer sees, open Customers >" in text_of(page)


def test_a_form_that_is_too_old(log_in, cast):
    response = log_in(cast.alice).post("/account/theme", data={"theme": "dark"})
    page = response.get_data(as_text=True)
    assert response.status_code == 400 and MENU in page
    assert "Go back, reload the page and try again. Nothing was changed." in page


@contextmanager
def another_writes(app):
    """Another connection holds the lock; this is how it lets go."""
    path = databases.path_of(app.config["PORTAL"].database_url)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK")


@pytest.mark.sqlite
def test_a_page_does_not_wait_for_what_another_writes(app, log_in, cast, clock):
    alice = log_in(cast.alice)
    clock.advance(minutes=5)
    with another_writes(app):
        began = time.monotonic()
        assert alice.get("/invoices").status_code == 200
        assert time.monotonic() - began < 5
    with app.extensions["database"].connection_context():
        assert Session.get().seen_ms < clock().timestamp() * 1000
    alice.get("/invoices")
    with app.extensions["database"].connection_context():
        assert Session.get().seen_ms == clock().timestamp() * 1000
        assert app.extensions["database"].execute_sql("PRAGMA busy_timeout").fetchone() == (30_000,)


@pytest.mark.sqlite
@pytest.mark.parametrize("lets_go", [True, False])
def test_a_payment_that_waited_too_long_says_whether_money_moved(app, log_in, cast, owed, demo_gateway, lets_go):  # noqa: F811
    alice = log_in(cast.alice)
    fields = open_form(alice, owed.late)
    with another_writes(app) as let_go:
        db.connect()
        db.execute_sql("PRAGMA busy_timeout = 0")
        if lets_go:
            Timer(0.5, let_go).start()
        response = submit(alice, fields)
    said = "You have not been charged." if lets_go else "We do not know yet whether you were charged."
    assert response.status_code == 503 and response.headers["Retry-After"] == "10"
    assert f"The portal is busy {said}" in text_of(response) and demo_gateway.transactions() == []
