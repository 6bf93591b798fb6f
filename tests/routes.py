"""Every route of the portal: who may open it, what it takes, and requests to try it with.

A route that is missing here fails tests/test_route_access.py. `world` is a company in the middle of
its work: Cedar (Alice, Bob, Vera, Nora) and Fennel (Charlie) each owe one invoice and have paid one.
"""

from datetime import date, timedelta

from app.bookkeeping.formats import PLAIN
from app.bookkeeping.runs import export
from app.company.logo import read_logo
from app.mail import unsubscribe
from app.models import (
    Company,
    CompanyLogo,
    PaymentElsewhere,
    PaymentLink,
    ReceivedPayment,
    UnmatchedCharge,
    public_id,
)
from app.models.audit import Actor
from tests import people as persons
from tests.conftest import NOON
from tests.ledger import (  # noqa: F401 (handed on to the tests)
    CUSTOMER,
    HTMX,
    LOGIN,
    MISSING,
    OBJECTS,
    PUBLIC,
    STAFF,
    Route,
    World,
)
from tests.payments.conftest import fields_of
from tests.people import invoice
from tests.route_ledger import (
    bookkeeping,
    customers,
    documents,
    health,
    imports,
    mail,
    notices,
    oversight,
    people,
    setup,
    transactions,
    unmatched,
)


def build(app, cast, log_in, demo_gateway) -> World:
    """Make the world; the payments go through the pay page and the gateway."""
    owners = {"cedar": cast.cedar, "fennel": cast.fennel}
    with app.extensions["database"].connection_context():
        due = date(2026, 11, 30)
        CompanyLogo.keep(read_logo(persons.PIXEL), Actor("", NOON))
        entered = {"source": "manual"}
        unpaid = {who: invoice(c, f"INV-{who.upper()}-1", 12300, due, **entered) for who, c in owners.items()}
        paid = {who: invoice(c, f"INV-{who.upper()}-2", 4500, due) for who, c in owners.items()}
        other = invoice(cast.cedar, "INV-CEDAR-3", 900, due, paid_elsewhere_minor=900)
        values = {"customer": cast.cedar, "received_on": date(2026, 11, 20), "currency": "USD", "amount_minor": 900}
        check = ReceivedPayment.create(
            public_id=transactions.RECEIVED_ID, method="check", actor="", recorded_ms=1, **values
        )
        PaymentElsewhere.create(
            invoice=other,
            customer=cast.cedar,
            amount_minor=900,
            paid_on=date(2026, 11, 20),
            listed_on=date(2026, 11, 20),
            reference="Check 1041",
            received_payment=check,
        )
        UnmatchedCharge.create(
            transaction_id="unmatched1", order_id="cc-" + "0" * 24, amount_minor=100, currency="USD", looked_ms=1
        )
        imports.build(app)
    payers = {"cedar": cast.alice, "fennel": cast.charlie}
    payments = {who: pay(log_in(payers[who]), one.public_id) for who, one in paid.items()}
    with app.extensions["database"].connection_context():
        export(PLAIN, Company.current(), Actor(cast.ruth.email, NOON, "http://localhost"))
    sold = demo_gateway.transactions()[0]["id"]
    with app.extensions["database"].connection_context():
        token = PaymentLink.issue(unpaid["cedar"], Actor("ruth@harborpine.example", NOON, ""), timedelta(days=30))
    stops = {
        what: unsubscribe.url(app.config["PORTAL"], what, cast.cedar.public_id, cast.alice.email).rpartition("/")[2]
        for what in ("reminders", "statements")
    }
    return World(cast, unpaid, paid, payments, demo_gateway.webhook("dispute_opened", sold), token, stops)


def pay(client, *ids, nonce="fake-valid-visa-nonce") -> str:
    """Pay these invoices in full; the payment's reference."""
    page = client.get("/payments/new", query_string={"invoice": ids}).get_data(as_text=True)
    response = client.post("/payments", data={**fields_of(page), "payment_method_nonce": nonce})
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.location.rpartition("/")[2]


NEW_PASSWORD = {"password": "Amber-Kettle-77-drums", "current_password": "not hers"}
LIST_FIELDS = ("customer", "view", "q", "dated", "since", "until", "sort", "after", "before", "invoice")

ROUTES = (
    Route("static", "GET", "/static/css/app.css", PUBLIC, fields=("v",), is_page=False),
    Route("home.index", "GET", "/", LOGIN),
    Route("accounts.login", "GET", "/login", PUBLIC, fields=("next",)),
    Route(
        "accounts.login",
        "POST",
        "/login",
        PUBLIC,
        form={"email": "unknown@x.example", "password": "x"},
        fields=("email", "password", "next", "csrf_token"),
        changes_session=True,
    ),
    Route("accounts.logout", "POST", "/logout", LOGIN, changes_session=True, fields=("csrf_token",)),
    Route("accounts.forgot", "GET", "/forgot", PUBLIC),
    Route("accounts.forgot", "POST", "/forgot", PUBLIC, form={"email": "unknown@x.example"}, fields=("email",)),
    Route("accounts.open_reset", "GET", lambda w, k: f"/reset/{'a' * 43}", PUBLIC),
    Route("accounts.open_welcome", "GET", lambda w, k: f"/welcome/{'a' * 43}", PUBLIC),
    Route("accounts.reset", "GET", "/reset", PUBLIC),
    Route("accounts.reset", "POST", "/reset", PUBLIC, form=NEW_PASSWORD, fields=("password",), changes_session=True),
    Route("accounts.welcome", "GET", "/welcome", PUBLIC),
    Route(
        "accounts.welcome", "POST", "/welcome", PUBLIC, form=NEW_PASSWORD, fields=("password",), changes_session=True
    ),
    Route("accounts.new_link", "POST", "/welcome/links", PUBLIC),
    Route("accounts.account", "GET", "/account", LOGIN),
    Route("accounts.password", "GET", "/account/password", LOGIN),
    Route(
        "accounts.password",
        "POST",
        "/account/password",
        LOGIN,
        form=NEW_PASSWORD,
        fields=("password", "current_password"),
        changes_session=True,
    ),
    Route("accounts.theme", "POST", "/account/theme", LOGIN, form={"theme": "dark"}, fields=("theme",)),
    Route("accounts.end_sessions", "POST", "/account/sessions", LOGIN, fields=("session",), changes_session=True),
    Route(
        "memberships.customer",
        "POST",
        "/account/customer",
        LOGIN,
        OBJECTS,
        changes_session=True,
        form=lambda w, k: {"number": w.number(k)},
        fields=("number", "next"),
    ),
    Route("invoices.index", "GET", "/invoices", args={"view": "all"}, fields=LIST_FIELDS),
    Route("invoices.export_list", "GET", "/invoices/export.csv", fields=LIST_FIELDS, is_page=False),
    Route(
        "invoices.selected",
        "GET",
        "/invoices/selected",
        fields=("invoice",),
        args=lambda w, k: {"invoice": [one.public_id for one in w.open.values()]},
    ),
    Route("invoices.show", "GET", lambda w, k: f"/invoices/{w.invoice_id(k)}", CUSTOMER, OBJECTS),
    Route("documents.listed", "GET", "/invoices/export.zip", fields=LIST_FIELDS, is_page=False),
    Route("payments.export_list", "GET", "/payments/export.csv", fields=("customer",), is_page=False),
    Route("payments.index", "GET", "/payments", fields=("customer", "before", "after", "recorded")),
    Route(
        "payments.new",
        "GET",
        "/payments/new",
        CUSTOMER,
        OBJECTS,
        paying=True,
        args=lambda w, k: {"invoice": w.invoice_id(k)},
        fields=("customer", "invoice", "all", "pay", "amount"),
    ),
    Route(
        "payments.split",
        "POST",
        "/payments/new",
        fields=("token", "shown", "all", "pay", "amount"),
        form=lambda w, k: pay_form(w, "cedar", pay="part", amount="1.00"),
    ),
    Route(
        "payments.create",
        "POST",
        "/payments",
        CUSTOMER,
        OBJECTS,
        paying=True,
        form=lambda w, k: pay_form(w, k),
        fields=("token", "shown", "all", "pay", "amount", "payment_method_nonce", "device_data"),
    ),
    Route("payments.show", "GET", lambda w, k: f"/payments/{w.reference(k)}", CUSTOMER, OBJECTS),
    Route("payments.send_receipt", "POST", lambda w, k: f"/payments/{w.reference(k)}/receipt", CUSTOMER, OBJECTS),
    Route(
        "webhooks.challenge",
        "GET",
        "/webhooks/braintree",
        PUBLIC,
        args={"bt_challenge": "0" * 20},
        fields=("bt_challenge",),
        is_page=False,
    ),
    Route(
        "webhooks.braintree",
        "POST",
        "/webhooks/braintree",
        PUBLIC,
        fields=("bt_signature", "bt_payload"),
        form=lambda w, k: dict(zip(("bt_signature", "bt_payload"), w.notice, strict=True)),
        is_page=False,
    ),
    Route("mail.index", "GET", "/outbox", PUBLIC),
    Route("mail.show", "GET", "/outbox/1", PUBLIC),
    Route("mail.html", "GET", "/outbox/1/html", PUBLIC),
)
ROUTES += (
    setup.ROUTES
    + customers.ROUTES
    + people.ROUTES
    + oversight.ROUTES
    + health.ROUTES
    + mail.ROUTES
    + notices.ROUTES
    + unmatched.ROUTES
    + documents.ROUTES
    + imports.ROUTES
    + bookkeeping.ROUTES
    + transactions.ROUTES
)


def pay_form(world: World, kind: str, **more) -> dict:
    shown = f"{world.invoice_id(kind)}:12300:USD"
    return {"token": public_id(24), "shown": shown, "payment_method_nonce": "", "device_data": "", **more}
