"""The demo with another gateway on this machine: its API gets the card, the frames stay our own."""

import threading
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.payments.gateway.braintree_gateway import BraintreeGateway
from braintree_emulator import Emulator
from braintree_emulator.server import serve
from tests.browser import cards
from tests.browser.cards import answer_bank, bank, expect_receipt, field, pay_with, three_d_secure


@pytest.fixture
def other(clock):
    """A gateway in its own server, which says in its client tokens where it is."""
    other = Emulator(clock=clock)
    server = serve(other, 0)
    other.browser_url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield other
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def config(config, other):
    return config.replace(gateway_url=other.browser_url)


@pytest.fixture
def gateway(config):
    return BraintreeGateway.from_config(config)


@pytest.fixture
def pay_page(page, log_in_page, app, cast):
    log_in_page(page, cast.alice)
    cards.open_pay_page(page, cards.make_invoice(app, cast.cedar))
    return page


def test_its_api_gets_the_card(pay_page, other, demo_gateway):
    pay_with(pay_page, cards.VISA)
    expect_receipt(pay_page)
    assert [sale["status"] for sale in other.transactions()] == ["submitted_for_settlement"]
    assert demo_gateway.transactions() == []


def test_the_frames_are_our_own(pay_page, portal):
    expect(field(pay_page, "number")).to_be_editable()
    frames = [frame.url for frame in pay_page.frames if "hosted-fields" in frame.url]
    assert len(frames) == 3 and all(url.startswith(portal) for url in frames)


def test_its_bank_asks(pay_page, other):
    pay_with(pay_page, cards.CHALLENGED)
    expect(bank(pay_page).get_by_role("heading", name="Demo bank")).to_be_visible()
    asking = [frame.url for frame in pay_page.frames if "/bank/" in frame.url]
    assert urlsplit(asking[0]).port == urlsplit(other.browser_url).port
    answer_bank(pay_page, "Confirm payment")
    expect_receipt(pay_page)
    assert three_d_secure(other.transactions()[0]) == "authenticate_successful"
