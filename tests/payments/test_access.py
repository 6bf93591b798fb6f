"""Who may see and make payments: colleagues see each other's, other customers nothing."""

import pytest

from app.models import Access, Attempt, Company
from app.models.audit import Actor
from tests.payments.conftest import open_form, pay, pay_url, submit
from tests.support.pages import text_of


def test_bob_sees_alices_payment_and_who_paid(alice, log_in, cast, owed):
    url = pay(alice, owed.late).location
    bob = log_in(cast.bob)
    assert "Paid by Alice Okafor" in text_of(bob.get(url))
    assert "Alice Okafor" in text_of(bob.get("/payments"))


def test_charlie_sees_nothing_of_alices_payment(alice, log_in, cast, owed):
    url = pay(alice, owed.late).location
    charlie = log_in(cast.charlie)
    assert charlie.get(url).status_code == 404
    assert "No payments yet" in text_of(charlie.get("/payments"))


def test_charlie_cannot_be_quoted_or_pay_alices_invoice(log_in, cast, owed, demo_gateway):
    charlie = log_in(cast.charlie)
    assert charlie.get(pay_url(owed.late)).status_code == 404
    assert charlie.get(pay_url(owed.fennel, owed.late)).status_code == 404
    response = pay(charlie, owed.fennel, shown=f"{owed.late.public_id}:60000:USD")
    assert response.status_code == 404 and demo_gateway.transactions() == []


def test_foreign_page_token_is_404_and_charges_nothing(alice, log_in, cast, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    submit(alice, fields)
    response = pay(log_in(cast.charlie), owed.fennel, token=fields["token"])
    assert response.status_code == 404 and len(demo_gateway.transactions()) == 1


def test_pending_payment_of_another_customer_is_not_shown(alice, log_in, cast, owed, demo_gateway):
    demo_gateway.faults.add("lost_response", on="sale")
    pay(log_in(cast.charlie), owed.fennel)
    assert "Charlie" not in text_of(alice.get(pay_url(owed.late)))
    assert "Charlie" not in text_of(alice.get("/payments/new?all=USD"))


def test_vera_sees_payments_and_cannot_make_one(alice, log_in, cast, owed, demo_gateway):
    url, fields = pay(alice, owed.late).location, open_form(alice, owed.due)
    vera = log_in(cast.vera)
    assert vera.get(url).status_code == 200
    response = vera.get(pay_url(owed.due))
    assert response.status_code == 403 and "You can view invoices but not pay them" in text_of(response)
    token = vera.get("/invoices").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    assert submit(vera, {**fields, "csrf_token": token}).status_code == 403
    assert len(demo_gateway.transactions()) == 1


def test_a_role_that_is_taken_away_while_the_form_is_open(alice, app, cast, owed, demo_gateway):
    fields = open_form(alice, owed.late)
    with app.extensions["database"].connection_context():
        views = Access.get(user=cast.vera).role
        Access.update(role=views).where(Access.user == cast.alice).execute()
    assert submit(alice, fields).status_code == 403 and demo_gateway.transactions() == []


@pytest.mark.parametrize("feature", ["credit_card_payments", "customers_can_pay_online"])
def test_a_feature_that_is_off_closes_paying_and_leaves_the_list(alice, app, clock, owed, feature):
    url = pay(alice, owed.late).location
    with app.extensions["database"].connection_context():
        Company.current().set_feature(feature, False, Actor("ruth", clock()))
    response = alice.get(pay_url(owed.due))
    assert response.status_code == 403 and "Online payment is not available yet" in text_of(response)
    assert alice.get("/payments").status_code == alice.get(url).status_code == 200


def test_form_sent_after_payments_were_turned_off_says_what_happened(alice, app, clock, owed, demo_gateway):
    """What wasn't paid is said not to be charged; what was, leads to its payment, however often it is sent."""
    paid, open_still = open_form(alice, owed.late), open_form(alice, owed.due)
    payment = submit(alice, paid).location
    with app.extensions["database"].connection_context():
        Company.current().set_feature("customers_can_pay_online", False, Actor("ruth", clock()))
    assert submit(alice, paid).location == payment
    refused = submit(alice, open_still)
    words = "You have not been charged. To pay, contact Harbor & Pine Supply at"
    assert refused.status_code == 403 and words in text_of(refused)
    assert len(demo_gateway.transactions()) == 1


@pytest.mark.parametrize("path", ["/payments", "/payments/new", "/payments/PAY-X"])
def test_strangers_are_sent_to_the_login(client, cast, path):
    response = client.get(path)
    assert response.status_code in (302, 303) and "/login" in response.location


@pytest.mark.parametrize("path", ["/payments", "/payments/new"])
def test_the_administrator_is_no_customer(log_in, cast, path):
    assert log_in(cast.ruth).get(path).status_code in (403, 404)


def test_a_payment_belongs_to_its_customer_in_the_database(alice, app, cast, owed):
    pay(alice, owed.late)
    with app.extensions["database"].connection_context():
        attempt = Attempt.get()
    assert (attempt.customer_id, attempt.user_id) == (cast.cedar.id, cast.alice.id)
