"""Ruth, and the form of a document."""

import pytest

from app.models import Invoice
from tests.conftest import csrf_of

NEW = "/transactions/sales/create-invoices"
MEMO = "/transactions/customers/issue-credit-memos"
LINES = {
    "description": ["Chairs", "Delivery", ""],
    "quantity": ["4", "", ""],
    "unit_price": ["125.50", "", ""],
    "line_amount": ["", "30.00", ""],
}
ENTRY = {"number": "HAND-1", "issued_on": "2026-11-22", "terms": "Net 30", "currency": "USD", "tax": "42.56", **LINES}


@pytest.fixture
def in_database(app):
    """Queries between requests open a connection by themselves; each request closes it."""
    database = app.extensions["database"]
    yield
    if not database.is_closed():
        database.close()


@pytest.fixture
def enter(ruth, cast):
    """enter(number="X") saves an invoice of Cedar's over $574.56 and is the answer."""

    def _enter(path=NEW, **changes):
        page = ruth.get(path, query_string={"customer": cast.cedar.public_id}).get_data(as_text=True)
        data = {**ENTRY, "customer": cast.cedar.public_id, "csrf_token": csrf_of(page), "do": "save", **changes}
        return ruth.post(path, data=data)

    return _enter


@pytest.fixture
def entered(enter, app):
    """The invoice HAND-1 of Cedar's."""
    assert enter().status_code == 303
    with app.extensions["database"].connection_context():
        return Invoice.get(Invoice.number == "HAND-1")
