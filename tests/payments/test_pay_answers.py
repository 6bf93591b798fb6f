"""Every answer to a pressed Pay says whether money moved: errors, refusals and lost answers alike."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.clock import to_ms
from app.extensions import db
from app.models import Access, Attempt, Company, Invoice, LedgerEntry, Role, Session, Throttle
from tests.conftest import csrf_of
from tests.payments.conftest import HTMX, VISA, fields_of, open_form, pay, submit
from tests.people import PASSWORD
from tests.support import databases
from tests.support.pages import text_of

NOT_CHARGED = "You have not been charged."
NOT_KNOWN = "We do not know yet whether you were charged."
TWO_KINDS = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])


class FailingGateway:
    """The portal's gateway, whose charge `breaks` something after the card was charged."""

    def __init__(self, gateway, breaks):
        self.gateway, self.breaks = gateway, breaks

    def __getattr__(self, name):
        return getattr(self.gateway, name)

    def charge(self, request):
        verdict = self.gateway.charge(request)
        self.breaks()
        return verdict


def crash():
    raise RuntimeError("after the charge")


def disk_is_full():
    if databases.SERVER:
        databases.fail_on(db, "UPDATE", "attempt")
        return
    db.execute_sql("PRAGMA busy_timeout = 0")
    db.execute_sql("CREATE TEMP TRIGGER full BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'disk is full'); END")


def database_is_read_only():
    db.execute_sql("SET default_transaction_read_only = on" if databases.SERVER else "PRAGMA query_only = 1")


def outbox_is_gone():
    db.execute_sql("ALTER TABLE outbox RENAME TO outbox_gone")


def everything_is_gone():
    for table in ("attempt", "company", "session", "throttle"):
        db.execute_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")


BREAKS = (crash, disk_is_full, database_is_read_only, outbox_is_gone, everything_is_gone)


def shown_by(response) -> str:
    """The words of a page without those that wait, hidden, for the script."""
    response.set_data(re.sub(r"<p[^>]* hidden[^>]*>.*?</p>", "", response.get_data(as_text=True), flags=re.S))
    return text_of(response)


def target_of(response) -> str:
    """Where an answer leads, with htmx or without."""
    return response.headers.get("HX-Redirect") or response.location or ""


@TWO_KINDS
@pytest.mark.parametrize("breaks", BREAKS)
def test_failure_after_the_charge_leads_to_the_payment_page(app, alice, owed, demo_gateway, breaks, headers):
    fields = open_form(alice, owed.late)
    app.extensions["gateway"] = FailingGateway(app.extensions["gateway"], breaks)
    response = submit(alice, fields, headers=headers)
    assert response.status_code == (204 if headers else 303), text_of(response)
    assert target_of(response).startswith("/payments/PAY-") and len(demo_gateway.transactions()) == 1


def delete_database_file():
    Path(db.database).unlink()


@pytest.mark.sqlite
@TWO_KINDS
def test_nothing_is_charged_once_the_database_file_is_deleted(alice, owed, demo_gateway, headers):
    """Open connections could still write, and everything would be lost with the last of them."""
    fields = open_form(alice, owed.late)
    delete_database_file()
    response = submit(alice, fields, headers=headers)
    assert response.status_code == 503 and NOT_KNOWN in shown_by(response), text_of(response)
    assert demo_gateway.transactions() == [] and Attempt.select().count() == 0


@pytest.mark.sqlite
@TWO_KINDS
def test_database_file_deleted_during_the_charge_leads_to_the_payment_page(app, alice, owed, demo_gateway, headers):
    fields = open_form(alice, owed.late)
    app.extensions["gateway"] = FailingGateway(app.extensions["gateway"], delete_database_file)
    response = submit(alice, fields, headers=headers)
    assert target_of(response).startswith("/payments/PAY-") and len(demo_gateway.transactions()) == 1
    assert "We are checking your payment" in text_of(alice.get(target_of(response)))


def test_the_page_then_says_not_to_pay_again(app, alice, owed):
    app.extensions["gateway"] = FailingGateway(app.extensions["gateway"], crash)
    page = text_of(alice.get(pay(alice, owed.late).location))
    assert "We are checking your payment Do not pay again yet." in page


@pytest.mark.parametrize("tables", [("company", "session"), ("allocation",)])
def test_a_payment_page_that_cannot_be_read_still_says_so(app, alice, owed, tables):
    path = pay(alice, owed.late).location
    with app.extensions["database"].connection_context():
        for table in tables:
            db.execute_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")
    response = alice.get(path)
    reference = path.rpartition("/")[2]
    assert response.status_code == 500
    assert f"payment {reference} is being confirmed: do not pay again." in text_of(response)


@TWO_KINDS
def test_an_error_in_a_page_about_a_decline_leads_to_the_payment(app, alice, owed, headers):
    fields = open_form(alice, owed.late)

    def break_the_page():
        db.execute_sql("CREATE TEMP TABLE invoice (id)")  # hides the genuine one from what is read next

    app.extensions["gateway"] = FailingGateway(app.extensions["gateway"], break_the_page)
    response = submit(alice, fields, "fake-processor-declined-visa-nonce", headers=headers)
    assert target_of(response).startswith("/payments/PAY-")


def test_an_error_before_the_charge_says_that_nothing_was_charged(app, alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        databases.fail_on(db, "INSERT", "attempt")
    response = submit(alice, fields)
    page = text_of(response)
    assert response.status_code == 500 and NOT_CHARGED in page and "Nothing was changed" not in page
    assert demo_gateway.transactions() == []


def test_unreadable_answer_is_unknown(app, alice, owed):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        everything_is_gone()
    assert "We do not know yet whether you were charged." in text_of(submit(alice, fields))


def test_other_forms_never_claim_that_nothing_was_changed(app, alice, cast):
    fields = {"theme": "dark", "csrf_token": csrf_of(alice.get("/account").get_data(as_text=True))}
    with app.extensions["database"].connection_context():
        db.execute_sql("ALTER TABLE session RENAME TO session_gone")
    page = text_of(alice.post("/account/theme", data=fields))
    assert "Check whether your change was saved" in page and "Nothing was changed" not in page


# What is refused: each takes (portal, client, fields) and gives the response.


@dataclass
class Portal:
    app: object
    cast: object
    clock: object
    owed: object
    log_in: object

    def change(self, model, where=None, **values):
        with self.app.extensions["database"].connection_context():
            query = model.update(values)
            (query if where is None else query.where(where)).execute()


def paid_by_a_colleague(portal, client, fields, **sent):
    pay(portal.log_in(portal.cast.bob), portal.owed.late)
    return submit(client, fields, **sent)


def balance_changed(portal, client, fields, **sent):
    pay(portal.log_in(portal.cast.bob), portal.owed.late, pay="part", amount="100")
    return submit(client, fields, **sent)


def login_ended(portal, client, fields, **sent):
    portal.change(Session, seen_ms=0)
    return client.get(target_of(submit(client, fields, **sent)))


def expired(portal, client, fields, **sent):
    return submit(client, fields, csrf_token="", **sent)


def logged_out_in_another_tab(portal, client, fields, **sent):
    client.post("/logout", data={"csrf_token": fields["csrf_token"]})
    return submit(client, fields, **sent)


def role_changed(portal, client, fields, **sent):
    portal.change(Access, Access.user == portal.cast.alice, role=Role.get(name="Customer Center (view only)").id)
    return submit(client, fields, **sent)


def feature_off(portal, client, fields, **sent):
    portal.change(Company, customers_can_pay_online=False)
    return submit(client, fields, **sent)


def portal_closed(portal, client, fields, **sent):
    portal.change(Company, customer_access=False)
    return client.get(target_of(submit(client, fields, **sent)))


def currency_off(portal, client, fields, **sent):
    portal.change(Company, currencies="EUR")
    return submit(client, fields, **sent)


def too_many_declines(portal, client, fields, **sent):
    with portal.app.extensions["database"].connection_context():
        key = f"declines:{portal.cast.alice.id}"
        Throttle.clear(key)
        Throttle.create(key=key, tries=20, window_ms=to_ms(portal.clock()))
    return submit(client, fields, **sent)


def too_large(portal, client, fields, **sent):
    return submit(client, fields, device_data="x" * 300_000, **sent)


def changed_fields(portal, client, fields, **sent):
    return submit(client, {**fields, "token": "x"}, **sent)


def bad_amount(portal, client, fields, **sent):
    return submit(client, {**fields, "pay": "part", "amount": "1e9"}, **sent)


def amount_too_low(portal, client, fields, **sent):
    return submit(client, {**fields, "pay": "part", "amount": "0.01"}, **sent)


def no_card(portal, client, fields, **sent):
    return submit(client, fields, "", **sent)


def nothing_selected(portal, client, fields, **sent):
    return submit(client, {**fields, "shown": []}, **sent)


def unknown_invoice(portal, client, fields, **sent):
    return submit(client, {**fields, "shown": ["2" * 16 + ":100"]}, **sent)


def two_currencies(portal, client, fields, **sent):
    portal.change(Invoice, Invoice.id == portal.owed.due.id, currency="EUR")
    return submit(client, fields, **sent)


def void_since(portal, client, fields, **sent):
    portal.change(Invoice, Invoice.customer == portal.cast.cedar, open_minor=0, is_paid=True)
    return submit(client, fields, **sent)


def declined(portal, client, fields, **sent):
    return submit(client, fields, "fake-processor-declined-visa-nonce", **sent)


def used_card(portal, client, fields, **sent):
    return submit(client, fields, "fake-consumed-nonce", **sent)


REFUSALS = (
    paid_by_a_colleague,
    balance_changed,
    login_ended,
    expired,
    logged_out_in_another_tab,
    role_changed,
    feature_off,
    portal_closed,
    currency_off,
    too_many_declines,
    too_large,
    changed_fields,
    bad_amount,
    amount_too_low,
    no_card,
    nothing_selected,
    unknown_invoice,
    two_currencies,
    void_since,
    declined,
    used_card,
)


@pytest.fixture
def portal(app, cast, clock, owed, log_in):
    return Portal(app, cast, clock, owed, log_in)


@TWO_KINDS
@pytest.mark.parametrize("refuse", REFUSALS)
def test_a_refusal_says_that_nothing_was_charged(portal, alice, owed, demo_gateway, refuse, headers):
    fields = open_form(alice, owed.late, owed.due)
    page = shown_by(refuse(portal, alice, fields, headers=headers))
    assert page.count(NOT_CHARGED) == 1, page
    assert all(t["amount"] != "1786.50" or t["status"] == "processor_declined" for t in demo_gateway.transactions())


@TWO_KINDS
@pytest.mark.parametrize(
    "refuse",
    [
        expired,
        role_changed,
        feature_off,
        currency_off,
        too_many_declines,
        bad_amount,
        amount_too_low,
        no_card,
        nothing_selected,
        unknown_invoice,
        void_since,
    ],
)
def test_a_form_that_has_paid_is_never_called_not_charged(portal, alice, owed, demo_gateway, refuse, headers):
    fields = open_form(alice, owed.late)
    first = submit(alice, fields)
    response = refuse(portal, alice, fields, headers=headers)
    assert target_of(response) == first.location and len(demo_gateway.transactions()) == 1


@pytest.mark.parametrize("end", [login_ended, portal_closed])
def test_a_login_that_ended_after_paying_leads_back_to_the_payment(portal, alice, owed, end):
    fields = open_form(alice, owed.late)
    path = submit(alice, fields).location
    page = end(portal, alice, fields)
    reference = path.rpartition("/")[2]
    assert NOT_CHARGED not in text_of(page)
    assert f"Payment {reference} was already made from that page. Do not pay again." in text_of(page)
    assert f'name="next" value="{path}"' in page.get_data(as_text=True)


@TWO_KINDS
@pytest.mark.parametrize("lost", [False, True])
def test_payer_with_revoked_access_sees_the_result(portal, alice, owed, demo_gateway, log_in, headers, lost):
    fields = open_form(alice, owed.late)
    if lost:
        demo_gateway.faults.add("lost_response")
    reference = submit(alice, fields).location.rpartition("/")[2]
    portal.change(Access, Access.user == portal.cast.alice, customer=portal.cast.fennel.id)
    again = log_in(portal.cast.alice)
    token = csrf_of(again.get("/account").get_data(as_text=True))
    for csrf in (token, "x"):
        page = text_of(submit(again, {**fields, "csrf_token": csrf}, headers=headers))
        assert ("is being confirmed" if lost else f"Payment {reference} was already made") in page, page
        assert "Do not pay again." in page and NOT_CHARGED not in page


@TWO_KINDS
def test_another_persons_form_says_nothing_about_money(portal, alice, owed, log_in, headers):
    fields = open_form(alice, owed.late)
    submit(alice, fields)
    charlie = log_in(portal.cast.charlie)
    token = csrf_of(charlie.get("/account").get_data(as_text=True))
    for csrf in (token, "x"):
        page = text_of(submit(charlie, {**fields, "csrf_token": csrf}, headers=headers))
        assert "been charged" not in page and "PAY-" not in page, page


@pytest.mark.parametrize(
    ("settlement", "words"),
    [
        (Attempt.VOIDED, "was canceled before any money moved. You have not been charged."),
        (Attempt.FAILED, "then reversed it."),
    ],
)
def test_a_payment_that_was_taken_back_is_not_called_made(portal, alice, owed, settlement, words):
    fields = open_form(alice, owed.late)
    submit(alice, fields)
    portal.change(Attempt, settlement=settlement)
    page = text_of(login_ended(portal, alice, fields))
    assert words in page and "already made" not in page and "Do not pay again" not in page


@TWO_KINDS
@pytest.mark.parametrize(("fault", "became"), [(None, "went through"), ("lost_response", "is being confirmed")])
def test_another_amount_with_the_same_form_is_said_not_to_be_charged(alice, owed, demo_gateway, headers, fault, became):
    fields = open_form(alice, owed.late)
    if fault:
        demo_gateway.faults.add(fault)
    submit(alice, fields, pay="part", amount="21.00")
    response = submit(alice, fields, pay="part", amount="22.00", headers=headers)
    page = text_of(alice.get(target_of(response)))
    assert f"Your earlier payment of $21.00 {became}. $22.00 was not charged." in page
    assert len(demo_gateway.transactions()) == 1


def test_the_same_amount_again_is_just_the_receipt(alice, owed):
    fields = open_form(alice, owed.late)
    submit(alice, fields, pay="part", amount="21.00")
    assert "earlier payment" not in text_of(alice.get(submit(alice, fields, pay="part", amount="21").location))


def test_a_login_that_ended_while_it_is_confirmed_says_so(portal, alice, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    demo_gateway.faults.add("lost_response", on="sale")
    submit(alice, fields)
    page = text_of(login_ended(portal, alice, fields))
    assert "is being confirmed. Do not pay again." in page and NOT_CHARGED not in page


def test_after_logging_in_the_sentence_is_gone(portal, alice, owed):
    page = login_ended(portal, alice, open_form(alice, owed.late)).get_data(as_text=True)
    response = alice.post(
        "/login", data={"csrf_token": csrf_of(page), "email": portal.cast.alice.email, "password": PASSWORD}
    )
    assert NOT_CHARGED not in text_of(alice.get(response.location))


def test_charge_found_after_a_decline_is_explained(app, alice, owed, demo_gateway, clock):
    fields = open_form(alice, owed.late)
    submit(alice, fields, "fake-processor-declined-visa-nonce")
    with app.extensions["database"].connection_context():
        attempt = Attempt.get()
        LedgerEntry.record(LedgerEntry.UNAPPLIED, "late", attempt, 60000, to_ms(clock()))
    response = submit(alice, fields)
    assert response.location == f"/payments/{attempt.reference}"
    assert "Your card was charged" in text_of(alice.get(response.location))


@TWO_KINDS
def test_every_answer_is_marked_as_the_portals(portal, alice, owed, headers):
    fields = open_form(alice, owed.late)
    for answer in (submit(alice, {**fields, "token": "x"}, headers=headers), submit(alice, fields, headers=headers)):
        assert answer.headers["Payment-Answer"] == "1"


def test_a_new_form_can_be_paid_after_a_refusal(portal, alice, owed, demo_gateway):
    response = balance_changed(portal, alice, open_form(alice, owed.late))
    assert submit(alice, fields_of(response.get_data(as_text=True)), VISA).status_code == 303


def with_nameless_part(fields: dict, nameless: str) -> dict:
    parts = [*((f'; name="{name}"', value) for name, value in fields.items()), (nameless, "x")]
    body = "".join(f"--x\r\nContent-Disposition: form-data{name}\r\n\r\n{value}\r\n" for name, value in parts)
    return {"data": f"{body}--x--\r\n".encode(), "content_type": "multipart/form-data; boundary=x"}


@TWO_KINDS
@pytest.mark.parametrize("nameless", ["", "; filename=a.csv"])
def test_a_form_with_a_nameless_part_is_refused(alice, owed, demo_gateway, headers, nameless):
    fields = open_form(alice, owed.late)
    response = alice.post("/payments", headers=headers, **with_nameless_part(fields, nameless))
    assert response.status_code == 400 and NOT_CHARGED in shown_by(response) and demo_gateway.transactions() == []


@TWO_KINDS
def test_a_nameless_part_in_a_form_that_paid_leads_to_the_payment(alice, owed, demo_gateway, headers):
    fields = open_form(alice, owed.late)
    paid = submit(alice, fields).location
    response = alice.post("/payments", headers=headers, **with_nameless_part(fields, ""))
    assert target_of(response) == paid and len(demo_gateway.transactions()) == 1
