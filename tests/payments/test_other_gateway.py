"""Payments made at another gateway, like the demo's, are not looked up at this one."""

import pytest

from app import create_app
from app.models import Attempt, Invoice
from tests.gateway import in_process_gateway


@pytest.fixture
def sandbox(portal):
    """The same portal after its settings have changed: another merchant, which knows nothing of what was paid."""
    from braintree_emulator import Emulator

    other = Emulator(":memory:", clock=portal.clock, merchant_id="mine")
    portal.config = portal.config.replace(environment="sandbox", merchant_id="mine", gateway_url=None)
    return lambda: setattr(portal, "gateway", in_process_gateway(other, environment="sandbox"))


def test_comparison_and_polls_skip_attempts_of_another_gateway(portal, sandbox):
    portal.pay(portal.invoice())
    portal.demo.faults.add("lost_request")
    portal.pay(portal.invoice())
    sandbox()
    portal.clock.advance(days=1)
    assert (portal.reconcile(), portal.poll()) == (0, 0)
    portal.audit()
    assert portal.alerts() == []


def test_demo_payments_are_undone_on_request_and_invoices_reopen(portal, sandbox):
    paid, settled, waiting = (portal.invoice() for _ in range(3))
    portal.pay(settled)
    portal.clock.advance(hours=13)
    portal.poll()
    portal.pay(paid)
    portal.demo.faults.add("lost_request")
    portal.pay(waiting)
    sandbox()
    app = create_app(portal.config, gateway=portal.gateway, clock=portal.clock)
    for undone in (3, 0):
        result = app.test_cli_runner().invoke(args=["books", "undo-demo-payments", "--yes"])
        assert f"Undone: {undone} payments" in result.output, result.output
    app.extensions["database"].connect(reuse_if_open=True)
    assert all(i.open_minor == i.total_minor for i in Invoice) and not Attempt.made_in_demo().exists()
    assert portal.alerts() == []


def test_attempt_stores_its_gateway(portal):
    portal.pay(portal.invoice())
    assert Attempt.get().gateway == "demo:demo_merchant"
