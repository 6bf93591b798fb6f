"""What the tests of logging in share."""

import contextlib
import re
from types import SimpleNamespace

import pytest

from app.accounts.hashing import Hasher
from app.models import Audit, db
from tests.support.mailbox import last_link, mails_to  # noqa: F401 (for the tests beside)
from tests.support.pages import post_form
from tests.support.statements import listening

NEW = "Marble.tulip.93"


class CountingHasher(Hasher):
    """Does what a Hasher does, and writes down what it was asked for."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = []

    @contextlib.contextmanager
    def slot(self, address=""):
        with super().slot(address) as slot:
            yield CountedSlot(slot, self.asked)


class CountedSlot:
    def __init__(self, slot, asked):
        self.slot, self.asked = slot, asked

    def hash(self, password, fewer_rounds=0):
        self.asked.append("hash")
        assert not db.in_transaction()
        return self.slot.hash(password, fewer_rounds)

    def verify(self, password, stored):
        self.asked.append("verify")
        assert not db.in_transaction()
        return self.slot.verify(password, stored)


@pytest.fixture
def hasher(app, config):
    app.extensions["hasher"] = CountingHasher(config.secret_key, config.bcrypt_rounds)
    return app.extensions["hasher"]


class ActingHasher(Hasher):
    """Calls `act` while it verifies or hashes."""

    def __init__(self, config, work: str, act):
        super().__init__(config.secret_key, config.bcrypt_rounds)
        self.work, self.act = work, act

    @contextlib.contextmanager
    def slot(self, address=""):
        with super().slot(address) as one:
            work = getattr(one, self.work)
            yield SimpleNamespace(
                **{"verify": one.verify, "hash": one.hash, self.work: lambda *texts: (self.act(), work(*texts))[1]}
            )


@pytest.fixture
def during_hashing(app, config):
    """during_hashing(act): while new passwords are hashed, `act` happens."""
    return lambda act: app.extensions.update(hasher=ActingHasher(config, "hash", act))


@pytest.fixture
def during_check(app, config):
    """during_check(act): while passwords are checked, `act` happens."""
    return lambda act: app.extensions.update(hasher=ActingHasher(config, "verify", act))


@pytest.fixture
def send(client):
    """send("/login", email=…) fills in the form at that URL and sends it."""
    return lambda url, **data: send_form(client, url, **data)


def send_form(client, url, to=None, **data):
    return post_form(client, to or url, page=url, **data)


@contextlib.contextmanager
def kinds_of_statements():
    """Fills a list with the kinds of the SQL statements that were run: SELECT, INSERT, UPDATE, DELETE. Where savepoints
    begin and end is left out."""
    kinds = []

    def note(sql, _parameters):
        kind = sql.split()[0]
        if kind in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            kinds.append(kind)

    with listening(note):
        yield kinds


def without_token(response) -> str:
    """The page without its CSRF token, which holds the second in which it was made."""
    return re.sub('name="csrf_token" value="[^"]*"', "", response.get_data(as_text=True))


def events():
    return [line.event for line in Audit.select().order_by(Audit.id)]


def ask_for_link(client, email):
    """Forgot your password: the path of the link that comes by mail."""
    send_form(client, "/forgot", email=email)
    return last_link(email)
