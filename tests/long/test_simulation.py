"""A simulated life of the portal: hypothesis chooses what happens next, the invariants are checked after
every step, and at the end everything undecided must come to a decision.
"""

import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.models import Attempt, Invoice, Webhook
from app.payments.checkout import CardDeclined, NotCharged, Paid
from app.payments.gateway.protocol import GatewayUnreachable
from app.payments.quotes import CannotPay
from braintree_emulator import Emulator
from braintree_emulator.errors import Invalid
from tests.conftest import FakeClock
from tests.gateway import in_process_gateway
from tests.sampling import SEED, times
from tests.support.invariants import LIVE
from tests.support.portal import DECLINED_VISA, VISA, Died, DiesAt, Hooked, Portal, die

LIVES, STEPS = times(few=12, many=2_000), times(few=30, many=50)
BETWEEN = ("authorizing", "authorized", "settlement_pending", "held_for_review")
OVER = ("processor_declined", "gateway_rejected", "failed", "voided", "authorization_expired", "settlement_declined")
FAULTS = st.sampled_from(
    [
        *(("sale_status", {"status": status}) for status in (*BETWEEN, *OVER)),
        *(
            ("altered_response", wrong)
            for wrong in (
                {"id": None},
                {"missing": ["id"]},
                {"status": None},
                {"status": "authorizing"},
                {"amount": "abc"},
                {"status": "held_for_review", "on": "find"},
                {"amount": "1.005", "on": "fetch"},
                {"status": "authorized", "on": "fetch"},
                {"missing": ["status"], "on": "find"},
            )
        ),
        ("lost_request", {}),
        ("lost_response", {}),
        ("slow", {"when": "before", "seconds": 90}),
        ("slow", {"when": "during", "seconds": 45}),
        ("slow", {"when": "after", "seconds": 31}),
        ("error_500", {}),
        ("error_503", {"processed": True}),
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
        ("altered_sale", {"amount": "1.50"}),
        ("validation_error", {}),
        ("search_lag", {"on": "search", "seconds": 300}),
        ("search_down", {"on": "search"}),
        ("error_500", {"on": "find"}),
        ("garbage", {"on": "search"}),
        ("lost_response", {"on": "void"}),
    ]
)
DEATHS = st.one_of(
    st.none(),
    st.none(),
    st.tuples(st.just("clock"), st.integers(1, 5)),
    st.tuples(st.sampled_from(["before", "after"]), st.sampled_from(["charge", "find_by_order", "void", "find"])),
)


class WrongClock:
    """The portal's clock, which may be set wrong; the gateway's, `right`, is not."""

    def __init__(self):
        self.right, self.wrong_by = FakeClock(), timedelta()

    def __call__(self):
        return self.right() + self.wrong_by

    def advance(self, **delta):
        self.right.advance(**delta)


class Life(RuleBasedStateMachine):
    """`template` is a migrated database to copy, `folder` where lives are lived."""

    template: Path
    folder: Path

    @initialize(with_key=st.booleans())
    def begin(self, with_key):
        self.home = Path(tempfile.mkdtemp(dir=self.folder))
        clock = WrongClock()
        demo = Emulator(":memory:", clock=clock.right)
        demo.settle_after = 12 * 3600
        gateway = in_process_gateway(demo)
        gateway.merchant_accounts, gateway.key_allowed = {"USD": "demo_usd"}, with_key
        self.portal = Portal.fresh(self.home, self.template, demo, gateway, clock)
        self.invoices = [self.portal.invoice(amount) for amount in (10_000, 4_300, 25_000)]
        self.ledger, self.audit, self.tokens = [], [], []

    def mortal(self, death, work):
        """Do `work(gateway, clock)`, which may die on the way; what it returned, None if it died."""
        portal, gateway, clock = self.portal, self.portal.gateway, self.portal.clock
        if death and death[0] == "clock":
            clock = DiesAt(clock, death[1])
        elif death:
            gateway = Hooked(gateway, **{death[0]: {death[1]: die}})
        try:
            return work(gateway, clock)
        except Died:
            portal.close()
            portal.open()
        except CannotPay:
            pass
        return None

    @rule(
        which=st.sets(st.integers(0, 2), min_size=1),
        part=st.sampled_from([None, None, 150, 5_000, 99_900]),
        card=st.sampled_from([VISA, VISA, DECLINED_VISA]),
        who=st.sampled_from(["alice", "bob"]),
        again=st.booleans(),
        death=DEATHS,
    )
    def pay(self, which, part, card, who, again, death):
        shown = self.portal.shown([self.invoices[number] for number in which])
        token = self.tokens[-1] if again and self.tokens else f"token{len(self.tokens)}"
        self.tokens.append(token)
        said = self.mortal(
            death,
            lambda gateway, clock: self.portal.pay(
                viewer=getattr(self.portal, who),
                shown=shown,
                amount=part,
                nonce=self.portal.nonce(card),
                token=token,
                gateway=gateway,
                clock=clock,
            ),
        )
        self.believe(said, token)

    @rule(number=st.integers(0, 2), amount=st.integers(100, 4_000), death=DEATHS)
    def pay_a_part(self, number, amount, death):
        self.pay({number}, amount, VISA, "alice", False, death)

    @rule(number=st.integers(0, 2), credit=st.integers(1, 3_000))
    def pay_what_the_books_have_just_changed(self, number, credit):
        invoice = self.invoices[number]
        shown = self.portal.shown([invoice])
        self.books_credit(number, credit)
        changed = self.portal.shown([invoice]) != shown
        said = self.mortal(None, lambda gateway, clock: self.portal.pay(shown=shown, gateway=gateway))
        assert not (changed and isinstance(said, Paid)), "charged for a balance that had changed"

    def believe(self, said, token):
        """What the customer reads is true."""
        attempt = Attempt.by_token(token)
        live = [c for c in self.portal.demo.transactions(attempt.order_id if attempt else "") if c["status"] in LIVE]
        if isinstance(said, Paid):
            assert said.attempt.state == Attempt.APPROVED
        if isinstance(said, CardDeclined | NotCharged):
            assert not live, "said not charged, and charged"

    @rule(number=st.integers(0, 2), credit=st.integers(1, 3_000))
    def books_credit(self, number, credit):
        Invoice.update(credited_minor=Invoice.credited_minor + credit).where(
            Invoice.id == self.invoices[number].id, Invoice.total_minor - Invoice.credited_minor > credit
        ).execute()
        Invoice.rebalance(Invoice.id == self.invoices[number].id)

    @rule(fault=FAULTS, times=st.integers(1, 3))
    def break_something(self, fault, times):
        self.portal.demo.faults.add(fault[0], times=times, **fault[1])

    @rule(pause=st.sampled_from([5, 40, 70, 600, 7_200]))
    def wait(self, pause):
        self.portal.clock.advance(seconds=pause)

    @rule(days=st.sampled_from([-400, -1, 0, 1, 40]))
    def set_the_clock(self, days):
        self.portal.clock.wrong_by = timedelta(days=days)

    @rule(death=DEATHS)
    def reconcile(self, death):
        self.portal.clock.advance(seconds=70)
        portal = self.portal
        self.mortal(death, lambda gateway, clock: reconcile_with(portal, gateway, clock))

    @rule()
    def poll(self):
        self.portal.poll()

    @rule(late=st.booleans(), last=st.booleans())
    def settlement(self, late, last):
        """The bank settles, or declines at settlement, even late; or it is voided at the gateway."""
        charges = [charge for charge in self.portal.live() if late or charge["status"] != "settled"]
        if charges:
            demo, charge = self.portal.demo, charges[-1 if last else 0]
            demo.decline_settlement(charge["id"]) if late else demo.settle(charge["id"])

    @rule()
    def void_at_the_gateway(self):
        charges = [charge for charge in self.portal.live() if charge["status"] == "submitted_for_settlement"]
        if charges:
            with self.portal.demo.store.writing():
                self.portal.demo.ledger.void(charges[-1]["id"])

    @rule(number=st.integers(0, 5), status=st.sampled_from([*BETWEEN, *OVER, "settled", "submitted_for_settlement"]))
    def move_by_hand(self, number, status):
        """A late decline, a hand in the Control Panel: whatever is not over yet becomes anything else."""
        charges = [c for c in self.portal.demo.transactions() if c["type"] == "sale" and c["status"] not in OVER]
        if charges:
            self.portal.demo.move(charges[number % len(charges)]["id"], status)

    @rule(number=st.integers(0, 5))
    def refund_a_part_by_hand(self, number):
        settled = [charge for charge in self.portal.live() if charge["status"] == "settled"]
        if settled:
            with suppress(Invalid):  # all of it has been refunded
                self.portal.demo.refund(settled[number % len(settled)]["id"], "0.50")

    @rule()
    def compare_at_night(self):
        with suppress(GatewayUnreachable):
            self.portal.audit()

    @rule(number=st.integers(0, 5), times=st.integers(1, 3), handled=st.booleans())
    def webhook(self, number, times, handled):
        """A notice about any charge, in any order, once or several times, or lost."""
        charges = self.portal.demo.transactions()
        if charges:
            charge = charges[number % len(charges)]
            for copy in range(times):
                Webhook.store(f"{charge['id']}{number}{copy // 2}", "transaction_settled", charge["id"], "", 0)
        if handled:
            self.portal.handle_webhooks()

    @invariant()
    def books_are_right(self):
        if hasattr(self, "portal"):
            books = self.portal.check(recovered=False)
            assert books.ledger[: len(self.ledger)] == self.ledger, "the ledger was rewritten"
            assert books.audit[: len(self.audit)] == self.audit, "the audit log was rewritten"
            self.ledger, self.audit = books.ledger, books.audit

    def teardown(self):
        if not hasattr(self, "portal"):
            return
        try:
            self.portal.demo.faults.clear()
            self.portal.clock.wrong_by = timedelta()
            self.portal.clock.advance(days=3)
            for number, charge in enumerate(self.portal.demo.transactions()):
                if charge["status"] in BETWEEN:  # nothing stays undecided for ever
                    self.portal.demo.move(charge["id"], ("settled", "processor_declined")[number % 2])
            self.portal.recover()
            self.portal.check()
        finally:
            self.portal.close()
            shutil.rmtree(self.home)


def reconcile_with(portal, gateway, clock):
    real, portal.clock = portal.clock, clock
    try:
        portal.reconcile(gateway)
    finally:
        portal.clock = real


@pytest.mark.parametrize("part", range(times(few=3, many=10)))
def test_books_are_right_after_any_order_of_events(empty_database, memory_folder, part):
    Life.template, Life.folder = empty_database, memory_folder
    few = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    run_state_machine_as_test(seed(f"{SEED}-{part}")(Life), settings=few)
