"""What the tests of customers and their access share."""

import html
import re

import pytest

from app.models import Access, Customer, User
from tests.conftest import csrf_of
from tests.support import pages
from tests.support.mailbox import mails_to  # noqa: F401 (for the tests beside)

NEW = "Marble.tulip.93"
MAYA = "maya@saltbox.example"


def unescaped(response) -> str:
    return html.unescape(response.get_data(as_text=True))


text_of, rendered = unescaped, pages.text_of  # earlier names, which some tests still import


@pytest.fixture
def saltbox(cast):
    """A customer with an email address and no users."""
    return Customer.create(number="90", name="Saltbox Kitchen", email=MAYA)


def send(client, url, **data):
    """Fill in the form of the page at `url` and send it, with the version that the page shows."""
    page = client.get(url).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    hidden = {"version": version[1]} if version else {}
    return client.post(url, data={"csrf_token": csrf_of(page), **hidden, **data})


@pytest.fixture
def save(ruth):
    """save("/customers/…/access", role="1", give="y") sends that page's form as Ruth."""
    return lambda url, **data: send(ruth, url, **data)


def access_of(customer) -> str:
    return f"/customers/{customer.public_id}/access"


def details_of(customer, **changes) -> dict:
    names = ("name", "email", "phone", "address", "locale")
    return {name: getattr(customer, name) for name in names} | changes


def given(customer, email) -> Access | None:
    user = User.by_email(email)
    return user and Access.get_or_none(user=user, customer=customer, given=True)
