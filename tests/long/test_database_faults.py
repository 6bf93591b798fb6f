"""The PostgreSQL server is restarted, cut off, or replaced by its standby while people pay: what was acknowledged
stays, no one is charged twice, and every attempt ends."""

import os
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from peewee import PeeweeException

from app.database import migrate, open_database
from app.models import Attempt, OutboxMail
from app.payments.checkout import Paid
from tests import people
from tests.conftest import FakeClock
from tests.sampling import SEED, times
from tests.support.clusters import CuttableProxy, clusters
from tests.support.invariants import LIVE
from tests.support.portal import DECLINED_VISA, VISA, Portal, make_config

pytestmark = pytest.mark.postgres
PAYERS = 6
PRESSES = 40  # at most, of one form
BREATH_SECONDS = 0.1  # between two payments of a person: many are under way at any moment all the same
# It says "committed" long before it writes, unless a session asks for more.
LAZY = "-c synchronous_commit=off -c wal_writer_delay=10s"


@pytest.fixture
def make_cluster(memory_folder):
    with clusters(memory_folder.parent) as make:
        yield make


def portal_at(url, folder, gateway_process) -> Portal:
    """A portal on an own server, whose gateway is a process."""
    config = make_config(folder, database_url=url)
    migrate(open_database(url))
    portal = Portal(config, gateway_process.demo, gateway_process.client(read_seconds=5), FakeClock(datetime.now(UTC)))
    portal.open()
    portal.cast = people.build(portal.clock(), "no password")
    portal.alice = portal.viewer(portal.cast.alice)
    return portal


class Payers:
    """People who pay one invoice after the other, and press Pay again with the same form until they have an answer."""

    def __init__(self, portal: Portal):
        self.portal, self.stop = portal, threading.Event()
        self.said: dict[str, str] = {}  # the last answer, by the form's token
        self.errors: Counter[str] = Counter()
        self.threads = [threading.Thread(target=self.pay, args=(number,)) for number in range(PAYERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def pay(self, number: int) -> None:
        draw = random.Random(f"{SEED}-{number}")
        while not self.stop.wait(BREATH_SECONDS):
            token = os.urandom(12).hex()
            invoice = self.until_answered(self.portal.invoice)
            card = draw.choice([VISA, VISA, VISA, DECLINED_VISA])
            self.said[token] = type(self.until_answered(self.press, invoice, token, card)).__name__

    def press(self, invoice, token, card):
        shown = self.portal.shown([invoice])
        return self.portal.pay(invoice, token=token, shown=shown, nonce=self.portal.nonce(card))

    def until_answered(self, work, *arguments):
        for _ in range(PRESSES):
            try:
                with self.portal.database.connection_context():
                    return work(*arguments)
            except PeeweeException as error:
                self.errors[type(error).__name__] += 1
                time.sleep(0.2)
        raise AssertionError(f"no answer after {PRESSES} tries")


def check_all(portal: Portal, payers: Payers, capsys, faults: int, began: float) -> None:
    portal.recover()
    portal.check_own()
    attempts = {attempt.token: attempt for attempt in Attempt.select()}
    live = Counter(charge["order_id"] for charge in portal.own_transactions() if charge["status"] in LIVE)
    paid = [token for token, said in payers.said.items() if said == "Paid"]
    assert paid, "nothing was paid"
    for token in paid:
        attempt = attempts.get(token)
        assert attempt, "acknowledged, and lost"
        assert (attempt.state, live[attempt.order_id]) == (Attempt.APPROVED, 1), "acknowledged, and lost"
    for token, said in payers.said.items():
        if said in ("CardDeclined", "NotCharged"):
            assert token not in attempts or not live[attempts[token].order_id], "said not charged, and charged"
    assert max(live.values()) == 1, "charged twice"
    by_invoice = Counter(line.invoice_id for attempt in attempts.values() for line in held_by(attempt, live))
    assert max(by_invoice.values()) == 1, "an invoice was paid twice"
    assert all(attempt.state not in (Attempt.CREATED, Attempt.SENT) for attempt in attempts.values())
    found = sum(live[attempt.order_id] for attempt in attempts.values()) - len(paid)
    with capsys.disabled():
        print(
            f"\n{faults} faults in {time.monotonic() - began:.0f} s: {len(payers.said)} forms answered"
            f" {dict(Counter(payers.said.values()))}, {sum(payers.errors.values())} presses met the fault,"
            f" {found} charges found afterwards"
        )


def held_by(attempt, live):
    return attempt.allocations if live[attempt.order_id] else ()


def test_a_server_that_is_restarted_again_and_again(make_cluster, tmp_path, gateway_process, capsys):
    draw, began, restarts = random.Random(SEED), time.monotonic(), times(few=3, many=50)
    cluster = make_cluster().make().start(LAZY)
    portal = portal_at(f"postgresql://portal@{cluster.address}/postgres", tmp_path, gateway_process)
    with Payers(portal) as payers:
        for _ in range(restarts):
            time.sleep(draw.uniform(0.2, 1.0))
            cluster.stop(draw.choice(["fast", "immediate", "immediate"]))
            time.sleep(draw.choice([0, 0.5]))
            cluster.start(LAZY)
        time.sleep(2)
    portal.close()
    portal.open()
    check_all(portal, payers, capsys, restarts, began)
    portal.close()


@pytest.mark.parametrize("options", ["", LAZY])
def test_payment_that_was_acknowledged_outlives_a_server_that_is_killed_at_once(
    make_cluster, tmp_path, gateway_process, options
):
    cluster = make_cluster().make().start(options)
    portal = portal_at(f"postgresql://portal@{cluster.address}/postgres", tmp_path, gateway_process)
    for number in range(1, 4):
        assert isinstance(portal.pay(portal.invoice()), Paid)
        cluster.kill()
        portal.close()
        cluster.start(options)
        portal.open()
        kept = Attempt.select().where(Attempt.state == Attempt.APPROVED)
        assert kept.count() == number, "acknowledged, and lost"
        assert OutboxMail.select().where(OutboxMail.key.startswith("receipt:")).count() == number
    portal.check_own()
    portal.close()


def test_stricter_and_weaker_settings_of_the_server(make_cluster, tmp_path):
    cluster = make_cluster().make().start()
    seen = {}
    for setting in ("off", "local", "remote_write", "on", "remote_apply"):
        cluster.sql(f"ALTER DATABASE postgres SET synchronous_commit = {setting}")
        database = open_database(f"postgresql://portal@{cluster.address}/postgres")
        with database.connection_context():
            seen[setting] = database.execute_sql("SHOW synchronous_commit").fetchone()[0]
        database.close_all()
    assert seen == {**{setting: setting for setting in seen}, "off": "on"}


def test_connections_that_are_cut_between_a_statement_and_its_answer(make_cluster, tmp_path, gateway_process, capsys):
    draw, began, cuts = random.Random(SEED), time.monotonic(), times(few=5, many=200)
    cluster = make_cluster().make().start()
    way = CuttableProxy(cluster.port)
    portal = portal_at(f"postgresql://portal@127.0.0.1:{way.port}/postgres", tmp_path, gateway_process)
    with Payers(portal) as payers:
        for _ in range(cuts):
            time.sleep(draw.uniform(0.1, 1.2))
            way.cut()
        time.sleep(2)
    assert way.cuts > cuts
    portal.close()
    portal.open()
    check_all(portal, payers, capsys, cuts, began)
    portal.close()
    way.close()


def test_a_standby_that_is_promoted_when_the_primary_dies(make_cluster, tmp_path, gateway_process, capsys):
    """The primary acknowledges nothing that its standby doesn't have; the URL names both hosts."""
    draw, began, promotions = random.Random(SEED), time.monotonic(), times(few=1, many=6)
    primary, standby = make_cluster().make().start(), make_cluster()
    hosts = f"{primary.address},{standby.address}"
    url = f"postgresql://portal@{hosts}/postgres?target_session_attrs=read-write"
    portal = portal_at(url, tmp_path, gateway_process)
    standby.copy_of(primary).start()
    primary.wait_for_standby()
    with Payers(portal) as payers:
        for _ in range(promotions):
            time.sleep(draw.uniform(1, times(few=2, many=5)))
            primary.stop("immediate")
            standby.promote()
            primary, standby = standby, primary
            standby.renew(primary)
            primary.wait_for_standby()
        time.sleep(2)
    portal.close()
    portal.open()
    check_all(portal, payers, capsys, promotions, began)
    portal.close()
