"""The administrator's browser: forms are read from the page and sent as they are, but for what is changed."""

import pytest

from app.mail.compose import Mail
from app.models import Company, OutboxMail
from tests.ledger import HTMX
from tests.support.pages import fields_of, submit_form, text_of  # noqa: F401 (for the tests beside)

PARTIAL = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "partial"])
FEATURES = "/setup/company/enable-features?subtab="
ACCOUNTING = "/setup/accounting/preferences"
send = submit_form  # an earlier name


@pytest.fixture
def company(app):
    """company() is the row as the database has it; company(customer_access=False) sets it first."""

    def _company(**values):
        with app.extensions["database"].connection_context():
            if values:
                Company.update(values).execute()
            return Company.current()

    return _company


@pytest.fixture
def everything_off(company):
    company(credit_card_payments=False, customer_access=False, customers_can_pay_online=False)


@pytest.fixture
def emailed(app, clock):
    """emailed(person) is the New Access Notification Email to them, which the mail server has taken."""

    def _emailed(person, state=OutboxMail.SENT):
        with app.extensions["database"].connection_context():
            OutboxMail.queue(f"link:{person.email}", person.email, Mail("s", "t", "h"), clock(), kind="invitation")
            OutboxMail.update(state=state).where(OutboxMail.recipient == person.email).execute()

    return _emailed


def confirmed(client, response, action, headers=None):
    """Send the question that `response` asks back."""
    return client.post(action, data=fields_of(response.get_data(as_text=True), action), headers=headers or {})
