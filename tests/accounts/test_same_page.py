"""A partial update goes only into a page that was made for the same login, customer and right to pay."""

import re
from html import unescape

import pytest

from app.models import Access, Company, Role

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PATHS = ("/invoices?view=all", "/invoices/selected", "/payments")


@pytest.fixture
def in_database(app):
    with app.extensions["database"].connection_context():
        yield


def made_for(client, path="/invoices") -> dict:
    """The header that htmx sends from that page."""
    page = client.get(path).get_data(as_text=True)
    return {"Page-Of": re.search(r'"Page-Of": "([0-9a-f]{16})"', unescape(page)).group(1)}


def is_reloaded(response) -> bool:
    assert response.status_code in (200, 204)
    reloaded = response.headers.get("HX-Refresh") == "true"
    assert reloaded == (response.status_code == 204) and (not reloaded or response.data == b"")
    return reloaded


@pytest.mark.parametrize("path", PATHS)
def test_partial_for_the_same_login_is_swapped(log_in, cast, path):
    alice = log_in(cast.alice)
    assert not is_reloaded(alice.get(path, headers=PARTIAL | made_for(alice)))
    assert not is_reloaded(alice.get(path, headers=PARTIAL))


@pytest.mark.parametrize("path", PATHS)
def test_partial_for_another_login_reloads(log_in, cast, path):
    page = made_for(log_in(cast.charlie))
    alice = log_in(cast.alice)
    assert is_reloaded(alice.get(path, headers=PARTIAL | page))
    assert alice.get(path, headers=page).status_code == 200  # a whole page is never refused


def test_partial_for_an_earlier_login_reloads(log_in, cast):
    """The CSRF token of that page works no more either."""
    page = made_for(log_in(cast.alice))
    assert is_reloaded(log_in(cast.alice).get("/invoices", headers=PARTIAL | page))


@pytest.mark.parametrize("change", ["feature", "role", "currencies"])
def test_partial_after_a_change_of_payment_options_reloads(log_in, cast, app, change):
    alice = log_in(cast.alice)
    page = made_for(alice)
    with app.extensions["database"].connection_context():
        if change == "role":
            Access.update(role=Role.get(~Role.can_pay)).where(Access.user == cast.alice).execute()
        else:
            values = {"feature": {"customers_can_pay_online": False}, "currencies": {"currencies": "EUR"}}[change]
            Company.update(values).execute()
    assert is_reloaded(alice.get("/invoices", headers=PARTIAL | page))
    assert not is_reloaded(alice.get("/invoices", headers=PARTIAL | made_for(alice)))


def test_an_administrators_page_stays_while_the_switches_change(log_in, cast, app):
    ruth = log_in(cast.ruth)
    page = made_for(ruth, "/customers")
    with app.extensions["database"].connection_context():
        Company.update(customers_can_pay_online=False).execute()
    assert not is_reloaded(ruth.get("/customers?q=cedar", headers=PARTIAL | page))
