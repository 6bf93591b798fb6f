"""Passkeys as a second factor. tests/browser/test_passkeys.py does the same in Chromium."""

import hashlib
import html
import json
import re
import struct

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as b64

from app.models import Audit, Passkey, PasskeyChallenge, RecoveryCode, Session, User
from tests.conftest import csrf_of
from tests.people import PASSWORD
from tests.support.mailbox import mails_to

PAGE, CODE = "/account/two-factor", "/login/code"
ORIGIN, HOST = "http://localhost", "localhost"
ELSEWHERE = [{"origin": "https://evil.example"}, {"host": "evil.example"}]
NONSENSE = ["", "{}", "[]", "null", "x" * 30_000, '{"id": 1}', '{"id":"a","rawId":"a"}', "\x00", "[" * 5000]


class Device:
    """An authenticator that keeps one passkey. A test changes what it says."""

    def __init__(self):
        self.key, self.id, self.count = ec.generate_private_key(ec.SECP256R1()), b"i" * 32, 0
        self.origin, self.host = ORIGIN, HOST

    def client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def authenticator_data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def create(self, options: dict) -> str:
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        statement = {"fmt": "none", "attStmt": {}, "authData": self.authenticator_data(0x45) + attested}
        response = {
            "clientDataJSON": b64(self.client_data("webauthn.create", options["challenge"])),
            "attestationObject": b64(cbor2.dumps(statement)),
        }
        return self.credential(response)

    def get(self, options: dict) -> str:
        client = self.client_data("webauthn.get", options["challenge"])
        data = self.authenticator_data(0x05)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
        return self.credential(response)

    def credential(self, response: dict) -> str:
        found = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
        return json.dumps({**found, "clientExtensionResults": {}})


@pytest.fixture
def device():
    return Device()


def options_of(response) -> dict:
    page = response.get_data(as_text=True)
    return json.loads(html.unescape(re.search(r'data-options="([^"]*)"', page)[1]))


def post(client, path, on=PAGE, **fields):
    token = csrf_of(client.get(on).get_data(as_text=True))
    return client.post(path, data={"csrf_token": token, **fields})


def begin(client, name="My phone", password=PASSWORD):
    return post(client, "/account/passkeys", name=name, password=password)


def add(client, device, name="My phone"):
    credential = device.create(options_of(begin(client, name)))
    return post(client, "/account/passkeys/add", credential=credential)


def begin_login(client):
    return options_of(post(client, "/login/passkey", on=CODE))


def answer(client, credential, **fields):
    return post(client, "/login/passkey/answer", on=CODE, credential=credential, **fields)


@pytest.fixture(params=["alice", "ruth"])
def who(request, cast):
    return getattr(cast, request.param)


@pytest.fixture
def halfway(log_in, cast, device):
    """Alice's browser after the password: she has a passkey."""
    assert add(log_in(cast.alice), device).status_code == 200
    return log_in(cast.alice)


def test_passkey_is_asked_for_after_the_password_and_logs_in(log_in, who, device):
    first = log_in(who)
    assert "Your recovery codes" in add(first, device).get_data(as_text=True)
    assert first.get(PAGE).status_code == 200 and RecoveryCode.left(who.id) == 10
    client = log_in(who)
    front = "/setup" if who.is_administrator else "/invoices"
    assert client.get(front).location.startswith(CODE)
    response = answer(client, device.get(begin_login(client)), next="/account")
    assert response.location == "/account" and client.get("/account").status_code == 200
    assert Passkey.get(user=who).sign_count == 2


def test_customer_without_a_passkey_is_asked_for_nothing(log_in, cast):
    assert log_in(cast.alice).get("/invoices").status_code == 200


def test_adding_is_audited_emailed_and_ends_other_sessions(log_in, cast, device):
    other, here = log_in(cast.alice), log_in(cast.alice)
    add(here, device)
    assert Audit.last("passkey_added").facts == {"name": "My phone"}
    assert "A passkey was added" in mails_to(cast.alice.email)[-1].text
    assert other.get("/account").status_code == 303
    assert [session.second_factor for session in Session.select().where(Session.user == cast.alice)] == [True]


def test_adding_needs_the_password(log_in, cast):
    response = begin(log_in(cast.alice), password="wrong")
    assert response.status_code == 422 and not PasskeyChallenge.select().exists()
    assert "The password is incorrect" in response.get_data(as_text=True)


@pytest.mark.parametrize("change", ELSEWHERE)
def test_passkey_of_another_site_is_not_added(log_in, cast, device, change):
    vars(device).update(change)
    assert add(log_in(cast.alice), device).status_code == 303
    assert not Passkey.select().exists() and not RecoveryCode.select().exists()


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_is_not_added_and_does_not_log_in(halfway, log_in, cast, credential):
    begin_login(halfway)
    assert answer(halfway, credential).status_code == 422
    bob = log_in(cast.bob)
    begin(bob)
    assert post(bob, "/account/passkeys/add", credential=credential).status_code == 303
    assert not Passkey.select().where(Passkey.user == cast.bob).exists()


def test_challenge_works_once(halfway, log_in, cast, device):
    credential = device.get(begin_login(halfway))
    assert answer(halfway, credential).status_code == 303
    again = log_in(cast.alice)
    begin_login(again)
    assert answer(again, credential).status_code == 422


def test_challenge_is_used_up_by_whatever_answers_it(halfway, cast, clock):
    begin_login(halfway)
    session = Session.select().where(Session.user == cast.alice).order_by(Session.id.desc()).get()
    taken = [PasskeyChallenge.take(session.id, PasskeyChallenge.LOG_IN, clock()) for _ in range(2)]
    assert taken[0] is not None and taken[1] is None


def test_challenge_of_another_session_does_not_count(halfway, log_in, cast, device):
    credential = device.get(begin_login(halfway))
    other = log_in(cast.alice)
    assert answer(other, credential).status_code == 422


def test_challenge_expires(halfway, device, clock):
    credential = device.get(begin_login(halfway))
    clock.advance(minutes=6)
    assert answer(halfway, credential).status_code == 422


@pytest.mark.parametrize("change", [*ELSEWHERE, {"count": 0}, {"id": b"z" * 32}])
def test_answer_that_is_not_this_passkeys_on_this_site_is_refused(halfway, device, change):
    options = begin_login(halfway)
    vars(device).update(change)
    assert answer(halfway, device.get(options)).status_code == 422
    assert halfway.get("/invoices").location.startswith(CODE)


def test_answer_of_another_key_is_refused(halfway, device):
    options = begin_login(halfway)
    device.key = ec.generate_private_key(ec.SECP256R1())
    assert answer(halfway, device.get(options)).status_code == 422


def test_passkey_of_another_person_does_not_log_in(halfway, log_in, cast, device):
    theirs = Device()
    theirs.id = b"b" * 32
    add(log_in(cast.bob), theirs)
    assert answer(halfway, theirs.get(begin_login(halfway))).status_code == 422


def test_five_wrong_answers_lock_it(halfway, device, cast):
    for _ in range(4):
        begin_login(halfway)
        assert answer(halfway, "{}").status_code == 422
    begin_login(halfway)
    assert answer(halfway, "{}").status_code == 429
    assert answer(halfway, device.get(begin_login(halfway))).status_code == 429
    assert Audit.last("code_locked").subject == f"user:{cast.alice.email}"


def test_recovery_code_takes_its_place(log_in, cast, device):
    page = add(log_in(cast.alice), device).get_data(as_text=True)
    code = re.findall("<code>(.{4}-.{5}-.{5})</code>", page)[0]
    client = log_in(cast.alice)
    assert "One of your recovery codes" in client.get(CODE).get_data(as_text=True)
    assert post(client, CODE, on=CODE, code="123456").status_code == 422
    assert post(client, CODE, on=CODE, code=code).status_code == 303 and client.get("/invoices").status_code == 200


def test_new_recovery_codes_need_the_password_alone(log_in, cast, device):
    client, change = log_in(cast.alice), f"{PAGE}/change"
    first = re.findall("<code>(.{4}-.{5}-.{5})</code>", add(client, device).get_data(as_text=True))
    page = client.get(PAGE).get_data(as_text=True)
    assert "then confirm with a passkey" in page and "New recovery codes" in page
    wrong = post(client, change, wish="codes", password="wrong")
    assert wrong.status_code == 422 and "The password is incorrect" in wrong.get_data(as_text=True)
    assert post(client, change, wish="device", password=PASSWORD).status_code == 404
    new = post(client, change, wish="codes", password=PASSWORD).get_data(as_text=True)
    codes = re.findall("<code>(.{4}-.{5}-.{5})</code>", new)
    assert len(codes) == 10 and not {*codes} & {*first}
    client = log_in(cast.alice)
    assert post(client, CODE, on=CODE, code=first[0]).status_code == 422
    assert post(client, CODE, on=CODE, code=codes[0]).status_code == 303


def test_without_a_second_factor_there_are_no_recovery_codes(log_in, cast):
    client = log_in(cast.alice)
    assert "New recovery codes" not in client.get(PAGE).get_data(as_text=True)
    assert post(client, f"{PAGE}/change", wish="codes", password=PASSWORD).status_code == 404


def test_removing_needs_the_password_and_ends_the_second_factor(log_in, cast, device):
    client = log_in(cast.alice)
    add(client, device)
    number = str(Passkey.get().id)
    assert post(client, "/account/passkeys/remove", passkey=number, password="wrong").status_code == 422
    assert post(client, "/account/passkeys/remove", passkey=number, password=PASSWORD).status_code == 303
    assert not Passkey.select().exists() and RecoveryCode.left(cast.alice.id) == 0
    assert Audit.last("passkey_removed").facts == {"name": "My phone"}
    assert log_in(cast.alice).get("/invoices").status_code == 200


def test_passkey_of_another_person_is_not_removed(log_in, cast, device):
    add(log_in(cast.bob), device)
    response = post(log_in(cast.alice), "/account/passkeys/remove", passkey=str(Passkey.get().id), password=PASSWORD)
    assert response.status_code == 404 and Passkey.select().exists()


def test_renaming_is_audited_and_keeps_everything_else(log_in, cast, device):
    client = log_in(cast.alice)
    add(client, device)
    before = Passkey.get()
    response = post(client, "/account/passkeys/rename", passkey=str(before.id), name=" Old phone ")
    assert response.status_code == 303
    assert "The passkey is called Old phone now." in client.get(PAGE).get_data(as_text=True)
    assert Passkey.get().__data__ == before.__data__ | {"name": "Old phone"}
    assert Audit.last("passkey_renamed").facts == {"was": "My phone", "to": "Old phone"}
    assert client.get("/invoices").status_code == 200


@pytest.mark.parametrize(("name", "words"), [("", "Enter a name"), ("a\u202eb", "character"), ("x" * 300, "200")])
def test_a_name_that_cannot_be_is_refused_at_its_passkey(log_in, cast, device, name, words):
    client = log_in(cast.alice)
    add(client, device)
    response = post(client, "/account/passkeys/rename", passkey=str(Passkey.get().id), name=name)
    page = response.get_data(as_text=True)
    assert response.status_code == 422 and words in page and f'id="name-of-{Passkey.get().id}-e"' in page
    assert Passkey.get().name == "My phone"


def test_passkey_of_another_person_is_not_renamed(log_in, cast, device):
    add(log_in(cast.bob), device)
    response = post(log_in(cast.alice), "/account/passkeys/rename", passkey=str(Passkey.get().id), name="Mine")
    assert response.status_code == 404 and Passkey.get().name == "My phone"


def test_first_passkey_keeps_codes_while_another_factor_is_left(log_in, cast, device):
    client = log_in(cast.alice)
    add(client, device)
    other = Device()
    other.id = b"o" * 32
    assert add(client, other, "Key").location == PAGE
    number = str(Passkey.get(Passkey.name == "Key").id)
    post(client, "/account/passkeys/remove", passkey=number, password=PASSWORD)
    assert RecoveryCode.left(cast.alice.id) == 10 and Passkey.select().count() == 1


def test_console_removes_lost_passkeys(app, log_in, cast, device):
    add(log_in(cast.alice), device)
    assert app.test_cli_runner().invoke(args=["reset-two-factor", cast.alice.email]).exit_code == 0
    assert not Passkey.select().exists() and log_in(cast.alice).get("/invoices").status_code == 200


def test_outside_the_demo_a_passkey_is_enough_for_an_administrator(app, log_in, cast, device, config):
    app.config["PORTAL"] = config.replace(environment="sandbox")
    client = log_in(cast.ruth)
    assert client.get("/setup").location == PAGE
    add(client, device)
    assert client.get("/setup").status_code == 200


def test_network_address_offers_no_passkeys(app, log_in, cast, config):
    app.config["PORTAL"] = config.replace(portal_url="http://127.0.0.1:8000")
    client = log_in(cast.alice)
    assert "Add a passkey" not in client.get(PAGE).get_data(as_text=True)
    assert begin(client).status_code == 404


def test_erased_person_has_no_passkeys(app, log_in, cast, device):
    add(log_in(cast.alice), device)
    app.test_cli_runner().invoke(args=["erase-personal-data", cast.alice.email, "--yes"])
    assert not Passkey.select().exists() and User.by_email(cast.alice.email) is None
