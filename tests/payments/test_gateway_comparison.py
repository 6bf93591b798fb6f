"""The gateway's books against ours: what the nightly audit finds and alerts."""

import pytest

from app.models import Attempt, Audit


def alerts_about(event: str) -> list[dict]:
    return [line.facts for line in Audit.alerts(0) if line.event == event]


@pytest.mark.parametrize("wrong", [{"status": "disputed"}, {"amount": "10.005"}, {"currency": "JPY", "amount": "1.50"}])
def test_unreadable_transaction_is_alerted_and_the_others_are_compared(portal, wrong):
    portal.pay(portal.invoice())
    voided = portal.live()[0]["id"]
    portal.gateway.void(voided)
    portal.clock.advance(minutes=1)
    portal.pay(portal.invoice())
    portal.demo.faults.add("altered_response", on="fetch", times=None, **wrong)
    portal.audit()
    portal.audit()
    (alert,) = alerts_about("payment.unreadable")
    assert alert["transaction"] == portal.live()[0]["id"]
    assert Attempt.get(Attempt.transaction_id == voided).settlement == Attempt.VOIDED


def test_charge_with_an_unreadable_answer_to_find_is_alerted(portal):
    portal.pay(portal.invoice())
    portal.demo.faults.add("search_lag", times=None, seconds=86_400)
    portal.demo.faults.add("altered_response", on="find", times=None, status="disputed")
    portal.audit()
    assert [alert["transaction"] for alert in alerts_about("payment.unreadable")] == [portal.live()[0]["id"]]


def test_a_silent_gateway_ends_the_audit(portal):
    portal.pay(portal.invoice())
    portal.demo.faults.add("search_lag", times=None, seconds=86_400)
    portal.demo.faults.add("lost_response", on="find", times=None)
    with pytest.raises(Exception, match="No usable answer"):
        portal.audit()
    assert portal.alerts() == []


def change(portal, transaction_id, **values):
    """A transaction is changed at the gateway."""
    with portal.demo.store.writing():
        record = portal.demo.ledger.find(transaction_id)
        portal.demo.ledger.save({**record, **values})


def test_polling_compares_the_amount_too(portal):
    portal.pay(portal.invoice())
    change(portal, portal.live()[0]["id"], amount_minor=9_000)
    portal.clock.advance(minutes=5)
    portal.poll()
    assert portal.alerts() == ["payment.mismatch"]
