"""People with several customers: the choice is never skipped, links name their customer, switching changes no form."""

import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from app.models import Access, Attempt, Audit, Customer, Link, Role, Session
from app.models.audit import Actor
from tests.conftest import csrf_of
from tests.ledger import HTMX
from tests.payments.conftest import fields_of, open_form, owed, pay_url, submit  # noqa: F401
from tests.people import PASSWORD, invoice
from tests.routes import ROUTES
from tests.support.pages import text_of

LISTS = ("/invoices", "/invoices?view=all", "/payments", "/payments/new?all=USD", "/invoices/selected")
NOT_CHARGED = "You have not been charged."


@pytest.fixture
def both(app, cast, clock):
    """Bob looks after Cedar and Fennel."""
    with app.extensions["database"].connection_context():
        Access.grant(cast.bob, cast.fennel, Role.get(name="Customer Center"), Actor("ruth", clock()))
    return cast.bob


def log_in_to(app, user, wanted=None):
    """(client, where logging in leads) for a person who wants the page `wanted`."""
    client = app.test_client()
    start = client.get(wanted).location if wanted else "/login"
    page = client.get(start).get_data(as_text=True)
    fields = {
        name: unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1])
        for name in ("csrf_token", "next")
        if f'name="{name}"' in page
    }
    response = client.post("/login", data={**fields, "email": user.email, "password": PASSWORD})
    return client, response.location


def follow(client, location):
    """The page at which redirects from there end, and its path."""
    response = client.get(location)
    while response.status_code == 303:
        location = response.location
        response = client.get(location)
    return response, location


def choose(client, number, target=None):
    page = client.get("/account/customers").get_data(as_text=True)
    data = {"csrf_token": csrf_of(page), "number": number, **({"next": target} if target else {})}
    return client.post("/account/customer", data=data)


def viewing(client) -> str:
    found = re.search(r"<dt>Customer</dt>\s*<dd>\s*([^<,]*)", client.get("/account").get_data(as_text=True))
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("wanted", [*LISTS, None])
def test_the_choice_is_not_skipped(app, both, owed, wanted):  # noqa: F811
    client, location = log_in_to(app, both, wanted)
    page, location = follow(client, location)
    assert location.startswith("/account/customers") and "Choose a customer" in text_of(page)
    assert viewing(client) == ""


@pytest.mark.parametrize("wanted", LISTS)
def test_the_choice_leads_to_the_wanted_page_of_that_customer(app, both, owed, cast, wanted):  # noqa: F811
    client, location = log_in_to(app, both, wanted)
    _, location = follow(client, location)
    target = parse_qs(urlsplit(location).query)["next"][0]
    assert target == wanted
    response = choose(client, "81", target)
    assert response.location.startswith(wanted) and f"customer={cast.fennel.public_id}" in response.location
    assert client.get(response.location).status_code == 200 and viewing(client) == "Fennel & Fig Café"


@pytest.mark.parametrize("wanted", LISTS)
def test_a_list_that_names_no_customer_is_asked_about(app, both, owed, wanted):  # noqa: F811
    client, _ = log_in_to(app, both)
    choose(client, "77")
    page, location = follow(client, wanted)
    assert location.startswith("/account/customers?next=") and "viewing now" in text_of(page)


@pytest.mark.parametrize("wanted", LISTS)
def test_a_list_that_names_the_other_customer_is_asked_about(app, both, owed, cast, wanted):  # noqa: F811
    client, _ = log_in_to(app, both)
    choose(client, "77")
    address = f"{wanted}{'&' if '?' in wanted else '?'}customer={cast.fennel.public_id}"
    page, _ = follow(client, address)
    assert "This page belongs to Fennel & Fig Café You are viewing Cedar Lane Bakery ." in text_of(page)
    response = choose(client, "81", address)
    assert response.location == address and client.get(address).status_code == 200


def test_every_link_to_a_list_names_the_customer(app, both, owed, cast):  # noqa: F811
    client, _ = log_in_to(app, both)
    start = choose(client, "77").location
    seen, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        page = client.get(path)
        assert page.status_code in (200, 422), path
        if page.mimetype != "text/html":
            continue
        for link in re.findall(r'href="(/(?:invoices|payments)[^"]*)"', page.get_data(as_text=True)):
            link = unescape(link)
            if link not in seen and link not in waiting and len(seen) < 60 and link != "/payments":
                waiting.append(link)
            if re.match(r"/(invoices|payments)(\?|$|/new\?all)", link):
                assert f"customer={cast.cedar.public_id}" in link, (path, link)
    assert len(seen) > 10


def test_the_filter_form_names_the_customer(app, both, owed, cast):  # noqa: F811
    client, _ = log_in_to(app, both)
    page = client.get(choose(client, "77").location).get_data(as_text=True)
    form = page[page.index('id="invoice-filter"') :]
    assert f'name="customer" value="{cast.cedar.public_id}"' in form[: form.index("</form>")]


def test_a_link_to_a_document_opens_its_customer_after_logging_in(app, both, owed):  # noqa: F811
    for document, name in ((owed.late, "Cedar Lane Bakery"), (owed.fennel, "Fennel & Fig Café")):
        for wanted in (f"/invoices/{document.public_id}", pay_url(document)):
            client, location = log_in_to(app, both, wanted)
            assert location == wanted and client.get(wanted).status_code == 200
            assert viewing(client) == name


def test_a_document_of_the_other_customer_asks_before_it_switches(app, both, owed):  # noqa: F811
    client, _ = log_in_to(app, both)
    choose(client, "77")
    wanted = f"/invoices/{owed.fennel.public_id}"
    page, _ = follow(client, wanted)
    assert "This invoice belongs to Fennel & Fig Café" in text_of(page) and viewing(client) == "Cedar Lane Bakery"
    assert choose(client, "81", wanted).location == wanted
    assert "INV-2001" in text_of(client.get(wanted))


def test_a_payment_of_the_other_customer_asks_too(app, both, owed, log_in, cast):  # noqa: F811
    charlie = log_in(cast.charlie)
    path = submit(charlie, open_form(charlie, owed.fennel)).location
    client, _ = log_in_to(app, both)
    choose(client, "77")
    assert "This payment belongs to Fennel & Fig Café" in text_of(follow(client, path)[0])


def test_foreign_document_is_404_for_other_people(log_in, cast, owed):  # noqa: F811
    alice = log_in(cast.alice)
    for path in (
        f"/invoices/{owed.fennel.public_id}",
        f"/invoices?customer={cast.fennel.public_id}",
        f"/payments/new?all=USD&customer={cast.fennel.public_id}",
        "/payments?customer=nothing",
    ):
        assert alice.get(path).status_code == 404
    assert alice.get(f"/invoices?customer={cast.cedar.public_id}").status_code == 200


def test_a_foreign_document_is_unknown_before_the_choice_too(app, both, make_other):
    client, _ = log_in_to(app, both)
    assert client.get(f"/invoices/{make_other.public_id}").status_code == 404
    assert client.get("/invoices/2222222222222222").status_code == 404


@pytest.fixture
def make_other(app):
    with app.extensions["database"].connection_context():
        return invoice(Customer.create(number="99", name="Gale & Sons"), "INV-9", 100, date(2026, 12, 1))


def test_the_first_choice_is_not_made_by_a_form(app, both, owed):  # noqa: F811
    client, _ = log_in_to(app, both)
    token = csrf_of(client.get("/account").get_data(as_text=True))
    response = client.post("/payments", data={"csrf_token": token, "token": "a" * 24})
    assert response.location.startswith("/account/customers")
    assert NOT_CHARGED in text_of(client.get(response.location))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_pay_form_is_not_applied_after_a_switch(app, both, owed, demo_gateway, headers):  # noqa: F811
    client, _ = log_in_to(app, both, pay_url(owed.late))
    fields = fields_of(client.get(pay_url(owed.late)).get_data(as_text=True))
    choose(client, "81")
    response = submit(client, fields, headers=headers)
    assert response.status_code == 400 and text_of(response).count(NOT_CHARGED) == 1
    assert demo_gateway.transactions() == []


FORMS = [route for route in ROUTES if route.method == "POST" and route.rule in ("customer", "login")]


@pytest.mark.parametrize("route", FORMS, ids=str)
def test_no_form_is_applied_after_a_switch(app, both, world, cast, route):
    client, _ = log_in_to(app, both)
    token = csrf_of(client.get(choose(client, "77").location).get_data(as_text=True))
    choose(client, "81")
    with app.extensions["database"].connection_context():
        before = (Audit.select().count(), Session.select().count(), Attempt.select().count())
    request = route.request(world, route.kinds[0])
    request["data"] = {**(request["data"] or {}), "csrf_token": token}
    assert client.open(**request).status_code == 400
    with app.extensions["database"].connection_context():
        assert (Audit.select().count(), Session.select().count(), Attempt.select().count()) == before


def test_a_partial_update_of_ones_own_page_is_not_asked_about(app, both, owed):  # noqa: F811
    client, _ = log_in_to(app, both)
    page = client.get(choose(client, "77").location).get_data(as_text=True)
    made_for = re.search(r'"Page-Of": "([0-9a-f]{16})"', unescape(page))[1]
    assert client.get("/invoices", headers={**HTMX, "Page-Of": made_for}).status_code == 200
    assert "HX-Redirect" in client.get("/invoices", headers=HTMX).headers


def test_a_session_without_a_choice_ends_with_the_last_access(app, both, cast, clock):
    client, _ = log_in_to(app, both)
    with app.extensions["database"].connection_context():
        for access in Access.select().where(Access.user == both):
            access.revoke(Actor("ruth", clock()))
    assert client.get("/account").location.startswith("/login")


def test_a_link_of_another_person_says_who_is_logged_in(app, cast, log_in, clock):
    with app.extensions["database"].connection_context():
        token = Link.issue(cast.bob, Link.SETUP, clock(), timedelta(hours=1))
    alice = log_in(cast.alice)
    page = text_of(alice.get(f"/welcome/{token}", follow_redirects=True))
    assert "You will log in as bob@cedarlane.example" in page
    assert "Setting this password logs out alice@cedarlane.example in this browser." in page
    assert "logs out" not in text_of(log_in(cast.bob).get(f"/welcome/{token}", follow_redirects=True))


ODD_QUERIES = ("&" * 1_001, "invoice=x&" * 199, "&=" * 900, "%00=%ff", "customer=" + "9" * 1_900)


@pytest.mark.parametrize("query", ODD_QUERIES)
def test_no_query_of_the_wanted_page_stops_anyone_from_logging_in(app, cast, both, query):
    target = f"/invoices?{query}"
    for user in (cast.alice, both):
        client = app.test_client()
        token = csrf_of(client.get("/login", query_string={"next": target}).get_data(as_text=True))
        fields = {"csrf_token": token, "next": target, "email": user.email, "password": PASSWORD}
        assert client.post("/login", data=fields).status_code == 303
    assert client.get("/account/customers", query_string={"next": target}).status_code == 200
    assert choose(client, cast.fennel.number, target).status_code == 303
