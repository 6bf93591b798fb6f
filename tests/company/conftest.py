"""The administrator's browser: forms are read from the page and sent as they are, but for what is changed."""

import re
from html import unescape

import pytest

from app.mail.compose import Mail
from app.models import Company, OutboxMail
from tests.ledger import HTMX

PARTIAL = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "partial"])
FEATURES = "/setup/company/enable-features?subtab="
ACCOUNTING = "/setup/accounting/preferences"


@pytest.fixture
def ruth(log_in, cast):
    return log_in(cast.ruth)


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


def text_of(response) -> str:
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.get_data(as_text=True), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def fields_of(page: str, action: str) -> dict:
    """What a browser would send of the form with this action."""
    form = re.search(rf'<form[^>]* action="{re.escape(action)}".*?</form>', page, re.S)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and not ("checkbox" in tag and " checked" not in tag):
            fields[name[1]] = unescape(value[1]) if value else ""
    return fields


def send(client, url, action=None, headers=None, drop=(), **changes):
    """Open `url`, fill in its form and send it: the response."""
    action = action or url
    page = client.get(url).get_data(as_text=True)
    fields = {name: value for name, value in fields_of(page, action).items() if name not in drop}
    return client.post(action, data={**fields, **changes}, headers=headers or {})


def confirmed(client, response, action, headers=None):
    """Send the question that `response` asks back."""
    return client.post(action, data=fields_of(response.get_data(as_text=True), action), headers=headers or {})
