"""Four processes with 25 threads each on one invoice: never over its total, and without an error for any customer."""

import os
import random
import threading
import time
from collections import Counter
from functools import partial

from app.models import Attempt
from tests.sampling import SEED, times
from tests.support.processes import closed, finish, start

ROUNDS = times(few=3, many=200)
PROCESSES, THREADS = 4, 25
FINE = {"Paid", "BeingConfirmed", "BalanceChanged", "CannotPay: nothing_open", "CannotPay: amount_too_high"}


def race(portal, gateway_process, jobs, begin):
    """In a child: all `jobs` at once, each in a thread with its own connection; what each came to."""
    portal.open()
    gateway = gateway_process.client(read_seconds=30)
    said = []

    def run(job):
        time.sleep(max(0, begin - time.time()))
        try:
            with portal.database.connection_context():
                said.append(type(portal.pay(gateway=gateway, **job)).__name__)
        except Exception as error:
            said.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return "\n".join(said)


def jobs_for(portal, invoices, draw):
    """Two colleagues in several tabs: in full, in part, one invoice or both, some forms sent twice."""
    tokens, jobs = [], []
    for _ in range(THREADS):
        chosen = draw.choice([invoices[:1], invoices])
        token = draw.choice(tokens) if tokens and draw.random() < 0.1 else os.urandom(12).hex()
        tokens.append(token)
        jobs.append(
            {
                "viewer": draw.choice([portal.alice, portal.bob]),
                "token": token,
                "shown": portal.shown(chosen),
                "amount": draw.choice([None, 2_500, 4_000]),
                "nonce": "fake-valid-visa-nonce",
            }
        )
    return jobs


def test_a_hundred_at_once_never_pay_more_than_there_is(make_portal, gateway_process):
    portal, draw, said = make_portal(), random.Random(SEED), Counter()
    for _ in range(ROUNDS):
        invoices = [portal.invoice(10_000), portal.invoice(3_000)]
        jobs = [jobs_for(portal, invoices, draw) for _ in range(PROCESSES)]
        begin = time.time() + 0.3
        with closed(portal):
            children = [start(partial(race, portal, gateway_process, mine, begin)) for mine in jobs]
            ends = [finish(*child) for child in children]
        assert all(status == 0 for status, _ in ends), ends
        round_said = Counter("\n".join(said for _, said in ends).splitlines())
        assert set(round_said) <= FINE, round_said
        assert round_said["Paid"] >= 1, round_said
        portal.check_own()
        said += round_said
    assert sum(said.values()) == ROUNDS * PROCESSES * THREADS


def test_a_form_that_several_processes_get_at_once_is_one_payment(make_portal, gateway_process):
    portal = make_portal()
    for number in range(ROUNDS):
        invoice, token = portal.invoice(10_000), os.urandom(12).hex()
        form = {"token": token, "shown": portal.shown([invoice]), "nonce": "fake-valid-visa-nonce"}
        begin = time.time() + 0.3
        with closed(portal):
            children = [start(partial(race, portal, gateway_process, [form] * 4, begin)) for _ in range(PROCESSES)]
            ends = [finish(*child) for child in children]
        said = Counter("\n".join(said for _, said in ends).splitlines())
        assert set(said) <= {"Paid", "BeingConfirmed", "BalanceChanged"} and said["Paid"] >= 1, said
        assert Attempt.select().where(Attempt.token == token).count() == 1
        assert sum(charge["amount_minor"] == 10_000 for charge in portal.own_transactions()) == number + 1
        portal.check_own()
