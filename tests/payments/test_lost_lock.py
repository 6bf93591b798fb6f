"""The server ends the connection of a worker in the middle of a duty, and another worker begins the same one: the first
does nothing more."""

import threading

import pytest
from peewee import OperationalError

from app.models import Attempt, Audit, Deployment, Webhook
from app.payments.after_restore import compare_restored
from app.payments.settlement import handle_webhooks
from app.worker.schedule import Schedule, Task
from tests.payments.test_adoption import Restored
from tests.support import databases
from tests.support.portal import Hooked

pytestmark = pytest.mark.postgres
PAYMENTS = 5


class Counted(Hooked):
    """A gateway that counts its calls by name."""

    def __init__(self, gateway, **hooks):
        super().__init__(gateway, **hooks)
        self.calls = []

    def __getattr__(self, name):
        method = super().__getattr__(name)
        if not callable(method):
            return method

        def call(*args):
            self.calls.append(name)
            return method(*args)

        return call


def pid_of(database) -> int:
    return database.execute_sql("SELECT pg_backend_pid()").fetchone()[0]


def schedule_of(portal, name, gateway) -> Schedule:
    duty = {"handle_webhooks": handle_webhooks, "compare_restored": compare_restored}[name]
    return Schedule([Task(name, name, 5, lambda: duty(portal.cashier(gateway)))], portal.database, portal.clock, {})


def interrupted(portal, name, call):
    """Run the duty with a worker whose connection ends in its first `call` of the gateway, while another worker does
    it all; (the first worker, its gateway, the other's gateway)."""
    second = Counted(portal.gateway)
    other = schedule_of(portal, name, second)

    def end(*_):
        databases.on_server(f"SELECT pg_terminate_backend({pid_of(portal.database)}, 5000)")
        thread = threading.Thread(target=other.run_due, args=(0,))
        thread.start()
        thread.join(60)

    first = Counted(portal.gateway, after={call: end})
    worker = schedule_of(portal, name, first)
    portal.database.close()
    worker.run_due(0)
    portal.database.connect()
    return worker, first, second


@pytest.fixture
def paid(portal):
    """Paid and settled, and notifications about all of it."""
    for number in range(PAYMENTS):
        portal.pay(portal.invoice())
        charge = portal.live()[-1]["id"]
        portal.demo.settle(charge)
        Webhook.store(str(number), "transaction_settled", charge, "", 0)
    return portal


def test_notifications_are_left_to_the_worker_that_has_the_lock_now(paid):
    worker, first, second = interrupted(paid, "handle_webhooks", "find")
    assert first.calls == ["find"] and second.calls.count("find") == PAYMENTS
    assert worker.away_until_ticks > 0, "it did not notice"
    assert Webhook.unhandled().count() == 0
    assert [one.settlement for one in Attempt.select()] == [Attempt.SETTLED] * PAYMENTS
    assert Audit.select().where(Audit.event == "payment.settled").count() == PAYMENTS
    paid.check(recovered=False)


@pytest.mark.parametrize("call", ["between", "charge_lines"])
def test_comparison_after_a_restore_is_left_to_the_worker_that_has_the_lock_now(portal, call):
    disk = Restored(portal)
    invoices = [portal.invoice() for _ in range(PAYMENTS)]
    disk.back_up()
    for invoice in invoices:
        portal.pay(invoice)
    disk.restore()
    portal.clock.advance(minutes=3)
    worker, first, second = interrupted(portal, "compare_restored", call)
    assert first.calls.count("charge_lines") == (call == "charge_lines")
    assert second.calls.count("charge_lines") == PAYMENTS
    assert worker.away_until_ticks > 0, "it did not notice"
    assert not Deployment.is_held()
    assert Audit.select().where(Audit.event == "payment.adopted").count() == PAYMENTS
    portal.recover()
    portal.check()


def test_thread_with_a_lock_gets_no_other_connection(database):
    with database.try_lock("audit_daily") as has_lock:
        assert has_lock
        database.close()
        with pytest.raises(OperationalError, match="connection that held a lock"):
            Audit.select().count()
    assert Audit.select().count() == 0
    with database.try_lock("audit_daily") as has_lock:
        assert has_lock
