"""A full run with marked secrets: passwords, tokens, nonces, card numbers and keys end up nowhere but
where they have to be."""

import logging
import quopri
import re
import time
from datetime import date
from types import SimpleNamespace

import pytest
from peewee import sqlite3

from app.accounts.hashing import hash_password
from app.mail.transport import Folder
from app.models import OutboxMail
from app.worker import Worker
from tests import people
from tests.conftest import csrf_of
from tests.gateway import in_process_gateway
from tests.payments.conftest import open_form, submit
from tests.support.mailbox import deliver_due

WRONG, NEW, WEAK = "Canary-Wrong-61-otter", "Canary-New-72-heron", "canary"
CARDS = {"paid": "4111111111111111", "declined": "4000111111111115", "lost": "5555555555554444"}
PRIVATE_KEY = "canary-private-key-0123456789abcdef"
STATES = ("created", "sent", "approved", "declined", "abandoned")
SECRET_KEY = "canary secret key that is long enough to be accepted"


@pytest.fixture
def config(config):
    return config.replace(private_key=PRIVATE_KEY, secret_key=SECRET_KEY)


@pytest.fixture
def demo_gateway(clock):
    from braintree_emulator import Emulator

    return Emulator(":memory:", clock=clock, private_key=PRIVATE_KEY)


@pytest.fixture
def gateway(demo_gateway):
    return in_process_gateway(demo_gateway)


@pytest.fixture
def cast(cast, app):
    with app.extensions["database"].connection_context():
        people.User.update(password_hash=hash_password(people.PASSWORD, SECRET_KEY, rounds=4)).execute()
    return cast


@pytest.fixture
def run(app, cast, clock, config, demo_gateway, caplog):
    """The whole of a working day; what it left behind, and the secrets that it used."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "peewee")  # its DEBUG is every statement with its values
    pages, secrets = [], {"private key": PRIVATE_KEY, "secret key": SECRET_KEY, "wrong": WRONG, "new": NEW}
    client = app.test_client()
    app.after_request(lambda response: keep(pages, response))
    type_passwords(client, cast)
    secrets["session"] = session_of(app, client)
    secrets |= pay_in_every_way(client, app, cast, demo_gateway)
    secrets["link"] = set_a_password(app, cast)
    clock.advance(minutes=3)
    Worker(app).run_due(time.monotonic())
    with app.extensions["database"].connection_context():
        deliver_due(Folder(config), clock())
    app.logger.info("the day is over")
    files = [readable(path) for path in (config.instance / "outbox").iterdir()]
    return SimpleNamespace(pages=pages, secrets=secrets, log=caplog.text, files=files, database=dump(config))


def readable(path) -> str:
    """A mail as text, without the random digits that separate its parts: some of them look like a card."""
    mail = re.sub(rb"={15}\d{19}==", b"", path.read_bytes())
    return quopri.decodestring(mail).decode("utf-8", "replace")


def keep(pages, response):
    if response.mimetype == "text/html":
        pages.append(response.get_data(as_text=True))
    return response


def type_passwords(client, cast):
    token = csrf_of(client.get("/login").get_data(as_text=True))
    for password in (WRONG, people.PASSWORD):
        client.post("/login", data={"csrf_token": token, "email": cast.alice.email, "password": password})
    token = csrf_of(client.get("/account/password").get_data(as_text=True))
    for current, new in ((WRONG, NEW), (people.PASSWORD, WEAK)):
        form = {"csrf_token": token, "current_password": current, "password": new}
        assert client.post("/account/password", data=form).status_code == 422


def session_of(app, client) -> str:
    """The session's own token, out of the signed cookie."""
    serializer = app.session_interface.get_signing_serializer(app)
    return serializer.loads(client.get_cookie("portal").value)["_user_id"]


def pay_in_every_way(client, app, cast, demo_gateway) -> dict:
    nonces = {}
    for number, (outcome, card) in enumerate(CARDS.items()):
        with app.extensions["database"].connection_context():
            due = date(2026, 11, 30)
            invoice = people.invoice(cast.cedar, f"INV-{number}", 200_000 if outcome == "declined" else 1_000, due)
        nonces[f"{outcome} nonce"] = demo_gateway.nonces.tokenize(card, "12", "2030", "123")["nonce"]
        if outcome == "lost":
            demo_gateway.faults.add("lost_response", on="sale")
        assert submit(client, open_form(client, invoice), nonces[f"{outcome} nonce"]).status_code in (303, 422)
    return nonces


def set_a_password(app, cast) -> str:
    client = app.test_client()
    token = csrf_of(client.get("/forgot").get_data(as_text=True))
    client.post("/forgot", data={"csrf_token": token, "email": cast.bob.email})
    with app.extensions["database"].connection_context():
        mail = OutboxMail.get(recipient=cast.bob.email)
        link = re.search(r"/reset/([\w-]{43})", mail.text)[1]
    page = client.get(f"/reset/{link}", follow_redirects=True).get_data(as_text=True)
    response = client.post("/reset", data={"csrf_token": csrf_of(page), "password": NEW})
    assert response.status_code == 303, response.get_data(as_text=True)
    return link


def dump(config) -> list[tuple[str, str]]:
    """(table, text) of every text in the database."""
    connection = sqlite3.connect(config.database_url.removeprefix("sqlite:///"))
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
    ]
    rows = ((table, row) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"'))
    return [(table, value) for table, row in rows for value in row if isinstance(value, str)]


def places(run) -> dict[str, str]:
    """{where: everything that is there}, the tables of the database each for itself."""
    found = {"log": run.log, "pages": "\n".join(run.pages), "mail": "\n".join(run.files)}
    for table, value in run.database:
        found[table] = found.get(table, "") + "\n" + value
    return found


def test_no_secret_is_left_where_it_does_not_belong(run):
    texts = places(run)
    assert len(run.pages) > 10 and len(run.files) >= 3 and "the day is over" in run.log and texts["attempt"]
    found = {(what, where) for what, secret in run.secrets.items() for where, text in texts.items() if secret in text}
    # The link was used before its mail was sent: the mail is canceled, and the link removed from it.
    assert found == set()


def test_no_card_number_is_anywhere(run):
    text = "\n".join(places(run).values())
    assert not [card for card in CARDS.values() if card in text]
    assert [number for number in re.findall(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", text) if luhn(number)] == []


def luhn(number: str) -> bool:
    digits = [int(c) for c in number if c.isdigit()][::-1]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def test_a_card_number_would_be_found():
    assert luhn("4111 1111 1111 1111") and not luhn("4111 1111 1111 1112")


def test_every_payment_of_the_run_was_decided(run):
    """Otherwise this file would prove little: a lost answer has to be resolved too."""
    states = [value for table, value in run.database if table == "attempt" and value in STATES]
    assert sorted(states) == ["approved", "approved", "declined"]


def test_wrong_keys_are_not_repeated_in_the_log(config, caplog, demo_gateway):
    from app.payments.gateway.braintree_gateway import BraintreeGateway
    from tests.gateway import WsgiTransport

    caplog.set_level(logging.DEBUG)
    gateway = BraintreeGateway(
        environment="demo",
        merchant_id="demo_merchant",
        public_key="demo_public_key",
        private_key="canary-wrong-key",
        gateway_url="http://127.0.0.1:1",
        http_strategy=WsgiTransport(demo_gateway.api),
    )
    lines = [f"{check.what} {check.detail}" for check in gateway.check()]
    assert lines and "canary" not in "\n".join(lines) + caplog.text
