"""The real SDK against an emulator: without a socket (`sdk`) or over one (`wire_sdk`)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests

from braintree_emulator import Emulator
from braintree_emulator.server import serve
from braintree_emulator.testing import sdk_for


class FakeClock:
    """Time that moves only when a test advances it."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def emulator(clock):
    return Emulator(clock=clock)


@pytest.fixture
def sdk(emulator):
    return sdk_for(emulator)


@pytest.fixture
def sell(sdk):
    """sell("10.00", order_id="a") is the SDK's result of a sale, submitted for settlement."""

    def _sell(amount="10.00", nonce="fake-valid-nonce", options=None, **params):
        options = {"submit_for_settlement": True, **(options or {})}
        sale = {"amount": amount, "payment_method_nonce": nonce, "options": options, **params}
        return sdk.transaction.sale({k: v for k, v in sale.items() if v is not None})

    return _sell


@pytest.fixture
def nonce(emulator):
    """nonce() is a fresh nonce, by default for an ordinary Visa card."""

    def _nonce(number="4111111111111111", cvv="123", month="12", year="2030", **more):
        return emulator.nonces.tokenize(number, month, year, cvv, **more)["nonce"]

    return _nonce


@pytest.fixture
def server(monkeypatch):
    """The gateway on a socket, in real time. Proxies would be asked even for 127.0.0.1."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = serve(Emulator(), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wire_emulator(server):
    return server.app.emulator


@pytest.fixture
def wire_sdk(server, wire_emulator):
    return sdk_for(wire_emulator, server.port, timeout=(2, 1))


@pytest.fixture
def control(server):
    """control("POST", "settle", {"id": "…"}) calls one of the controls; returns its JSON, of an error too."""

    def _control(method, name, body=None):
        url = f"http://127.0.0.1:{server.port}/emulator/{name}"
        return requests.request(method, url, json=body, timeout=5).json()

    return _control


def codes(result) -> list[str]:
    return [error.code for error in result.errors.deep_errors]
