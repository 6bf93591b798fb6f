"""Giving access to many customers at once, with a preview of who gets mail."""

import re

import pytest

from app.models import Access, Audit, Customer, OutboxMail, User
from tests.conftest import csrf_of
from tests.customers.conftest import MAYA, given, unescaped
from tests.support import databases
from tests.support.mailbox import mails_to
from tests.support.pages import text_of


@pytest.fixture
def customers(cast, saltbox):
    """One of each kind: fine, shared-looking, without an address, an administrator's, with access already."""
    Customer.update(email=cast.alice.email).where(Customer.id == cast.cedar.id).execute()
    shared = Customer.create(number="91", name="Shared Shop", email="Info@shop.example")
    none = Customer.create(number="92", name="No Address", email="")
    admin = Customer.create(number="93", name="Own Goal", email=cast.ruth.email)
    return {"maya": saltbox, "shared": shared, "none": none, "admin": admin, "has": Customer.get_by_id(cast.cedar.id)}


@pytest.fixture
def ticked(customers):
    return {"customer": [one.public_id for one in customers.values()], "role": "1", "give": "1", "notify": "1"}


def form_of(page) -> dict:
    """The fields of the preview, as a browser would send them without a further tick."""
    body = unescaped(page).partition('<form class="card clip"')[2].partition("</form>")[0]
    fields = {"csrf_token": csrf_of(unescaped(page))}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body):
        fields[name] = (
            [*fields[name], value]
            if name == "customer" and name in fields
            else ([value] if name == "customer" else value)
        )
    return fields


@pytest.fixture
def preview(ruth, ticked):
    return ruth.get("/customers/access", query_string=ticked)


def test_the_preview_says_who_gets_mail_and_who_is_skipped_and_changes_nothing(preview, cast):
    page = text_of(preview)
    assert "Saltbox Kitchen maya@saltbox.example An email with a link to set up a password" in page
    assert "Give access to 1 customer" in page and "Save for 1 customer and those checked" in page
    assert "Shared mailboxes: check to include" in page and "info@shop.example Give this shared mailbox access" in page
    for words in (
        "No Address No email address",
        "Own Goal ruth@harborpine.example is an administrator's login",
        "Cedar Lane Bakery alice@cedarlane.example has access already",
    ):
        assert words in page
    assert not OutboxMail.select().exists() and not User.by_email(MAYA)


def test_saving_gives_access_sends_mail_and_says_what_was_skipped(ruth, preview, customers):
    response = ruth.post("/customers/access", data=form_of(preview))
    assert response.status_code == 303
    page = text_of(ruth.get(response.location))
    assert "Saltbox Kitchen maya@saltbox.example" in page and "1 email queued" in page
    asked = "info@shop.example looks like a shared mailbox. Check “Give this shared mailbox access” to include it"
    assert f"Shared Shop {asked}" in page
    assert given(customers["maya"], MAYA).role.name == "Customer Center"
    assert len(mails_to(MAYA)) == 1 and not User.by_email("info@shop.example")


def test_a_shared_address_gets_access_once_it_is_checked(ruth, preview, customers):
    ruth.post("/customers/access", data={**form_of(preview), "shared": customers["shared"].public_id})
    assert given(customers["shared"], "info@shop.example") and mails_to("info@shop.example")


def test_sending_the_form_again_does_nothing_more(ruth, preview, customers):
    form = form_of(preview)
    first, second = (ruth.post("/customers/access", data=form) for _ in range(2))
    assert first.location == second.location and len(mails_to(MAYA)) == 1
    assert Audit.select().where(Audit.event == "bulk_access").count() == 1
    assert text_of(ruth.get(first.location)) == text_of(ruth.get(first.location))


def test_customer_changed_since_the_preview_is_skipped_with_a_reason(ruth, preview, customers):
    Customer.update(email="").where(Customer.number == "90").execute()
    page = ruth.get(ruth.post("/customers/access", data=form_of(preview)).location)
    assert "Saltbox Kitchen No email address" in text_of(page) and not User.by_email(MAYA)


def test_user_without_password_is_skipped_without_mail(ruth, ticked, customers, cast):
    Customer.update(email=cast.charlie.email).where(Customer.number == "91").execute()
    del ticked["notify"]
    page = ruth.get("/customers/access", query_string=ticked)
    assert f"{MAYA} has no password: check Send New Access Notification Email" in text_of(page)
    assert "Access; they already have a password" in text_of(page)
    ruth.post("/customers/access", data=form_of(page))
    assert given(customers["shared"], cast.charlie.email) and not OutboxMail.select().exists()


def test_user_with_password_gets_no_setup_link(ruth, cast, saltbox):
    Customer.update(email=cast.charlie.email).where(Customer.id == saltbox.id).execute()
    page = ruth.get(
        "/customers/access", query_string={"customer": saltbox.public_id, "role": "1", "give": "1", "notify": "1"}
    )
    ruth.post("/customers/access", data=form_of(page))
    assert "/welcome/" not in mails_to(cast.charlie.email)[-1].text


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("customer", "Check one or more customers"),
        ("role", "Select a Customer Center role"),
        ("give", "Check Give Access"),
    ],
)
def test_missing_input_is_reported_and_no_access_is_granted(ruth, preview, ticked, missing, words):
    without = {name: value for name, value in ticked.items() if name != missing}
    page = ruth.get("/customers/access", query_string=without)
    assert page.status_code == 422 and words in text_of(page)
    form = {name: value for name, value in form_of(preview).items() if name != missing}
    assert ruth.post("/customers/access", data=form).status_code == 422 and not User.by_email(MAYA)


def test_one_address_on_two_customers_is_one_person_with_two(ruth, saltbox):
    other = Customer.create(number="94", name="Saltbox Two", email=MAYA)
    page = ruth.get(
        "/customers/access",
        query_string={"customer": [saltbox.public_id, other.public_id], "role": "1", "give": "1", "notify": "1"},
    )
    ruth.post("/customers/access", data=form_of(page))
    assert Access.select().where(Access.user == User.by_email(MAYA), Access.given).count() == 2


def test_all_or_nothing_when_something_breaks(app, ruth, preview):
    """The trail can't be written: then no access is given and no mail is waiting."""
    databases.fail_on(app.extensions["database"], "INSERT", "audit", "NEW.event = 'bulk_access'")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert ruth.post("/customers/access", data=form_of(preview)).status_code == 500
    assert not User.by_email(MAYA) and not OutboxMail.select().exists()
    assert Customer.get(number="90").version == 1


def test_person_with_several_new_customers_gets_one_email(ruth, saltbox, client):
    Customer.create(number="95", name="Salt Cellar", email=MAYA)
    ids = [one.public_id for one in Customer.select().where(Customer.email == MAYA)]
    preview = ruth.get("/customers/access", query_string={"customer": ids, "role": "1", "give": "1", "notify": "1"})
    assert "1 email" in text_of(preview) and "2 emails" not in text_of(preview)
    page = text_of(ruth.get(ruth.post("/customers/access", data=form_of(preview)).location))
    assert "Access given to 2 customers" in page and "1 email queued" in page
    (mail,) = mails_to(MAYA)
    assert "given you online access to invoices for Salt Cellar and Saltbox Kitchen" in " ".join(mail.text.split())
    client.get(re.search(r"http://localhost(/\S+/\S{43})", mail.text)[1])
    assert client.get("/welcome").status_code == 200
