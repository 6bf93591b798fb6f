"""A Payment Link to Cedar's invoice, and its holder's steps."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from app.models import PaymentLink
from app.models.audit import Actor
from tests.payments.conftest import VISA
from tests.people import invoice
from tests.support.payment_fixtures import gateway_process, make_portal, memory_folder, portal  # noqa: F401 (fixtures)

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def owed(app, cast):
    with app.extensions["database"].connection_context():
        return invoice(cast.cedar, "INV-1041", 118650, date(2026, 11, 30))


@pytest.fixture
def make_link(app, clock):
    def _make(owed, days=30):
        with app.extensions["database"].connection_context():
            return PaymentLink.issue(owed, Actor("ruth@harborpine.example", clock(), ""), timedelta(days=days))

    return _make


@pytest.fixture
def token(make_link, owed):
    return make_link(owed)


@pytest.fixture
def fresh(app):
    def _fresh(row):
        with app.extensions["database"].connection_context():
            return type(row).get_by_id(row.id)

    return _fresh


def open_card_page(client, token) -> dict:
    page = client.get(f"/pay/{token}/card").get_data(as_text=True)
    form = page[page.index('id="pay-form"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)"[^>]*? value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found} | {"email": "payer@elsewhere.example"}


def pay(client, token, fields, nonce=VISA, headers=None, **changes):
    data = {**fields, "payment_method_nonce": nonce, **changes}
    return client.post(f"/pay/{token}/card", data=data, headers=headers or {})
