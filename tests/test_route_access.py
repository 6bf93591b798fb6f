"""Every route by every kind of person, with their own, foreign and missing objects, as pages and as partial updates."""

import re
from weakref import WeakKeyDictionary

import pytest

from app import create_app
from app.models import Access, Role
from app.web.security import access_rule
from tests.conftest import csrf_of
from tests.routes import CUSTOMER, HTMX, PUBLIC, ROUTES, STAFF

PEOPLE = ("anonymous", "alice", "bob", "charlie", "vera", "nora", "ruth")
# Nora's access was taken away while she was logged in: her session has ended.
LOGGED_OUT = ("anonymous", "nora")
TOKENS = WeakKeyDictionary()


@pytest.fixture
def enter(app, client, cast, log_in):
    """enter("alice") is a client in the state that person is in."""

    def _enter(who):
        if who == "anonymous":
            return app.test_client()
        if who != "nora":
            return log_in(getattr(cast, who))
        give_nora(True)
        nora = log_in(cast.nora)
        give_nora(False)
        return nora

    def give_nora(given):
        with app.extensions["database"].connection_context():
            Access.update(given=given).where(Access.user == cast.nora).execute()

    return _enter


def expected(route, who, kind) -> str:
    if route.rule == PUBLIC:
        return "missing" if kind == "missing" else "allowed"
    if who in LOGGED_OUT:
        return "login"
    if route.rule == STAFF:
        return "allowed" if who == "ruth" and kind != "missing" else "missing"
    if route.rule == CUSTOMER and who == "ruth":
        return "forbidden"
    if route.paying and who == "vera":
        return "forbidden"
    theirs = {"charlie": "fennel", "ruth": None}.get(who, "cedar")
    return "allowed" if kind in ("any", theirs) else "missing"


def outcome(response) -> str:
    target = response.headers.get("HX-Redirect") or response.location or ""
    if response.status_code in (303, 401) and target.partition("?")[0] == "/login":
        return "allowed" if "Clear-Site-Data" in response.headers else "login"
    known = {403: "forbidden", 404: "missing"}
    return known.get(response.status_code, "allowed" if response.status_code in ANSWERS else str(response))


OF_ALL = ("mail.", "bookkeeping.", "payment_link.", "email_templates.")  # about all customers, or with a link
ANSWERS = (200, 204, 303, 409, 410, 422)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "partial"])
@pytest.mark.parametrize("who", PEOPLE)
def test_each_person_gets_what_the_route_ledger_says(world, enter, who, headers):
    client, wrong = enter(who), []
    for route in ROUTES:
        for kind in route.kinds:
            response = ask(client, route, world, kind, headers)
            client = enter(who) if route.changes_session else client
            if (got := outcome(response)) != expected(route, who, kind):
                wrong.append(f"{route} {kind}: {got}, not {expected(route, who, kind)}")
            if foreign_word(who).encode() in response.data and not route.endpoint.startswith(OF_ALL):
                wrong.append(f"{route} {kind}: shows {foreign_word(who)}")
    assert wrong == []


def ask(client, route, world, kind, headers):
    request = route.request(world, kind)
    if route.method == "POST":
        request["data"] = {"csrf_token": token_of(client), **(request["data"] or {})}
    return client.open(**request, headers=headers)


def token_of(client) -> str:
    """The token of the forms of this client's session, read once."""
    if client not in TOKENS:
        page = client.get("/account").get_data(as_text=True)
        TOKENS[client] = csrf_of(page if "csrf_token" in page else client.get("/login").get_data(as_text=True))
    return TOKENS[client]


def foreign_word(who: str) -> str:
    """What is in every invoice number of the customer that `who` has nothing to do with."""
    return "INV-CEDAR" if who == "charlie" else "INV-FENNEL"


def test_every_route_is_in_the_ledger_with_its_rule(app):
    with app.app_context():
        actual = {
            (rule.endpoint, method, access_rule(rule.endpoint))
            for rule in app.url_map.iter_rules()
            for method in rule.methods - {"HEAD", "OPTIONS"}
        }
    assert actual == {(route.endpoint, route.method, route.rule) for route in ROUTES}


@pytest.mark.parametrize("route", [r for r in ROUTES if "missing" in r.kinds], ids=str)
def test_foreign_and_missing_look_the_same(world, enter, route):
    """A customer can't find out which invoices of others exist."""
    if route.endpoint == "memberships.customer":
        foreign, missing = (enter("alice") for _ in range(2))
    else:
        foreign = missing = enter("alice")
    answers = [ask(client, route, world, kind, {}) for client, kind in ((foreign, "fennel"), (missing, "missing"))]
    assert answers[0].status_code == answers[1].status_code == 404
    foreign, missing = (re.sub(r'name="csrf_token" value="[^"]+"|"Page-Of": "[^"]+"', "", one.text) for one in answers)
    assert foreign == missing


def test_a_post_without_the_forms_token_is_refused(world, enter):
    client = enter("alice")
    answers = {str(r): client.open(**r.request(world, r.kinds[0])).status_code for r in ROUTES if r.method == "POST"}
    assert answers.pop("POST webhooks.braintree") == answers.pop("POST mail_stops.update") == 200
    assert set(answers.values()) == {400}, answers


OTHER_METHODS = ("PUT", "PATCH", "DELETE", "TRACE")


def test_other_methods_are_refused(world, enter):
    client = enter("alice")
    for route in ROUTES:
        path = route.request(world, route.kinds[0])["path"]
        answers = {method: client.open(path, method=method).status_code for method in OTHER_METHODS}
        assert set(answers.values()) == {405}, (route, answers)


@pytest.mark.parametrize("path", ["/outbox", "/demo-gateway/hosted-fields", "/demo-gateway/"])
def test_demo_routes_exist_only_in_the_demo(config, gateway, clock, cast, path):
    live = create_app(config.replace(environment="sandbox"), gateway=gateway, clock=clock)
    assert live.test_client().get(path).status_code == 404


def test_a_role_without_paying_is_looked_up_for_every_request(world, app, enter):
    alice = enter("alice")
    with app.extensions["database"].connection_context():
        views = Role.get(name="Customer Center (view only)")
        Access.update(role=views).where(Access.user == world.cast.alice).execute()
    assert alice.get("/payments/new", query_string={"invoice": world.invoice_id("cedar")}).status_code == 403
