"""Two web servers and two workers at once, each of which may be killed: nothing is lost, nothing is charged twice."""

import random
import shutil
import time

from app.models import Attempt
from app.payments.checkout import FIRST_POLL_MS
from app.payments.quotes import CannotPay
from tests.long.test_kills import FAULTS, SEARCH_FAULTS, Kill
from tests.sampling import SEED, times
from tests.support.processes import LATE_SECONDS, PATIENT_SECONDS, closed, finish, start

LIVES = times(few=2, many=100)
PAYMENTS, ROUNDS = 4, 6
CALLS = ("inspect_nonce", "charge", "find_by_order", "find", "void")


def pay_some(portal, invoices, draw):
    for _ in range(PAYMENTS):
        chosen = draw.sample(invoices, draw.randint(1, 2))
        try:
            portal.pay(*chosen, viewer=draw.choice([portal.alice, portal.bob]), amount=draw.choice([None, 2_500]))
        except CannotPay:
            continue  # the other server was faster


def do_duties(portal, clock):
    """As a worker whose clock is ahead: it takes payments for stale that the web servers are at."""
    clock.advance(minutes=2)
    for _ in range(ROUNDS):
        portal.reconcile()
        portal.poll()
        clock.advance(milliseconds=2 * FIRST_POLL_MS)
        time.sleep(0.05)


def process(portal, gateway_process, seed, work):
    draw = random.Random(seed)

    def child():
        portal.open()
        portal.gateway, clock = gateway_process.client(), portal.clock
        if draw.random() < 0.5:
            Kill(draw, CALLS).arm(portal)
        work(draw, clock)

    return start(child)


def one_life(portal, gateway_process, seed) -> int:
    """How many processes were killed."""
    draw = random.Random(seed)
    gateway_process.clear_faults()
    invoices = [portal.invoice() for _ in range(3)]
    for name, options in filter(None, (draw.choice(FAULTS), draw.choice(FAULTS))):
        gateway_process.add_fault(name, **options)
    if search_fault := draw.choice(SEARCH_FAULTS):
        gateway_process.add_fault(search_fault[0], **{"on": "search", "times": 2, **search_fault[1]})
    web, worker = lambda mine, _clock: pay_some(portal, invoices, mine), lambda _mine, clock: do_duties(portal, clock)
    with closed(portal):
        children = [
            process(portal, gateway_process, f"{seed}-{n}", work) for n, work in enumerate((web, web, worker, worker))
        ]
        ends = [finish(*child) for child in children]
    assert all(status in (0, -9) for status, _ in ends), ends
    time.sleep(LATE_SECONDS)
    gateway_process.clear_faults()
    portal.gateway = gateway_process.client(read_seconds=PATIENT_SECONDS)
    portal.clock.advance(minutes=10)
    portal.recover()
    portal.check_own()
    return sum(status == -9 for status, _ in ends)


def test_two_web_servers_and_two_workers_lose_no_payment(make_portal, gateway_process):
    template, deaths, attempts = make_portal("template"), 0, 0
    template.close()
    for life in range(LIVES):
        portal = template.copied_to(f"several{life}")
        deaths += one_life(portal, gateway_process, f"{SEED}-{life}")
        attempts += Attempt.select().where(Attempt.state == Attempt.APPROVED).count()
        portal.close()
        shutil.rmtree(portal.config.instance)
    print(f"{LIVES} lives, {deaths} processes killed, {attempts} payments")
    assert attempts
