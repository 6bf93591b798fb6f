"""What administrators are told about payments, through the worker."""

import pytest

from app.models import Audit
from app.worker import Worker
from tests.payments.conftest import pay


@pytest.fixture
def chore(app):
    """chore("audit_daily") does that chore of the worker."""

    def _chore(*names):
        with app.extensions["database"].connection_context():
            for name in names:
                getattr(Worker(app), name)()

    return _chore


@pytest.fixture
def told(app):
    """told("payment.double"): the facts of every such alert."""

    def _told(event):
        with app.extensions["database"].connection_context():
            return [line.facts for line in Audit.alerts(0) if line.event == event]

    return _told


def test_people_are_told_once_when_the_audit_has_failed_for_two_days(alice, owed, chore, told, demo_gateway, clock):
    pay(alice, owed.late)
    demo_gateway.faults.add("search_down", times=None)
    for _ in range(4):
        chore("audit_daily")
        clock.advance(hours=12)
    assert told("payment.not_audited") == []
    for _ in range(3):
        chore("audit_daily")
        clock.advance(hours=12)
    assert len(told("payment.not_audited")) == 1


def test_without_any_charge_there_is_nothing_to_compare(chore, told, demo_gateway, clock):
    demo_gateway.faults.add("search_down", times=None)
    chore("audit_daily")
    clock.advance(days=3)
    chore("audit_daily")
    assert told("payment.not_audited") == []
