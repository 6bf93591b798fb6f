"""kill -9 at any moment of paying and of recovering, with any fault of the gateway: nothing is lost."""

import random
import shutil
import time

import pytest

from app.models import Attempt
from tests.sampling import SEED, times
from tests.support.invariants import LIVE
from tests.support.portal import DECLINED_VISA, VISA, Hooked
from tests.support.processes import LATE_SECONDS, PATIENT_SECONDS, closed, kill_at_statement, kill_me, run

KILLS = times(few=20, many=200)
FAULTS = [
    None,
    ("lost_request", {}),
    ("lost_response", {}),
    ("slow", {"when": "before", "seconds": LATE_SECONDS}),
    ("slow", {"when": "during", "seconds": LATE_SECONDS}),
    ("slow", {"when": "after", "seconds": LATE_SECONDS}),
    ("error_500", {}),
    ("error_500", {"processed": True}),
    ("error_503", {}),
    ("error_408", {"processed": True}),
    ("error_429", {}),
    ("error_401", {}),
    ("garbage", {}),
    ("truncated", {}),
    ("empty", {}),
    ("html", {}),
    ("interrupted", {}),
    ("key_not_allowed", {}),
    ("charged_twice", {}),
]
SEARCH_FAULTS = [None, None, ("search_lag", {"seconds": 600}), ("search_down", {}), ("lost_response", {"on": "search"})]
CALLS = ("inspect_nonce", "charge", "find_by_order", "find", "void")


class Kill:
    """A moment to die at: before or after a call of the gateway, a call of the clock, or an SQL statement."""

    def __init__(self, draw: random.Random, calls):
        self.kind = draw.choice(["before", "after", "clock", "statement", "statement", "statement"])
        self.call, self.number = draw.choice(calls), draw.randint(1, 4)
        self.statement = draw.randint(1, 70)

    def arm(self, portal):
        if self.kind == "statement":
            kill_at_statement(portal, self.statement)
        elif self.kind == "clock":
            portal.clock = DiesAtCall(portal.clock, self.number)
        else:
            portal.gateway = Hooked(portal.gateway, **{self.kind: {self.call: kill_me}})

    def __repr__(self):
        return f"{self.kind} {self.call} {self.number} {self.statement}"


class DiesAtCall:
    def __init__(self, clock, calls):
        self.clock, self.calls = clock, calls

    def __call__(self):
        self.calls -= 1
        if self.calls == 0:
            kill_me()
        return self.clock()


def in_child(portal, gateway_process, kill, with_key, work):
    """Run `work` in a child that dies at `kill`; what it said, or '' when it did die."""

    def child():
        portal.open()
        portal.gateway = gateway_process.client()
        portal.gateway.key_allowed = with_key
        kill.arm(portal)
        return type(work()).__name__

    with closed(portal):
        status, said = run(child)
    assert status in (0, -9), said
    return said if status == 0 else ""


def one_life(portal, gateway_process, draw):
    """One payment with a fault and a kill, a recovery that may be killed too, and a look at the books.
    Returns how many processes died."""
    gateway_process.clear_faults()
    fault, search_fault = draw.choice(FAULTS), draw.choice(SEARCH_FAULTS)
    with_key = draw.random() < 0.7
    nonce = portal.nonce(draw.choice([VISA, VISA, VISA, DECLINED_VISA]))
    invoices = [portal.invoice() for _ in range(draw.randint(1, 3))]
    amount = draw.choice([None, None, 5_000])
    if fault:
        gateway_process.add_fault(fault[0], **fault[1])
    kills = [Kill(draw, CALLS[:2])]
    reply = in_child(
        portal,
        gateway_process,
        kills[0],
        with_key,
        lambda: portal.pay(*invoices, amount=amount, nonce=nonce),
    )
    deaths = reply == ""
    if search_fault:
        gateway_process.add_fault(search_fault[0], **{"on": "search", "times": 2, **search_fault[1]})
    for _ in range(draw.randint(0, 2)):
        portal.clock.advance(minutes=2)
        kills.append(Kill(draw, CALLS[1:]))
        deaths += in_child(portal, gateway_process, kills[-1], with_key, portal.reconcile) == ""
    if fault and fault[0] == "slow":
        time.sleep(LATE_SECONDS)
    portal.gateway = gateway_process.client()
    portal.gateway.key_allowed = with_key
    portal.recover(audit=False)
    gateway_process.clear_faults()
    portal.gateway = gateway_process.client(read_seconds=PATIENT_SECONDS)
    if fault == ("charged_twice", {}):
        portal.audit()
    try:
        portal.check_own()
        check_what_was_said(portal, reply)
    except AssertionError as broken:
        raise AssertionError(f"{broken} after {fault}, {search_fault}, {kills}, reply {reply!r}") from broken
    return deaths


def check_what_was_said(portal, reply: str):
    """What the customer read before the process died stays true."""
    # The gateway serves other lives too; the audit keeps their charges as unmatched ones of this portal.
    orders = {attempt.order_id for attempt in Attempt.select()}
    live = len(
        [charge for charge in portal.own_transactions() if charge["status"] in LIVE and charge["order_id"] in orders]
    )
    if reply == "Paid":
        assert live == 1, "said paid, and not charged"
    if reply in ("CardDeclined", "NotCharged"):
        assert live == 0, "said not paid, and charged"


@pytest.mark.parametrize("batch", range(times(few=3, many=10)))
def test_a_killed_process_loses_no_payment(make_portal, gateway_process, batch):
    draw = random.Random(f"{SEED}-{batch}")
    deaths = lives = 0
    template = make_portal("template")
    template.close()
    while deaths < KILLS:
        portal = template.copied_to(f"life{lives}")
        deaths += one_life(portal, gateway_process, draw)
        portal.close()
        shutil.rmtree(portal.config.instance)
        lives += 1
