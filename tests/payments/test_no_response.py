"""Questions that are never answered: each costs half a minute, and none may hold up the others for ever."""

import pytest

from app.models import Attempt, Webhook
from app.payments.gateway.protocol import GatewayUnreachable
from app.payments.reconciliation import MAX_UNANSWERED


class Silent:
    """A gateway that never answers about these; it counts the questions."""

    def __init__(self, gateway, *about):
        self.gateway, self.about, self.asked = gateway, about, 0

    def __getattr__(self, name):
        method = getattr(self.gateway, name)
        if not callable(method):
            return method

        def call(*args):
            if args and args[0] in self.about:
                self.asked += 1
                raise GatewayUnreachable("no answer", no_response=True)
            return method(*args)

        return call


def lost(portal, count) -> list[Attempt]:
    for _ in range(count):
        portal.demo.faults.add("lost_response")
        portal.pay(portal.invoice())
    portal.clock.advance(minutes=2)
    return list(Attempt.select().order_by(Attempt.id))


def test_unanswered_search_does_not_block_other_attempts(portal):
    first, *_ = lost(portal, 3)
    portal.reconcile(Silent(portal.gateway, first.order_id))
    assert [a.state for a in Attempt.select().order_by(Attempt.id)] == ["sent", "approved", "approved"]


def test_round_ends_after_unanswered_questions_and_the_next_starts_with_the_rest(portal):
    attempts = lost(portal, MAX_UNANSWERED + 3)
    silent = Silent(portal.gateway, *(attempt.order_id for attempt in attempts[:-1]))
    portal.reconcile(silent)
    assert silent.asked == MAX_UNANSWERED
    portal.clock.advance(minutes=2)
    portal.reconcile(silent)
    assert Attempt.get_by_id(attempts[-1].id).state == Attempt.APPROVED


def paid(portal, count) -> list[str]:
    for _ in range(count):
        portal.pay(portal.invoice())
    return [attempt.transaction_id for attempt in Attempt.select().order_by(Attempt.id)]


def test_unanswered_poll_does_not_block_other_attempts(portal):
    charges = paid(portal, MAX_UNANSWERED + 2)
    for charge in charges:
        portal.demo.settle(charge)
    portal.gateway = Silent(portal.gateway, *charges[:-1])
    for _ in range(2):
        portal.clock.advance(minutes=5)
        portal.poll()
    assert Attempt.get(Attempt.transaction_id == charges[-1]).settlement == Attempt.SETTLED


def test_unanswered_notices_do_not_block_others(portal):
    charges = paid(portal, MAX_UNANSWERED + 1)
    for charge in charges:
        Webhook.store(charge, "transaction_settled", charge, "", 0)
        portal.demo.settle(charge)
    portal.gateway = Silent(portal.gateway, *charges[:-1])
    Webhook.update(received_ms=int(portal.clock().timestamp() * 1000)).execute()
    for _ in range(2):
        portal.clock.advance(seconds=5)
        portal.handle_webhooks()
    assert [notice.transaction_id for notice in Webhook.unhandled().order_by(Webhook.id)] == charges[:-1]


def test_the_comparison_looks_at_the_others_before_it_fails(portal):
    charges = paid(portal, 3)
    portal.gateway.void(charges[-1])
    portal.demo.faults.add("search_lag", seconds=86_400)
    portal.gateway = Silent(portal.gateway, charges[0])
    with pytest.raises(GatewayUnreachable):
        portal.audit()
    assert Attempt.get(Attempt.transaction_id == charges[-1]).settlement == Attempt.VOIDED
