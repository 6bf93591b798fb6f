"""The subtab Email | Phone | Address, and what a new email address means for the login with the old one."""

import pytest

from app.models import Access, Audit, Customer, Role, User
from app.models.audit import Actor
from tests.customers.conftest import NEW, details_of, given, unescaped
from tests.people import invoice
from tests.support.mailbox import mails_to
from tests.support.pages import text_of

OTHER = "alice.new@cedarlane.example"
BY_HAND = {"manual": "y", "password": NEW, "confirm_password": NEW}


@pytest.fixture
def cedar(cast):
    """Alice logs in with the record's own address."""
    Customer.update(email=cast.alice.email).where(Customer.id == cast.cedar.id).execute()
    return Customer.get_by_id(cast.cedar.id)


def record_of(customer) -> str:
    return f"/customers/{customer.public_id}"


def test_the_head_says_who_what_they_owe_and_whether_they_have_access(ruth, cast, cedar, clock):
    invoice(cedar, "INV-1", 592650, clock().date())
    invoice(cedar, "INV-2", 1200, clock().date(), currency="EUR")
    page = text_of(ruth.get(record_of(cedar)))
    assert "CL Cedar Lane Bakery Not logged in yet Account 77, balance due €12.00 and $5,926.50" in page
    assert "Email | Phone | Address Access Invoices 2 Payments 0" in page


def test_saving_the_details(save, cast, cedar):
    data = details_of(cedar, name=" Cedar  Lane ", phone="555 1", address="1 Lane\r\nBath", locale="de_DE")
    assert save(record_of(cedar), **data).status_code == 303
    now = Customer.get_by_id(cedar.id)
    assert (now.name, now.phone, now.address, now.locale) == ("Cedar Lane", "555 1", "1 Lane\nBath", "de_DE")
    facts = Audit.get(Audit.event == "customer_saved").facts
    assert facts["phone"] == ["", "555 1"] and facts["version"] == 2 and "email" not in facts
    assert given(cedar, cast.alice.email)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Enter the customer's name"),
        ({"email": "alice"}, "name@example.com"),
        ({"locale": "xx_YY"}, "en_US"),
        ({"email": ""}, "logs in with it"),
    ],
)
def test_invalid_field_is_reported_and_input_is_kept(save, cedar, changes, words):
    response = save(record_of(cedar), **details_of(cedar, phone="typed here", **changes))
    assert response.status_code == 422 and words in text_of(response) and "typed here" in unescaped(response)
    assert Customer.get_by_id(cedar.id).phone == ""


def test_new_address_of_a_user_needs_a_way_to_a_password(save, cedar, cast, log_in):
    alice = log_in(cast.alice)
    response = save(record_of(cedar), **details_of(cedar, email=OTHER))
    assert response.status_code == 422 and f"{OTHER} has no password yet" in text_of(response)
    assert f'value="{OTHER}"' in unescaped(response) and Customer.get_by_id(cedar.id).email == cast.alice.email
    assert alice.get("/invoices").status_code == 200 and not User.by_email(OTHER)


@pytest.mark.parametrize("way", [{"notify": "y"}, BY_HAND])
def test_the_new_address_logs_in_with_the_same_role_and_the_old_one_no_more(save, cedar, cast, log_in, way):
    views = Role.get(name="Customer Center (view only)")
    Access.update(role=views).where(Access.user == cast.alice).execute()
    alice = log_in(cast.alice)
    assert save(record_of(cedar), **details_of(cedar, email=OTHER), **way).status_code == 303
    assert alice.get("/invoices").location.startswith("/login")
    assert given(cedar, OTHER).role == views and not given(cedar, cast.alice.email)
    assert len(mails_to(OTHER)) == ("notify" in way)


def test_the_old_addresss_access_to_others_stays(save, cedar, cast, log_in, clock):
    Access.grant(cast.alice, cast.fennel, Role.get(name="Customer Center"), Actor("x", clock()))
    save(record_of(cedar), **details_of(cedar, email=OTHER), notify="y")
    assert given(cast.fennel, cast.alice.email) and "Fennel" in text_of(log_in(cast.alice).get("/invoices"))


def test_address_of_another_user_keeps_name_and_password(save, cedar, cast, log_in):
    assert save(record_of(cedar), **details_of(cedar, email=cast.charlie.email)).status_code == 303
    assert User.by_email(cast.charlie.email).name == "Charlie Moss"
    assert given(cedar, cast.charlie.email) and log_in(cast.charlie)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ({**BY_HAND, "notify": "y"}, "Clear Send New Access Notification Email"),
        ({**BY_HAND, "confirm_password": "x"}, "Enter the same password in both fields"),
        ({**BY_HAND, "password": "short", "confirm_password": "short"}, "at least 10 characters"),
    ],
)
def test_the_ways_have_their_rules_here_too(save, cedar, cast, way, words):
    response = save(record_of(cedar), **details_of(cedar, email=OTHER), **way)
    assert response.status_code == 422 and words in text_of(response) and NEW not in unescaped(response)
    assert given(cedar, cast.alice.email) and Customer.get_by_id(cedar.id).version == 1


def test_an_administrators_address_cannot_log_in_for_a_customer(save, cedar, cast):
    response = save(record_of(cedar), **details_of(cedar, email=cast.ruth.email), notify="y")
    assert response.status_code == 422 and "administrator's login" in text_of(response)
    assert Customer.get_by_id(cedar.id).email == cast.alice.email and given(cedar, cast.alice.email)


def test_address_without_a_login_is_just_changed(save, saltbox):
    save(record_of(saltbox), **details_of(saltbox, email="new@saltbox.example"))
    assert Customer.get_by_id(saltbox.id).email == "new@saltbox.example" and not User.by_email("new@saltbox.example")
    assert not Access.select().where(Access.customer == saltbox).exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada Wick <ADA@x.example>", "ada@x.example"),
        ("mailto:ada@x.example", "ada@x.example"),
        ("\u200bada@x.example,", "ada@x.example"),
        ("n/a", ""),
    ],
)
def test_an_email_is_read_as_people_keep_it(save, saltbox, typed, kept):
    assert save(record_of(saltbox), **details_of(saltbox, email=typed)).status_code == 303
    assert Customer.get_by_id(saltbox.id).email == kept


def test_several_emails_are_refused_with_where_they_go(save, saltbox):
    response = save(record_of(saltbox), **details_of(saltbox, email="ada@x.example; ben@x.example"))
    assert response.status_code == 422 and "give the other people access on the Access subtab" in unescaped(response)
