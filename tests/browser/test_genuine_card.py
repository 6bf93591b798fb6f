"""Braintree's own client.js, unmodified, on its own hosts, under the policy of the real pay page."""

import pytest
from playwright.sync_api import expect

from braintree_emulator import Emulator
from tests import people
from tests.browser import cards
from tests.browser.braintree_hosts import PORTAL, Hosts
from tests.browser.cards import (
    answer_bank,
    expect_not_taken,
    expect_receipt,
    field,
    pay_with,
    press_pay,
    three_d_secure,
)
from tests.conftest import csrf_of
from tests.gateway import in_process_gateway

API = {
    "sandbox": "https://api.sandbox.braintreegateway.com",
    "production": "https://api.braintreegateway.com",
}


@pytest.fixture
def environment(request):
    return getattr(request, "param", "production")


@pytest.fixture
def config(config, environment):
    keys = {"merchant_id": "real_merchant", "public_key": "real_public", "private_key": "real_private"}
    return config.replace(environment=environment, portal_url=PORTAL, gateway_url=None, **keys)


@pytest.fixture
def demo_gateway(clock, config, environment):
    return Emulator(
        clock=clock,
        mark_client_token=False,
        browser_url=API[environment],
        merchant_id=config.merchant_id,
        public_key=config.public_key,
        private_key=config.private_key,
    )


@pytest.fixture
def gateway(demo_gateway, environment):
    return in_process_gateway(demo_gateway, environment)


@pytest.fixture
def portal(app):
    """Nothing listens: the browser's requests are answered in this process."""
    return PORTAL


@pytest.fixture
def hosts(app, demo_gateway):
    return Hosts(app, demo_gateway.client_api)


@pytest.fixture
def pay_page(new_page, app, hosts, cast):
    page = new_page(viewport={"width": 1280, "height": 900})
    page.context.route("**/*", hosts.answer)
    form = hosts.portal.get("/login", base_url=PORTAL).get_data(as_text=True)
    data = {"csrf_token": csrf_of(form), "email": cast.alice.email, "password": people.PASSWORD}
    answer = hosts.portal.post("/login", base_url=PORTAL, data=data, headers={"Referer": f"{PORTAL}/login"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    cards.open_pay_page(page, cards.make_invoice(app, cast.cedar))
    return page


BOTH = pytest.mark.parametrize("environment", ["sandbox", "production"], indirect=True)


@BOTH
def test_the_genuine_scripts_take_a_card(pay_page, hosts, demo_gateway, environment):
    version = pay_page.evaluate("[braintree.client.VERSION, braintree.client.create.length]")
    pay_with(pay_page, cards.VISA)
    expect_receipt(pay_page)
    [sale] = demo_gateway.transactions()
    assert (str(sale["amount"]), version[0]) == ("1186.50", "3.144.0")
    assert API[environment].removeprefix("https://") in hosts.asked
    assert not pay_page.locator('script[src*="demo-gateway"]').count()


def test_pay_form_sends_device_data(pay_page):
    cards.type_card(pay_page)
    with pay_page.expect_request(lambda r: r.method == "POST" and r.url == f"{PORTAL}/payments") as sent:
        press_pay(pay_page)
    assert "correlation_id" in sent.value.post_data


def test_a_decline_keeps_the_card_fields(pay_page, demo_gateway):
    pay_with(pay_page, "4000111111111115")
    expect_not_taken(pay_page, "You have not been charged.")
    expect(field(pay_page, "number")).to_have_value("4000 1111 1111 1115")
    pay_with(pay_page, cards.VISA)
    expect_receipt(pay_page)


def test_a_bank_confirms_without_asking(pay_page, demo_gateway):
    pay_with(pay_page, cards.FRICTIONLESS)
    expect_receipt(pay_page)
    assert three_d_secure(demo_gateway.transactions()[0]) == "authenticate_successful"


@BOTH
def test_a_challenge_is_confirmed(pay_page, demo_gateway):
    pay_with(pay_page, cards.CHALLENGED)
    answer_bank(pay_page, "Confirm payment")
    expect_receipt(pay_page)
    assert three_d_secure(demo_gateway.transactions()[0]) == "authenticate_successful"


def test_a_challenge_is_canceled(pay_page, demo_gateway):
    pay_with(pay_page, cards.CHALLENGED)
    answer_bank(pay_page, "Cancel")
    expect_not_taken(pay_page, "You canceled the check.")
    assert demo_gateway.transactions() == []


def test_a_challenge_is_refused(pay_page, demo_gateway):
    pay_with(pay_page, cards.CHALLENGE_REFUSED)
    answer_bank(pay_page, "Confirm payment")
    expect_not_taken(pay_page, "Your bank did not confirm that it was you.")
    assert demo_gateway.transactions() == []
