"""Notifications are hints: ten times, in any order, late or never, they lead to the same books."""

import itertools

import pytest

from app.clock import to_ms
from app.models import Allocation, Attempt, Webhook
from tests.sampling import sample


def store(portal, number, signature, payload) -> bool:
    notice = portal.gateway.notice(signature, payload)
    return Webhook.store(f"{number}-{hash(payload)}", notice.kind, notice.transaction_id, payload, 0)


def settled_then_declined(portal):
    """A charge that settled, was declined late, and five notices about its life."""
    portal.pay(portal.invoice())
    charge = Attempt.select().order_by(Attempt.id.desc()).get().transaction_id
    portal.demo.settle(charge)
    early = [portal.demo.webhook(kind, charge) for kind in ("transaction_settled", "transaction_disbursed")]
    portal.demo.decline_settlement(charge)
    late = [portal.demo.webhook(kind, charge) for kind in ("transaction_settlement_declined", "dispute_opened")]
    return [*early, *late, portal.demo.webhook("check")]


@pytest.mark.once
@pytest.mark.parametrize("copies", [1, 10])
def test_five_notices_in_every_order_end_the_same(portal, copies):
    orders = sample(list(itertools.permutations(range(5))), 24 if copies == 1 else 6, copies)
    for number, order in enumerate(orders):
        notices = settled_then_declined(portal)
        for place in order:
            for copy in range(copies):
                store(portal, f"{number}-{copy}", *notices[place])
            portal.handle_webhooks()
    ends = {(a.state, a.settlement, Allocation.of([a]).get().invoice.open_minor) for a in Attempt.select()}
    assert ends == {("approved", "failed", 10_000)} and Attempt.select().count() == len(orders)
    portal.check()


def test_a_notice_before_our_own_answer_changes_nothing_yet(portal):
    """It overtakes the answer to the charge: the attempt is young, so its process is still there."""
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    store(portal, 1, *portal.demo.webhook("transaction_settled", portal.live()[0]["id"]))
    portal.handle_webhooks()
    assert Attempt.get().state == Attempt.SENT
    portal.recover()
    portal.check()


def test_a_notice_about_a_lost_charge_finds_it(portal):
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.clock.advance(minutes=2)
    store(portal, 1, *portal.demo.webhook("transaction_settled", portal.live()[0]["id"]))
    portal.handle_webhooks()
    assert Attempt.get().state == Attempt.APPROVED
    portal.check()


def test_a_notice_waits_while_the_gateway_is_silent_but_not_for_ever(portal):
    portal.pay(portal.invoice())
    Webhook.store("one", "transaction_settled", portal.live()[0]["id"], "", to_ms(portal.clock()))
    portal.demo.faults.add("error_503", on="find", times=None)
    portal.handle_webhooks()
    assert Webhook.unhandled().count() == 1
    portal.clock.advance(days=2)
    portal.handle_webhooks()
    assert Webhook.unhandled().count() == 0
