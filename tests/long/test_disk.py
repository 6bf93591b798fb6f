"""The disk fills up, or the process dies in the middle of a write: nothing is lost, nothing is a lie.

RLIMIT_FSIZE in a forked child is a disk with that much room. By default the write that crosses it kills
the process (SIGXFSZ); with the signal ignored that write fails, as on a full disk.
"""

import os
import resource
import shutil
import signal
from collections import Counter

import pytest

from tests.sampling import times
from tests.support.invariants import LIVE
from tests.support.processes import closed, run

pytestmark = pytest.mark.sqlite  # a server writes its files itself, in another process
DEATHS, FAILURES, RECOVERIES = times(few=10, many=60), times(few=8, many=40), times(few=4, many=12)
HONEST = {"BeingConfirmed", "NotCharged", "exception", "Paid"}


def pay_with_room(portal, gateway_process, room: int, ignore: bool, work) -> str:
    """`work()` in a child where no file grows beyond `room` bytes; what it said, '' if it died of it."""

    def child():
        portal.open()
        portal.gateway = gateway_process.client()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignore else signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        try:
            return type(work()).__name__
        except Exception:
            return "exception"

    with closed(portal):
        status, said = run(child)
    assert status in (0, -signal.SIGXFSZ), said
    return said


def room_needed(template, gateway_process) -> int:
    """How far the write-ahead log (or the journal) grows while paying, in bytes."""
    portal = template.copied_to("measured")

    def child():
        portal.open()
        portal.gateway = gateway_process.client()
        pay(portal)
        return os.path.getsize(f"{portal.path}-wal")

    portal.owed = portal.invoice()
    portal.card = portal.nonce()
    with closed(portal):
        status, said = run(child)
    portal.close()
    assert status == 0, said
    return int(said)


def pay(portal):
    return portal.pay(portal.owed, nonce=portal.card)


def one_life(portal, gateway_process, room, ignore) -> str:
    portal.owed, portal.card = portal.invoice(), portal.nonce()
    said = pay_with_room(portal, gateway_process, room, ignore, lambda: pay(portal))
    assert said in HONEST | ({""} if not ignore else set()), said
    portal.gateway = gateway_process.client()
    state = portal.check_own(recovered=False).attempt
    if said == "Paid":
        assert [attempt["state"] for attempt in state] == ["approved"], "said paid, and not in the books"
    portal.recover(audit=False)
    portal.check_own()
    assert len([charge for charge in portal.own_transactions() if charge["status"] in LIVE]) <= 1
    return said


@pytest.mark.parametrize(("ignore", "points"), [(False, DEATHS), (True, FAILURES)], ids=["dies", "fails"])
def test_full_disk_at_any_write_loses_nothing(make_portal, gateway_process, ignore, points):
    template = make_portal("template")
    template.close()
    most, said = room_needed(template, gateway_process), Counter()
    for number in range(points):
        portal = template.copied_to(f"life{number}")
        said[one_life(portal, gateway_process, most * number // points, ignore)] += 1
        portal.close()
        shutil.rmtree(portal.config.instance)
    ended = said[""] if not ignore else said["exception"] + said["BeingConfirmed"]
    assert ended >= points // 2, f"the room was hardly ever too small: {said}"


def test_a_full_disk_while_recovering_loses_nothing(make_portal, gateway_process):
    template = make_portal("template")
    template.close()
    most = room_needed(template, gateway_process)
    for number in range(RECOVERIES):
        portal = template.copied_to(f"life{number}")
        gateway_process.add_fault("lost_response")
        portal.pay(portal.invoice())
        portal.clock.advance(minutes=2)
        pay_with_room(portal, gateway_process, most * number // RECOVERIES, number % 2 == 0, portal.reconcile)
        portal.recover(audit=False)
        portal.check_own()
        portal.close()
