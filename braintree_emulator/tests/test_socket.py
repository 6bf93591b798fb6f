"""Over a real socket, in real time."""

import http.client
import json
import threading
import time
from xml.parsers.expat import ExpatError

import pytest
import requests
from braintree import exceptions

SALE = {
    "amount": "10.00",
    "payment_method_nonce": "fake-valid-nonce",
    "order_id": "a",
    "options": {"submit_for_settlement": True},
}


def sell(sdk, **changes):
    return sdk.transaction.sale({**SALE, "options": dict(SALE["options"]), **changes})


def control(server, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request(method, path, body if isinstance(body, str | None) else json.dumps(body), headers or {})
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")


def test_the_sdk_sells_finds_and_voids(wire_sdk):
    sold = sell(wire_sdk).transaction
    assert wire_sdk.transaction.find(sold.id).order_id == "a"
    assert wire_sdk.transaction.void(sold.id).transaction.status == "voided"
    assert wire_sdk.client_token.generate()


@pytest.mark.parametrize(("name", "charged"), [("lost_request", 0), ("lost_response", 1), ("interrupted", 1)])
def test_the_connection_breaks_and_the_next_call_works(wire_sdk, wire_emulator, name, charged):
    sell(wire_sdk, order_id="before")
    wire_emulator.faults.add(name)
    began = time.monotonic()
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        sell(wire_sdk)
    assert time.monotonic() - began < 0.9
    assert len(wire_emulator.transactions("a")) == charged
    assert sell(wire_sdk, order_id="after").is_success


def test_a_slow_sale_is_processed_after_the_client_timed_out(wire_sdk, wire_emulator):
    wire_emulator.faults.add("slow", seconds=1.3)
    with pytest.raises(requests.exceptions.ReadTimeout):
        sell(wire_sdk)
    assert wire_emulator.transactions() == []
    time.sleep(0.6)
    assert len(wire_emulator.transactions("a")) == 1


def test_a_sale_in_flight_locks_its_nonce(wire_sdk, wire_emulator):
    card = wire_emulator.nonces.tokenize("4111111111111111", "12", "2040", "123")["nonce"]
    wire_emulator.faults.add("in_flight", seconds=0.9)
    first = threading.Thread(target=sell, args=(wire_sdk,), kwargs={"payment_method_nonce": card})
    first.start()
    while wire_emulator.nonces.find(card)["state"] == "fresh":
        time.sleep(0.01)
    refused = sell(wire_sdk, payment_method_nonce=card)
    first.join()
    assert [error.code for error in refused.errors.deep_errors] == ["91566"]
    assert len(wire_emulator.transactions()) == 1


@pytest.mark.parametrize(
    ("name", "error"),
    [("error_503", exceptions.ServiceUnavailableError), ("garbage", ExpatError), ("truncated", ExpatError)],
)
def test_errors_and_corrupted_bodies(wire_sdk, wire_emulator, name, error):
    wire_emulator.faults.add(name)
    with pytest.raises(error):
        sell(wire_sdk)


def test_the_controls(server, wire_sdk):
    assert control(server, "POST", "/emulator/faults", {"name": "error_503", "on": "sale"})[0] == 200
    with pytest.raises(exceptions.ServiceUnavailableError):
        sell(wire_sdk)
    control(server, "POST", "/emulator/faults", {"name": "slow", "options": {"seconds": 9}, "times": None})
    assert control(server, "POST", "/emulator/faults/clear") == (200, [])
    sold = sell(wire_sdk).transaction.id
    assert control(server, "POST", "/emulator/settle", {"id": sold})[1]["status"] == "settled"
    declined = control(server, "POST", "/emulator/settle", {"id": sold, "declined": True})[1]
    assert declined["status"] == "settlement_declined"
    assert [t["amount"] for t in control(server, "GET", "/emulator/transactions?order_id=a")[1]] == ["10.00"]
    notice = control(server, "POST", "/emulator/webhook", {"kind": "dispute_opened", "id": sold})[1]
    assert wire_sdk.webhook_notification.parse(notice["bt_signature"], notice["bt_payload"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/emulator/faults", {"name": "invented"}, 422),
        ("/emulator/faults", {}, 422),
        ("/emulator/faults", [], 422),
        ("/emulator/faults", "[" * 60_000, 422),
        ("/emulator/settle", {"id": "unknown"}, 404),
        ("/emulator/invented", {}, 404),
    ],
)
def test_invalid_controls_are_refused(server, path, body, status):
    assert control(server, "POST", path, body)[0] == status


def test_a_web_page_cannot_use_the_controls(server):
    assert control(server, "POST", "/emulator/faults/clear", {}, {"Origin": "https://evil.example"})[0] == 403
    assert control(server, "GET", "/emulator/transactions", None, {"Host": "evil.example"})[0] == 403


def test_it_listens_on_loopback_alone(server):
    assert server.server_address[0] == "127.0.0.1"
