"""What every payment test starts from: Cedar's invoices, and a customer's steps through the pay page."""

import json
import re
from dataclasses import dataclass
from datetime import date
from html import unescape

import pytest

from app.models import Company
from tests.people import invoice
from tests.support.pages import text_of, title_of  # noqa: F401 (for the tests beside)
from tests.support.payment_fixtures import gateway_process, make_portal, memory_folder, portal  # noqa: F401 (fixtures)

VISA = "fake-valid-visa-nonce"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass
class Invoices:
    """Cedar owes late ($600.00), then due ($1,186.50), then next ($324.00); fennel is Charlie's."""

    late: object
    due: object
    next: object
    fennel: object


@pytest.fixture
def owed(app, cast):
    with app.extensions["database"].connection_context():
        return Invoices(
            late=invoice(cast.cedar, "INV-1037", 60000, date(2026, 10, 18)),
            due=invoice(cast.cedar, "INV-1041", 118650, date(2026, 11, 13)),
            next=invoice(cast.cedar, "INV-1048", 32400, date(2026, 12, 3)),
            fennel=invoice(cast.fennel, "INV-2001", 50000, date(2026, 11, 30)),
        )


@pytest.fixture
def make_invoice(app):
    """make_invoice(cast.cedar, "INV-1", 1000, currency="JPY"), due today unless it says otherwise."""

    def _make(customer, number, total_minor, due_on=date(2026, 11, 22), **more):
        with app.extensions["database"].connection_context():
            return invoice(customer, number, total_minor, due_on, **more)

    return _make


@pytest.fixture
def bank_details(app):
    """bank_details(USD="Wharf Bank"): how to pay by bank transfer."""

    def _bank_details(**by_currency):
        with app.extensions["database"].connection_context():
            Company.update(bank_details=json.dumps(by_currency)).execute()

    return _bank_details


@pytest.fixture
def in_locale(app):
    """in_locale(cast.cedar, "de_DE"): what the customer's people read and type is German."""

    def _in_locale(customer, locale):
        with app.extensions["database"].connection_context():
            type(customer).update(locale=locale).where(type(customer).id == customer.id).execute()

    return _in_locale


@pytest.fixture
def fresh(app):
    """fresh(row) is the row as the database has it now."""

    def _fresh(row):
        with app.extensions["database"].connection_context():
            return type(row).get_by_id(row.id)

    return _fresh


@pytest.fixture
def alice(log_in, cast):
    return log_in(cast.alice)


def pay_url(*invoices, **more):
    query = [f"invoice={one.public_id}" for one in invoices] + [f"{k}={v}" for k, v in more.items()]
    return "/payments/new?" + "&".join(query)


def fields_of(page: str) -> dict:
    """The hidden fields of the pay form, as a browser would send them."""
    form = page[page.index('id="pay-form"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)"[^>]*? value="([^"]*)"', form)
    fields = {name: unescape(value) for name, value in found if name != "shown"}
    return {**fields, "shown": [unescape(value) for name, value in found if name == "shown"]}


def open_form(client, *invoices, **more) -> dict:
    return fields_of(client.get(pay_url(*invoices, **more)).get_data(as_text=True))


def submit(client, fields, nonce=VISA, headers=None, **changes):
    data = {**fields, "payment_method_nonce": nonce, **changes}
    return client.post("/payments", data=data, headers=headers or {})


def pay(client, *invoices, nonce=VISA, **changes):
    """Open the pay page and pay: the response."""
    return submit(client, open_form(client, *invoices), nonce, **changes)
