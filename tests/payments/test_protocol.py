"""Two at once, late, and out of order: the process that wakes up last must not damage what another one did."""

from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import IntegrityError, sqlite3

from app.models import Attempt, Company, Customer, Invoice, LedgerEntry, User
from app.payments.checkout import BalanceChanged, BeingConfirmed, NotCharged, Paid
from app.payments.declines import explain_decline
from app.payments.gateway.protocol import Charged, Declined, GatewayUnreachable
from app.payments.quotes import Balance, CannotPay
from tests.support.portal import DECLINED_VISA, Died, DiesAt, Hooked, ReplacedAnswer, die, unreachable


def test_a_payment_is_charged_once_and_the_books_agree(portal):
    invoice = portal.invoice(10_000)
    result = portal.pay(invoice)
    assert isinstance(result, Paid)
    portal.check(recovered=False)
    portal.recover()
    portal.check()
    assert [charge["amount_minor"] for charge in portal.live()] == [10_000]


def test_a_sleeper_that_wakes_to_a_used_nonce_does_not_undo_the_charge(portal):
    """It slept before its call; the reconciler charged instead and died before writing that down."""
    invoice = portal.invoice()

    def reconciler_charges_and_dies(*_args):
        portal.clock.advance(minutes=2)
        with pytest.raises(Died):
            portal.reconcile(Hooked(portal.gateway, after={"charge": die}))
        portal.gateway.key_allowed = False  # this merchant may not use api_request_key

    result = portal.pay(invoice, gateway=Hooked(portal.gateway, before={"charge": reconciler_charges_and_dies}))
    assert isinstance(result, BeingConfirmed)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1
    assert Attempt.get().state == Attempt.APPROVED


def test_sleeping_payer_reads_the_reconciled_charge(portal):
    def reconciler_charges(*_args):
        portal.clock.advance(minutes=2)
        portal.reconcile()

    result = portal.pay(portal.invoice(), gateway=Hooked(portal.gateway, before={"charge": reconciler_charges}))
    assert isinstance(result, Paid)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_payer_that_wakes_after_abandonment_charges_nothing(portal):
    """Paused between reserving and sending, for longer than the reconciler's patience."""
    clock, calls = portal.clock, iter(range(100))

    def slow_clock():
        if next(calls) == 1:
            portal.clock = clock
            clock.advance(minutes=2)
            portal.reconcile()
        return clock()

    result = portal.pay(portal.invoice(), clock=slow_clock)
    assert isinstance(result, NotCharged)
    portal.recover()
    portal.check()
    assert portal.live() == []


@pytest.mark.parametrize("delay", [timedelta(seconds=50), timedelta(minutes=30)])
def test_a_reconciler_never_resends_what_is_still_on_its_way_into_a_second_charge(portal, delay):
    portal.demo.faults.add("slow", when="during", seconds=delay.total_seconds())
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_two_workers_look_at_an_attempt_only_once(portal):
    portal.demo.faults.add("lost_request")
    portal.pay(portal.invoice())
    portal.clock.advance(minutes=2)
    charges = []

    def second_worker(*_args):
        portal.reconcile(Hooked(portal.gateway, before={"charge": charges.append}))

    portal.reconcile(Hooked(portal.gateway, before={"find_by_order": second_worker}))
    assert charges == []
    portal.recover()
    portal.check()


def test_a_decline_about_another_order_is_no_verdict(portal):
    """A misrouted answer: believing it would free the invoices while the card is charged."""
    invoice, other = portal.invoice(), portal.invoice(2_100_00)
    portal.pay(other, nonce=portal.nonce(DECLINED_VISA))
    strange = portal.gateway.find(portal.demo.transactions()[0]["id"])
    answer = ReplacedAnswer(portal.gateway, charge=lambda result: Declined(strange, "processor"))
    assert isinstance(portal.pay(invoice, gateway=answer), BeingConfirmed)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_an_answer_about_another_order_is_not_taken_for_a_charge(portal):
    portal.pay(portal.invoice())
    strange = portal.gateway.find(portal.live()[0]["id"])
    answer = ReplacedAnswer(portal.gateway, charge=lambda result: Charged(strange))
    assert isinstance(portal.pay(portal.invoice(), gateway=answer), BeingConfirmed)
    assert portal.alerts() == ["payment.mismatch"]
    portal.recover()
    portal.check()
    assert len(portal.live()) == 2


def test_search_result_with_foreign_charges_voids_nothing(portal):
    portal.pay(portal.invoice())
    portal.demo.faults.add("lost_request")
    portal.pay(portal.invoice())
    portal.clock.advance(minutes=2)
    portal.gateway._search = lambda *criteria: everything(portal)
    portal.reconcile()
    del portal.gateway._search
    portal.recover()
    portal.check()
    assert len(portal.live()) == 2


def everything(portal):
    return tuple(portal.gateway.find(charge["id"]) for charge in portal.demo.transactions())


def test_worker_that_dies_after_voiding_the_second_charge_noted_it_first(portal):
    portal.demo.faults.add("charged_twice")
    portal.demo.faults.add("lost_response")
    portal.gateway = ReplacedAnswer(portal.gateway, charge=unreachable)
    portal.pay(portal.invoice())
    portal.gateway = portal.gateway.gateway
    portal.clock.advance(minutes=2)
    with pytest.raises(Died):
        portal.reconcile(Hooked(portal.gateway, after={"void": die}))
    assert portal.alerts() == ["payment.double"]
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_a_charge_of_another_amount_is_voided_and_the_invoice_is_free_again(portal):
    invoice = portal.invoice(10_000)
    portal.demo.faults.add("altered_sale", amount="90.00")
    assert isinstance(portal.pay(invoice), BeingConfirmed)
    portal.recover()
    portal.check()
    assert portal.live() == [] and portal.alerts() == ["payment.mismatch"]
    assert isinstance(portal.pay(invoice), Paid)


def test_charge_of_another_amount_that_cant_be_voided_is_booked_and_alerted(portal):
    invoice = portal.invoice(10_000)
    portal.demo.faults.add("altered_sale", amount="90.00")
    portal.pay(invoice)
    portal.demo.settle(portal.live()[0]["id"])
    for _ in range(3):
        portal.clock.advance(minutes=2)
        portal.reconcile()
    assert sorted(portal.alerts()) == ["payment.mismatch", "payment.unapplied"]
    assert Attempt.get().reason == "mischarged" and LedgerEntry.get().amount_minor == 9_000
    assert "not been charged" not in explain_decline(Attempt.get()).text
    portal.check()


def test_a_charge_in_another_currency_is_not_taken(portal):
    portal.demo.faults.add("altered_sale", currency="EUR")
    assert isinstance(portal.pay(portal.invoice()), BeingConfirmed)
    portal.recover()
    portal.check()
    assert portal.live() == []


def test_a_refund_made_at_the_gateway_is_not_booked_as_money_received(portal):
    portal.pay(portal.invoice())
    charge = portal.live()[0]
    portal.demo.settle(charge["id"])
    with portal.demo.store.writing():
        portal.demo.ledger.refund(charge["id"], None, charge["order_id"])
    portal.audit()
    assert sum(line.amount_minor for line in LedgerEntry.select()) == 10_000
    assert portal.alerts() == ["payment.refunded"]


def test_a_leap_of_the_clock_does_not_give_up_a_charge_that_searches_dont_show_yet(portal):
    portal.demo.faults.add("lost_response")
    portal.demo.faults.add("search_lag", times=2, seconds=2 * 86_400)
    portal.pay(portal.invoice())
    portal.clock.advance(days=1)
    portal.reconcile()
    assert Attempt.get().state == Attempt.SENT
    portal.recover(minutes=(5, 20))
    portal.check()
    assert len(portal.live()) == 1


@pytest.mark.parametrize("leaps", [2, 3])
def test_leaps_of_the_clock_do_not_make_up_for_searches(portal, leaps):
    portal.gateway.key_allowed = False
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.demo.faults.add("search_lag", times=leaps, seconds=30 * 86_400)
    for _ in range(leaps):
        portal.clock.advance(days=1)
        portal.reconcile()
    assert Attempt.get().state == Attempt.SENT
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_attempt_from_before_a_clock_correction_is_reconciled(portal):
    portal.clock.advance(days=1)
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.clock.advance(days=-1)
    portal.reconcile()
    assert Attempt.get().state == Attempt.APPROVED


def test_settlements_are_polled_after_the_clock_was_set_back(portal):
    portal.clock.advance(days=1)
    portal.pay(portal.invoice())
    portal.gateway.void(portal.live()[0]["id"])
    portal.clock.advance(days=-1)
    portal.poll()
    assert Attempt.get().settlement == Attempt.VOIDED


def test_a_payment_that_was_never_sent_gives_its_reservation_back(portal):
    invoice = portal.invoice()
    with pytest.raises(Died):
        portal.pay(invoice, gateway=portal.gateway, token="a" * 24, clock=DiesAt(portal.clock, 2))
    assert Invoice.get_by_id(invoice.id).open_minor == 0
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().state == Attempt.ABANDONED and Invoice.get_by_id(invoice.id).open_minor == 10_000
    portal.recover()
    portal.check()


def test_failing_attempt_does_not_block_others(portal):
    for _ in range(2):
        portal.demo.faults.add("lost_response")
        portal.pay(portal.invoice())
    first = Attempt.select().order_by(Attempt.id).get()

    def fails_for_the_first(order_id):
        if order_id == first.order_id:
            raise RuntimeError("a bug")

    portal.clock.advance(minutes=2)
    hook = Hooked(portal.gateway, before={"find_by_order": fails_for_the_first})
    portal.reconcile(hook)
    assert [a.state for a in Attempt.select().order_by(Attempt.id)] == ["sent", "approved"]


def test_one_unreadable_attempt_goes_to_the_end_of_the_queue(portal):
    for _ in range(2):
        portal.demo.faults.add("lost_response")
        portal.pay(portal.invoice())
    first = Attempt.select().order_by(Attempt.id).get()

    class Unreadable(Hooked):
        def find_by_order(self, order_id):
            if order_id == first.order_id:
                raise GatewayUnreachable("an unknown status")
            return self.gateway.find_by_order(order_id)

    portal.clock.advance(minutes=2)
    portal.reconcile(Unreadable(portal.gateway))
    portal.reconcile(Unreadable(portal.gateway))
    assert [a.state for a in Attempt.select().order_by(Attempt.id)] == ["sent", "approved"]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda portal: User.update(email="not an address").where(User.id == portal.cast.alice.id).execute(),
        lambda portal: Customer.update(locale="klingon").execute(),
        lambda portal: Company.update(time_zone="Nowhere/Land").execute(),
    ],
)
def test_a_receipt_that_cant_be_written_does_not_hold_up_the_verdict(portal, break_it):
    break_it(portal)
    assert isinstance(portal.pay(portal.invoice()), Paid)
    assert portal.alerts() == ["payment.no_receipt"]


@pytest.mark.parametrize("fault", ["error_500", "error_503", "garbage", "error_401", "lost_response", "empty"])
def test_without_the_list_of_merchant_accounts_nothing_is_charged(portal, fault):
    portal.demo.faults.add(fault, on="account")
    result = portal.pay(portal.invoice(currency="EUR"))
    assert isinstance(result, NotCharged) and portal.live() == []
    assert Attempt.select().count() == 0


def test_late_charge_of_an_abandoned_payment_is_booked_and_alerted(portal):
    """The gateway's index hid the charge for longer than anyone would expect."""
    portal.gateway.key_allowed = False
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.demo.faults.add("search_lag", times=100, seconds=86_400)
    portal.recover(minutes=(2, 240, 5, 5, 10))
    assert Attempt.get().state == Attempt.ABANDONED
    portal.demo.faults.clear()
    portal.audit()
    portal.audit()
    assert portal.alerts() == ["payment.unapplied"]
    portal.check()


def test_unapplied_money_that_is_voided_leaves_the_books_again(portal):
    portal.demo.settle_after = 30 * 86_400
    portal.gateway.key_allowed = False
    portal.demo.faults.add("lost_response")
    portal.pay(portal.invoice())
    portal.demo.faults.add("search_lag", times=100, seconds=86_400)
    portal.recover(minutes=(2, 240, 5, 5, 10))
    portal.demo.faults.clear()
    portal.audit()
    portal.gateway.void(portal.live()[0]["id"])
    portal.audit()
    portal.audit()
    portal.check()
    assert sum(line.amount_minor for line in LedgerEntry.select()) == 0


def test_a_settlement_declined_after_it_settled_reopens_the_invoices(portal):
    invoice = portal.invoice()
    portal.pay(invoice)
    portal.demo.settle(portal.live()[0]["id"])
    portal.clock.advance(minutes=5)
    portal.poll()
    assert Invoice.get_by_id(invoice.id).is_paid
    portal.demo.decline_settlement(Attempt.get().transaction_id)
    portal.audit()
    portal.audit()
    assert Invoice.get_by_id(invoice.id).open_minor == 10_000 and Attempt.get().settlement == Attempt.FAILED
    portal.check()


@pytest.mark.parametrize("method", ["account_for", "inspect_nonce"])
def test_a_currency_that_changes_during_the_press_is_not_charged(portal, method):
    invoice = portal.invoice()
    change = Invoice.update(currency="EUR").where(Invoice.id == invoice.id)
    result = portal.pay(invoice, gateway=Hooked(portal.gateway, before={method: lambda *_: change.execute()}))
    assert isinstance(result, BalanceChanged)
    assert portal.live() == [] and Attempt.select().count() == 0


def test_vanished_invoice_is_not_paid_in_part(portal):
    stays, goes = portal.invoice(), portal.invoice()
    gone = Invoice.delete().where(Invoice.id == goes.id)
    with pytest.raises(CannotPay):
        portal.pay(stays, goes, gateway=Hooked(portal.gateway, before={"inspect_nonce": lambda *_: gone.execute()}))
    assert portal.live() == [] and Attempt.select().count() == 0


def test_audit_voids_an_unreported_second_charge(portal):
    """The gateway charged twice and answered with one of them, which is in the books already."""
    portal.demo.faults.add("charged_twice")
    assert isinstance(portal.pay(portal.invoice()), Paid)
    portal.audit()
    portal.check()
    assert len(portal.live()) == 1 and portal.alerts() == ["payment.double"]


def other_process_writes(portal):
    """Another process asks for the database's one write lock, without waiting."""
    other = sqlite3.connect(portal.path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.sqlite
def test_no_other_process_can_reserve_while_balances_are_read_and_taken(portal):
    def clock():
        if portal.database.in_transaction():
            with pytest.raises(sqlite3.OperationalError):
                other_process_writes(portal)
            seen.append("locked")
        return portal.clock()

    seen = []
    assert isinstance(portal.pay(portal.invoice(), clock=clock), Paid)
    assert seen == ["locked"]


@pytest.mark.sqlite
def test_slow_gateway_call_holds_no_database_lock(portal):
    gateway = Hooked(portal.gateway, before={"charge": lambda *_: other_process_writes(portal)})
    assert isinstance(portal.pay(portal.invoice(), gateway=gateway), Paid)


def test_no_two_attempts_can_share_a_charge(portal):
    portal.pay(portal.invoice())
    portal.pay(portal.invoice())
    with pytest.raises(IntegrityError):
        Attempt.update(transaction_id="one").execute()


def test_a_lost_answer_is_being_confirmed_and_holds_the_invoice(portal):
    invoice = portal.invoice()
    portal.demo.faults.add("lost_response")
    assert isinstance(portal.pay(invoice), BeingConfirmed)
    assert isinstance(portal.pay(invoice, shown={invoice.public_id: Balance(10_000, "USD")}), BalanceChanged)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


@pytest.mark.parametrize(("claimed", "amount"), [(100, None), (20_000, None), (100, 100), (20_000, 15_000)])
def test_changed_balance_is_not_charged(portal, claimed, amount):
    invoice = portal.invoice(10_000)
    result = portal.pay(shown={invoice.public_id: Balance(claimed, "USD")}, amount=amount)
    assert isinstance(result, BalanceChanged) and result.quote.pay_minor == 10_000
    assert portal.live() == [] and Attempt.select().count() == 0


def test_a_currency_changed_under_the_form_is_not_charged(portal):
    invoice = portal.invoice(10_000)
    shown = portal.shown([invoice])
    Invoice.update(currency="EUR").where(Invoice.id == invoice.id).execute()
    result = portal.pay(shown=shown)
    assert isinstance(result, BalanceChanged) and result.quote.currency == "EUR"
    assert portal.live() == [] and Attempt.select().count() == 0


def test_a_duplicate_rejection_means_that_the_first_try_went_through(portal):
    def duplicate(verdict):
        return Declined(replace(verdict.transaction, status="declined", rejection="duplicate"), "duplicate")

    result = portal.pay(portal.invoice(), gateway=ReplacedAnswer(portal.gateway, charge=duplicate))
    assert isinstance(result, BeingConfirmed)
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


def test_a_used_nonce_on_the_second_try_says_nothing_about_the_first(portal):
    portal.gateway.key_allowed = False
    portal.demo.faults.add("lost_response")
    portal.demo.faults.add("search_lag", seconds=600)
    portal.pay(portal.invoice())
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().state == Attempt.SENT
    portal.recover()
    portal.check()
    assert len(portal.live()) == 1


@pytest.mark.parametrize("which", [0, 1])
def test_either_of_two_charges_is_kept_if_it_has_settled(portal, which):
    portal.demo.faults.add("charged_twice")
    portal.pay(portal.invoice(), gateway=ReplacedAnswer(portal.gateway, charge=unreachable))
    kept = portal.live()[which]["id"]
    portal.demo.settle(kept)
    portal.clock.advance(minutes=2)
    portal.reconcile()
    assert Attempt.get().transaction_id == kept and [charge["id"] for charge in portal.live()] == [kept]
    portal.recover()
    portal.check()


def test_a_duplicate_rejection_of_the_only_try_frees_the_invoice_after_the_grace(portal):
    """The gateway took an earlier charge of another customer for the same one: there is none of ours."""

    def duplicate(verdict):
        with portal.demo.store.writing():
            record = portal.demo.ledger.find(verdict.transaction.id)
            rejected = {"status": "gateway_rejected", "gateway_rejection_reason": "duplicate", "submitted_ms": None}
            portal.demo.ledger.save({**record, **rejected})
        return Declined(replace(verdict.transaction, status="declined", rejection="duplicate"), "duplicate")

    invoice = portal.invoice()
    assert isinstance(portal.pay(invoice, gateway=ReplacedAnswer(portal.gateway, charge=duplicate)), BeingConfirmed)
    for minutes, still_open in ((2, 0), (2, 0), (2, 0), (10, 0), (2, 10_000)):
        portal.clock.advance(minutes=minutes)
        portal.reconcile()
        assert Invoice.get_by_id(invoice.id).open_minor == still_open
    portal.recover()
    portal.check()
