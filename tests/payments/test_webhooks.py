"""/webhooks/braintree: genuine notices are kept and answered at once; nothing else gets in."""

import base64
import random
import re

import pytest

from app.models import Audit, Webhook
from braintree_emulator import webhooks
from tests.payments.conftest import pay

URL = "/webhooks/braintree"


@pytest.fixture
def notice(alice, owed, demo_gateway):
    """The form of a genuine notice about a payment of Alice's."""
    pay(alice, owed.late)
    transaction = demo_gateway.transactions()[0]
    signature, payload = demo_gateway.webhook("transaction_settled", transaction["id"])
    return {"bt_signature": signature, "bt_payload": payload}


@pytest.fixture
def kept(app):
    def _kept():
        with app.extensions["database"].connection_context():
            return list(Webhook.unhandled())

    return _kept


def test_a_genuine_notice_is_kept_for_the_worker(client, notice, kept, demo_gateway):
    assert client.post(URL, data=notice).status_code == 200
    (row,) = kept()
    assert (row.kind, row.transaction_id) == ("transaction_settled", demo_gateway.transactions()[0]["id"])


def test_the_same_notice_ten_times_is_kept_once(client, notice, kept):
    assert {client.post(URL, data=notice).status_code for _ in range(10)} == {200}
    assert len(kept()) == 1


def test_a_notice_without_its_last_line_break_is_the_same_notice(client, notice, kept):
    bare = {**notice, "bt_payload": notice["bt_payload"].rstrip("\n")}
    assert bare != notice
    assert {client.post(URL, data=data).status_code for data in (notice, bare)} == {200}
    assert len(kept()) == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"bt_signature": "x"},
        {"bt_payload": "x"},
        {"bt_signature": "", "bt_payload": ""},
        {"bt_signature": "demo_public_key|" + "0" * 40, "bt_payload": "PGE+"},
        {"bt_signature": "|", "bt_payload": "\0"},
        {"bt_signature": "a|b&c", "bt_payload": "ñ☃"},
        {"bt_signature": "demo_public_key|\x00", "bt_payload": "====\n"},
    ],
)
def test_forged_webhook_is_400(client, kept, cast, data):
    assert client.post(URL, data=data).status_code == 400
    assert kept() == []


def signed(demo_gateway, document: bytes) -> dict:
    payload = base64.encodebytes(document).decode()
    return {"bt_signature": webhooks.sign(demo_gateway, payload), "bt_payload": payload}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<notification>",
        b"not xml at all",
        b"<other/>",
        b"<notification><kind>new_kind</kind></notification>",
        b"<notification><subject/></notification>",
        bytes(range(256)),
        b"<notification><kind>dispute_opened</kind><subject><dispute><amount>x</amount></dispute></subject></notification>",
    ],
)
def test_a_genuine_notice_that_cant_be_read_is_kept_and_alerted(client, cast, kept, app, demo_gateway, document):
    for _ in range(2):
        assert client.post(URL, data=signed(demo_gateway, document)).status_code == 200
    assert len(kept()) == 1
    with app.extensions["database"].connection_context():
        assert [line.event for line in Audit.alerts(0)] == ["payment.notice_unreadable"]


def test_the_transaction_of_a_notice_that_cant_be_read_is_looked_up(client, kept, notice, demo_gateway):
    sold = demo_gateway.transactions()[0]["id"]
    document = base64.b64decode(notice["bt_payload"]).replace(b"<amount>600.00", b"<amount>six hundred")
    assert b"six hundred" in document
    assert client.post(URL, data=signed(demo_gateway, document)).status_code == 200
    assert [(row.kind, row.transaction_id) for row in kept()] == [("transaction_settled", sold)]


@pytest.mark.parametrize("amount", ["1e5000", "1e200000", "1e999990", "-1e5000", "0", "99999999999999999999", "NaN"])
def test_a_dispute_whose_amount_cant_be_kept_is_kept_and_alerted_without_it(
    client, notice, kept, app, demo_gateway, amount
):
    _, payload = demo_gateway.webhook("dispute_opened", demo_gateway.transactions()[0]["id"])
    document = re.sub(rb"(<amount(?:-disputed)?>)[^<]*", rb"\g<1>" + amount.encode(), base64.b64decode(payload))
    assert client.post(URL, data=signed(demo_gateway, document)).status_code == 200
    assert [row.kind for row in kept()] == ["dispute_opened"]
    with app.extensions["database"].connection_context():
        (line,) = Audit.alerts(0)
    assert line.event == "payment.dispute" and "amount_minor" not in line.facts


def test_a_changed_payload_or_signature_is_a_400(client, notice, kept):
    chance = random.Random(7)
    for name in ("bt_signature", "bt_payload"):
        for _ in range(150):
            text = notice[name].strip()
            at = chance.randrange(len(text))
            forged = text[:at] + chance.choice([c for c in "Zz9|&= " if c != text[at]]) + text[at + 1 :]
            assert client.post(URL, data={**notice, name: forged}).status_code == 400, forged
    assert kept() == []


def test_random_bytes_are_never_a_500(client, cast, kept):
    chance = random.Random(11)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""):
        for size in (0, 1, 50, 2000):
            body = b"bt_signature=%ff%ED%A0%80|&bt_payload=" + chance.randbytes(size)
            assert client.post(URL, data=body, content_type=kind).status_code == 400
    assert kept() == []


def test_a_notice_of_any_size_is_bounded(client, cast):
    data = {"bt_signature": "a|b", "bt_payload": "x" * 70_000}
    assert client.post(URL, data=data).status_code == 413


def test_the_address_check_is_answered_with_our_key(client, cast):
    response = client.get(f"{URL}?bt_challenge={'a1' * 10}")
    assert response.status_code == 200
    assert re.fullmatch(r"demo_public_key\|[0-9a-f]{40}", response.get_data(as_text=True))


@pytest.mark.parametrize("challenge", ["", "x", "a1" * 9, "%00" * 20, "%ED%A0%80", "a1" * 500, "<script>"])
def test_a_strange_challenge_is_a_400(client, cast, challenge):
    response = client.get(f"{URL}?bt_challenge={challenge}")
    assert response.status_code == 400 and "script" not in response.get_data(as_text=True)


def test_a_notice_changes_no_money_by_itself(client, notice, owed, fresh):
    before = fresh(owed.late).processing_minor
    client.post(URL, data=notice)
    assert fresh(owed.late).processing_minor == before == 60000
