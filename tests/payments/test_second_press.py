"""Two requests with one pay form at the same time: "You have not been charged" is true of both, and stays true."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clock import to_ms
from app.extensions import db
from app.models import Access, Role, Throttle, VoidedToken
from tests.payments.conftest import HTMX, VISA, open_form, submit
from tests.support import databases
from tests.support.pages import text_of

NOT_CHARGED = "You have not been charged."
UNKNOWN = "We do not know yet whether you were charged."
TOKEN = "a" * 24


class WaitingGateway:
    """Holds the first request that asks about its card until `go_on` is set."""

    def __init__(self, gateway):
        self.gateway, self.arrived, self.go_on = gateway, threading.Event(), threading.Event()

    def __getattr__(self, name):
        return getattr(self.gateway, name)

    def inspect_nonce(self, nonce):
        if not self.arrived.is_set():
            self.arrived.set()
            assert self.go_on.wait(30)
        return self.gateway.inspect_nonce(nonce)


def no_card(app, cast, client, fields):
    return submit(client, fields, "")


def too_late_csrf(app, cast, client, fields):
    return submit(client, fields, csrf_token="")


def bad_amount(app, cast, client, fields):
    return submit(client, {**fields, "pay": "part", "amount": "x"})


def role_changed(app, cast, client, fields):
    with app.extensions["database"].connection_context():
        role = Role.get(name="Customer Center (view only)")
        Access.update(role=role).where(Access.user == cast.alice.id).execute()
    return submit(client, fields)


def too_many_declines(app, cast, client, fields):
    with app.extensions["database"].connection_context():
        now_ms = to_ms(app.extensions["clock"]())
        Throttle.clear(f"declines:{cast.alice.id}")
        Throttle.create(key=f"declines:{cast.alice.id}", tries=20, window_ms=now_ms)
    return submit(client, fields)


def logged_out(app, cast, client, fields):
    client.delete_cookie("portal")
    return submit(client, fields)


SECOND = (no_card, too_late_csrf, bad_amount, role_changed, too_many_declines, logged_out)


@pytest.fixture
def press_twice(app, cast, alice):
    """press_twice(fields, second): (the first answer, the second's), the second while the first waits for its card."""
    gateway = app.extensions["gateway"] = WaitingGateway(app.extensions["gateway"])
    other_tab = app.test_client()

    def _press_twice(fields, second):
        other_tab.set_cookie("portal", alice.get_cookie("portal").value)
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(submit, alice, fields)
            assert gateway.arrived.wait(30)
            try:
                answer = second(app, cast, other_tab, fields)
            finally:
                gateway.go_on.set()
            return first.result(), answer

    return _press_twice


@pytest.mark.parametrize("second", SECOND)
def test_answer_to_the_second_press_stays_true_of_the_first(press_twice, alice, owed, demo_gateway, second):
    fields = open_form(alice, owed.late)
    first, answer = press_twice(fields, second)
    assert NOT_CHARGED in text_of(answer)
    assert demo_gateway.transactions() == [] and NOT_CHARGED in text_of(first)


def test_two_complete_presses_are_one_payment(press_twice, alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    first, answer = press_twice(fields, lambda app, cast, client, fields: submit(client, fields))
    assert first.location == answer.location != "" and len(demo_gateway.transactions()) == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_the_form_of_a_refusal_is_replaced_by_one_that_pays(alice, owed, demo_gateway, headers):
    fields = open_form(alice, owed.late)
    submit(alice, fields, csrf_token="")
    response = submit(alice, fields, headers=headers)
    page = response.get_data(as_text=True)
    assert response.status_code == 422 and NOT_CHARGED in text_of(response) and demo_gateway.transactions() == []
    new = {**fields, "token": re.search('name="token"[^>]* value="([^"]*)"', page)[1]}
    assert new["token"] != fields["token"] and submit(alice, new, VISA).status_code == 303


@pytest.mark.parametrize(
    "breaks",
    [
        lambda: databases.fail_on(db, "INSERT", "voided_token"),
        lambda: db.execute_sql("ALTER TABLE voided_token RENAME TO gone"),
    ],
)
@pytest.mark.parametrize("press", [no_card, too_late_csrf, bad_amount])
def test_a_form_that_cannot_be_voided_is_not_called_not_charged(app, cast, alice, owed, breaks, press):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        breaks()
    page = text_of(press(app, cast, alice, fields))
    assert UNKNOWN in page and NOT_CHARGED not in page


def test_one_sender_voids_a_bounded_number_of_forms(client, cast, app):
    """Anonymous senders are counted by network; past the limit the answer is that it is not known."""
    for number in range(130):
        client.post("/payments", data={"token": f"{number:024d}"})
    with app.extensions["database"].connection_context():
        assert VoidedToken.select().count() == 100
    assert UNKNOWN in text_of(client.post("/payments", data={"token": TOKEN}))


def test_voided_forms_are_forgotten_after_a_day(client, cast, app, clock):
    with app.extensions["database"].connection_context():
        VoidedToken.void(TOKEN, clock())
        clock.advance(hours=25)
        VoidedToken.void("b" * 24, clock())
        assert [row.token for row in VoidedToken.select()] == ["b" * 24]
