"""View as customer: looking at everything of one customer, and changing nothing."""

import pytest

from app.models import Attempt, Audit
from tests.ledger import CUSTOMER, HTMX, MISSING
from tests.route_ledger import setup
from tests.routes import ROUTES
from tests.support.pages import post_form
from tests.test_route_access import ask

BAR = "Viewing as <strong>Cedar Lane Bakery</strong>."


@pytest.fixture
def view(world, log_in):
    """view() is Ruth's browser, viewing as Cedar."""

    def _view():
        ruth = log_in(world.cast.ruth)
        response = send(ruth, f"/customers/{world.cast.cedar.public_id}/view-as")
        assert response.location == "/invoices?view=open"
        return ruth

    return _view


def send(client, path, **fields):
    return post_form(client, path, page="/account", **fields)


def test_everything_of_that_customer_is_seen_and_nothing_of_others(view, world):
    ruth = view()
    page = ruth.get("/invoices").get_data(as_text=True)
    assert "INV-CEDAR-1" in page and BAR in page and "INV-FENNEL" not in page
    assert ruth.get(f"/invoices/{world.invoice_id('cedar')}").status_code == 200
    assert ruth.get(f"/invoices/{world.invoice_id('fennel')}").status_code == 404
    assert BAR in ruth.get("/setup").get_data(as_text=True)


@pytest.mark.parametrize(("begun", "where"), [("guide", "/setup?step=check"), ("", "/customers/")])
def test_stopping_leads_back_to_where_it_began(log_in, world, begun, where):
    ruth = log_in(world.cast.ruth)
    send(ruth, f"/customers/{world.cast.cedar.public_id}/view-as", begun=begun)
    assert send(ruth, "/viewing/stop").location.startswith(where)


def test_paying_is_explained_and_never_offered(view, world):
    ruth = view()
    for path in ("/invoices", f"/invoices/{world.invoice_id('cedar')}"):
        page = ruth.get(path).get_data(as_text=True)
        assert "Pay is hidden while you view as this customer" in page and "who may pay see a Pay button here" in page
        assert 'href="/payments/new' not in page and 'name="invoice"' not in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "partial"])
def test_impersonation_cannot_change_anything(view, world, demo_gateway, headers):
    """Every route of customers that changes something, with the very form that a customer would send."""
    ruth, before = view(), len(demo_gateway.transactions())
    changing = [route for route in ROUTES if route.rule == CUSTOMER and route.method == "POST"]
    assert changing
    for route in changing:
        assert ask(ruth, route, world, "cedar", headers).status_code == 403, route
    assert ruth.get("/payments/new", query_string={"invoice": world.invoice_id("cedar")}).status_code == 403
    assert len(demo_gateway.transactions()) == before
    assert {attempt.user_id for attempt in Attempt.select()} == {world.cast.alice.id, world.cast.charlie.id}


def test_impersonation_returns_to_the_record_and_is_audited(view, world):
    ruth = view()
    record = f"/customers/{world.cast.cedar.public_id}/access"
    assert send(ruth, "/viewing/stop").location == record
    assert ruth.get("/invoices").status_code == 403
    assert BAR not in ruth.get(record).get_data(as_text=True)
    lines = [(line.event, line.subject, line.actor) for line in Audit.select().where(Audit.subject == "customer:77")]
    assert lines == [(event, "customer:77", world.cast.ruth.email) for event in ("view_as", "view_as_stopped")]


def test_stopping_twice_and_missing_customers(view, log_in, world):
    ruth = view()
    assert [send(ruth, "/viewing/stop").status_code for _ in range(2)] == [303, 303]
    assert send(ruth, f"/customers/{MISSING}/view-as").status_code == 404


def test_the_setup_stays_the_administrators_own(view, world):
    ruth = view()
    for route in setup.ROUTES:
        if route.method == "GET" and route.is_page:
            assert ruth.get(route.request(world)["path"]).status_code == 200, route


def test_customers_cannot_impersonate(log_in, world):
    alice = log_in(world.cast.alice)
    assert send(alice, f"/customers/{world.cast.fennel.public_id}/view-as").status_code == 404
    assert "INV-FENNEL" not in alice.get("/invoices").get_data(as_text=True)
