"""Every switch in every position: what a customer is offered, what the server takes, and what the administrator
reads about it agree."""

from datetime import date
from itertools import product

import pytest

from app import create_app
from app.models import Access, Attempt, Company, Deployment, Invoice, Role, booking
from tests.conftest import csrf_of
from tests.people import PASSWORD, invoice

FEATURES = Company.FEATURES
STATES = {
    "open": {},
    "paid": {"open_minor": 0, "is_paid": True, "paid_elsewhere_minor": 8400},
    "processing": {"open_minor": 0, "processing_minor": 8400},
    "credit memo": {"kind": "credit_memo"},
    "other currency": {"currency": "EUR"},
}


class Portal:
    """The portal, with Alice logged in and Ruth's view of her record; switches are turned in the database."""

    def __init__(self, app, cast, documents, gateway):
        self.app, self.cast, self.documents, self.gateway = app, cast, documents, gateway
        self.tokens = []

    def turn(self, features, given, pays):
        Company.update(dict(zip(FEATURES, features, strict=True))).execute()
        name = Role.DEFAULT if pays else "Customer Center (view only)"
        Access.update(given=given, role=Role.get(name=name)).where(Access.user == self.cast.alice).execute()

    def log_in(self, user):
        client = self.app.test_client()
        page = client.get("/login").get_data(as_text=True)
        data = {"csrf_token": csrf_of(page), "email": user.email, "password": PASSWORD}
        assert client.post("/login", data=data).status_code == 303
        return client

    def sees(self, alice) -> dict[str, bool]:
        """{state: whether paying it is offered} on the list, its own page and the pay page, which must agree."""
        listed = alice.get("/invoices?view=all").get_data(as_text=True)
        found = {}
        for state, one in self.documents.items():
            page = alice.get(f"/invoices/{one.public_id}").get_data(as_text=True)
            offers = {
                f'id="pick-{one.public_id}"' in listed,
                "Pay this invoice" in page,
                'id="pay-form"' in alice.get(f"/payments/new?invoice={one.public_id}").get_data(as_text=True),
            }
            assert len(offers) == 1, (state, offers)
            found[state] = offers.pop()
        return found

    def takes(self, alice) -> dict[str, bool]:
        """{state: whether the gateway was charged} when the form is sent all the same; then all is as before."""
        token, found = csrf_of(alice.get("/account").get_data(as_text=True)), {}
        for state, one in self.documents.items():
            before = len(self.gateway.transactions())
            now = Invoice.get_by_id(one.id)
            shown = f"{one.public_id}:{now.open_minor}:{now.currency}"
            form = {
                "token": f"{len(self.tokens):024}",
                "shown": shown,
                "payment_method_nonce": "fake-valid-visa-nonce",
                "device_data": "",
                "csrf_token": token,
            }
            self.tokens.append(form["token"])
            answer = alice.post("/payments", data=form)
            assert answer.status_code < 500
            found[state] = len(self.gateway.transactions()) > before
        return found

    def explains(self, ruth) -> dict[str, bool]:
        """{state: whether the administrator reads that Alice can pay it}"""
        found = {}
        for state, one in self.documents.items():
            page = ruth.get(f"/customers/{self.cast.cedar.public_id}/invoices/{one.public_id}").get_data(as_text=True)
            found[state] = "Alice Okafor can pay" in page
        return found


@pytest.fixture
def documents(cast):
    Company.update(currencies="USD").execute()
    made = {}
    for state, values in STATES.items():
        currency = values.get("currency", "USD")
        made[state] = invoice(cast.cedar, f"INV-{state}", 8400, date(2026, 12, 1), currency=currency)
        Invoice.update({"kind": "invoice", **values}).where(Invoice.id == made[state].id).execute()
    return made


def expected(features, configured, given, pays) -> dict[str, bool]:
    """Only an open invoice in a currency that is taken, and only with everything on."""
    return {state: state == "open" and all(features) and configured and given and pays for state in STATES}


@pytest.mark.once
@pytest.mark.parametrize("configured", [True, False], ids=["gateway", "no gateway"])
def test_offer_acceptance_and_explanation_agree(config, gateway, clock, cast, documents, demo_gateway, configured):
    keys = {} if configured else {"merchant_id": "", "public_key": "", "private_key": ""}
    app = create_app(config.replace(**keys), gateway=gateway, clock=clock, demo_gateway=demo_gateway)
    portal = Portal(app, cast, documents, demo_gateway)
    ruth = portal.log_in(cast.ruth)
    for features, given, pays in product(product((True, False), repeat=3), (True, False), (True, False)):
        portal.turn((True, True, True), True, True)
        alice = portal.log_in(cast.alice)
        portal.turn(features, given, pays)
        where = (features, configured, given, pays)
        wanted = expected(features, configured, given, pays)
        assert portal.explains(ruth) == wanted, where
        lets_in = features[FEATURES.index("customer_access")] and given
        if not lets_in:
            assert alice.get("/invoices").location.startswith("/login"), where
            continue
        assert portal.sees(alice) == wanted, where
        assert portal.takes(alice) == wanted, where
        take_back()


def take_back() -> None:
    """The open invoice is owed again: what paid it was voided."""
    for attempt in Attempt.select().where(Attempt.settlement == Attempt.SUBMITTED):
        booking.void(attempt, 0)


def test_after_a_restore_nothing_is_offered_or_taken(app, cast, documents, demo_gateway, clock):
    portal = Portal(app, cast, documents, demo_gateway)
    alice, ruth = portal.log_in(cast.alice), portal.log_in(cast.ruth)
    Deployment.hold(clock(), 0)
    nothing = dict.fromkeys(STATES, False)
    assert (portal.sees(alice), portal.takes(alice), portal.explains(ruth)) == (nothing, nothing, nothing)
