"""A charge without lines is booked once, for the customer and invoices that an administrator names."""

import threading

import pytest

from app.models import Allocation, Attempt, Audit, Deployment, Invoice, LedgerEntry, UnmatchedCharge
from app.models.audit import Actor
from app.payments import unmatched
from app.payments.decisions import CannotDecide
from tests.payments.test_adoption import Restored, without_lines
from tests.support.portal import Died, Hooked, ReplacedAnswer, die, unreachable

RUTH = "ruth@harborpine.example"


@pytest.fixture
def disk(portal):
    return Restored(portal)


@pytest.fixture
def lost(portal, disk):
    """lost(invoice, …, amount=None): a payment of them whose charge waits after a restore; its row."""

    def _lost(*invoices, pay=without_lines, **options):
        disk.back_up()
        pay(portal, *invoices, **options)
        disk.restore()
        disk.compare()
        return UnmatchedCharge.get()

    return _lost


def plan_for(portal, row, customer, public_ids):
    found = unmatched.ask_gateway(row, portal.gateway)
    return unmatched.plan(found.charge, found.named, customer, public_ids)


def ruth(portal) -> Actor:
    return Actor(RUTH, portal.clock(), address="127.0.0.1")


class DyingActor:
    """The process dies at the `reads`-th time that a booking asks who books and when."""

    def __init__(self, actor: Actor, reads: int):
        self.actor, self.reads = actor, reads

    def __getattr__(self, name):
        self.reads -= 1
        if self.reads == 0:
            raise Died
        return getattr(self.actor, name)


def book(portal, row, *invoices, customer=None, gateway=None, actor=None, version=None):
    """As an administrator who has seen the plan that is true now."""
    gateway, customer = gateway or portal.gateway, customer or portal.cast.cedar
    ids = [invoice.public_id for invoice in invoices]
    version = version or plan_for(portal, row, customer, ids).version
    return unmatched.book(row, customer, ids, version, gateway, actor or ruth(portal))


def open_of(*invoices) -> list[int]:
    return [Invoice.get_by_id(invoice.id).open_minor for invoice in invoices]


def test_charge_is_booked_for_the_named_invoices(portal, disk, lost):
    one, two, other = portal.invoice(5000), portal.invoice(7000), portal.invoice(900)
    row = lost(one, two)
    attempt = book(portal, row, one, two)
    assert open_of(one, two, other) == [0, 0, 900] and attempt.customer == portal.cast.cedar
    assert UnmatchedCharge.get().state == UnmatchedCharge.BOOKED and UnmatchedCharge.get().decided_by == RUTH
    assert Audit.last("payment.matched").actor == RUTH
    assert disk.compare() and not Deployment.is_held()
    portal.recover()
    portal.check()


def test_more_than_is_open_stays_unapplied(portal, disk, lost):
    one, two = portal.invoice(5000), portal.invoice(7000)
    book(portal, lost(one, two), one)
    assert open_of(one, two) == [0, 7000]
    assert Audit.last("payment.excess").facts["amount_minor"] == 7000
    portal.recover()
    portal.check()


def test_charge_may_pay_no_invoice(portal, lost):
    invoice = portal.invoice(5000)
    row = lost(invoice)
    book(portal, row)
    assert open_of(invoice) == [5000] and Audit.last("payment.excess").facts["amount_minor"] == 5000
    portal.recover()
    portal.check()


def test_lines_that_name_an_invoice_bound_what_it_gets(portal, disk, lost):
    here = portal.invoice(10_000, number="HERE-1")

    def pay(portal, here):
        portal.pay(here, portal.invoice(7000, number="LATE-1"), amount=12_000)

    row = lost(here, pay=pay)
    book(portal, row, here)
    assert open_of(here) == [0] and Audit.last("payment.excess").facts["amount_minor"] == 2000
    assert Attempt.get().user == portal.cast.alice


def test_a_part_that_its_lines_name_is_not_exceeded(portal, lost):
    here = portal.invoice(10_000, number="HERE-1")

    def pay(portal, here):
        late = portal.invoice(7000, number="LATE-1", due_on=here.due_on.replace(day=1, month=11))
        portal.pay(late, here, amount=8000)

    book(portal, lost(here, pay=pay), here)
    assert open_of(here) == [9000]


@pytest.mark.parametrize("wrong", ["customer", "currency", "credit_memo", "unknown"])
def test_no_invoice_of_another_customer_or_currency_is_ever_paid(portal, lost, wrong):
    invoice = portal.invoice(5000)
    other = {
        "customer": lambda: portal.invoice(5000, customer=portal.cast.fennel),
        "currency": lambda: portal.invoice(5000, currency="EUR"),
        "credit_memo": lambda: portal.invoice(5000, kind="credit_memo"),
        "unknown": lambda: Invoice(public_id="missing"),
    }[wrong]
    row = lost(invoice)
    with pytest.raises(CannotDecide, match="Choose invoices of Cedar Lane Bakery in USD"):
        book(portal, row, other())
    assert not Attempt.select().exists() and UnmatchedCharge.get().state == UnmatchedCharge.WAITING


def test_a_charge_that_names_a_customer_is_not_booked_for_another(portal, lost):
    row = lost(pay=lambda portal: portal.pay(portal.invoice(number="LATE-1")))
    theirs = portal.invoice(customer=portal.cast.fennel)
    with pytest.raises(CannotDecide, match="names account 77"):
        book(portal, row, theirs, customer=portal.cast.fennel)


@pytest.mark.parametrize("status", ["voided", "authorizing", "processor_declined"])
def test_charge_without_money_is_not_booked(portal, lost, status):
    invoice = portal.invoice()
    row = lost(invoice)
    portal.demo.move(row.transaction_id, status)
    with pytest.raises(CannotDecide, match=status.replace("_", " ")):
        book(portal, row, invoice)
    assert not LedgerEntry.select().exists()


def test_while_the_gateway_cant_be_asked_nothing_is_booked(portal, lost):
    invoice = portal.invoice()
    row = lost(invoice)
    with pytest.raises(CannotDecide, match="can't be asked"):
        book(portal, row, invoice, gateway=ReplacedAnswer(portal.gateway, find=unreachable))
    assert not Attempt.select().exists()


def test_invoice_paid_in_between_is_reported_and_not_booked(portal, lost):
    invoice = portal.invoice(5000)
    row = lost(invoice)
    seen = plan_for(portal, row, portal.cast.cedar, [invoice.public_id]).version
    Invoice.update(paid_elsewhere_minor=1000, open_minor=4000).where(Invoice.id == invoice.id).execute()
    with pytest.raises(CannotDecide, match="has changed since"):
        book(portal, row, invoice, version=seen)
    assert not Attempt.select().exists() and open_of(invoice) == [4000]


def test_the_second_administrator_changes_nothing(portal, lost):
    one, two = portal.invoice(5000), portal.invoice(5000)
    row = lost(one)
    second = Hooked(portal.gateway, after={"find": lambda *_: book(portal, row, two)})
    assert book(portal, row, one, gateway=second) is None
    assert not unmatched.set_aside(row, "Not ours", ruth(portal))
    assert open_of(one, two) == [5000, 0] and Attempt.select().count() == 1


def test_set_aside_charge_is_not_booked_later(portal, disk, lost):
    row = lost(pay=lambda portal: portal.pay(portal.invoice(number="LATE-1")))
    assert unmatched.set_aside(row, "Refunded by hand", ruth(portal))
    again = portal.invoice(number="LATE-1")
    assert book(portal, row, again) is None
    portal.audit()
    assert disk.compare() and open_of(again) == [again.total_minor] and not Attempt.select().exists()
    assert Audit.last("payment.set_aside").facts["reason"] == "Refunded by hand"
    portal.check()


def test_a_comparison_after_the_booking_books_nothing_more(portal, disk, lost):
    invoice = portal.invoice()
    row = lost(invoice)
    book(portal, row, invoice)
    portal.audit()
    disk.compare()
    portal.audit()
    assert Attempt.select().count() == LedgerEntry.select().count() == Allocation.select().count() == 1


def test_an_import_that_booked_it_first_leaves_nothing_to_decide(portal, lost):
    row = lost(pay=lambda portal: portal.pay(portal.invoice(number="LATE-1")))
    again = portal.invoice(number="LATE-1")
    portal.audit()
    assert book(portal, row, again) is None
    assert Attempt.select().count() == 1 and open_of(again) == [0]


@pytest.mark.parametrize("reads", [1, 2, 3, 4])
def test_a_booking_that_is_killed_is_whole_or_not_there(portal, disk, lost, reads):
    invoice = portal.invoice()
    row = lost(invoice)
    try:
        book(portal, row, invoice, actor=DyingActor(ruth(portal), reads))
    except Died:
        portal.close()
        portal.open()
        portal.check(recovered=False)
        assert book(portal, row, invoice) is not None
    assert disk.compare() and Attempt.select().count() == 1
    portal.recover()
    portal.check()


@pytest.mark.parametrize("call", ["between", "charge_lines", "find"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_process_that_dies_at_a_call_of_the_gateway_loses_and_doubles_nothing(portal, disk, call, side):
    one, two = portal.invoice(5000), portal.invoice(7000)
    disk.back_up()
    portal.pay(one)
    without_lines(portal, two)
    disk.restore()
    portal.clock.advance(minutes=3)
    for step in (
        lambda gateway: disk.compare(gateway, minutes=0),
        lambda gateway: book(portal, UnmatchedCharge.get(), two, gateway=gateway),
    ):
        try:
            step(Hooked(portal.gateway, **{side: {call: die}}))
        except Died:
            portal.close()
            portal.open()
            portal.check(recovered=False)
        assert disk.compare() or UnmatchedCharge.waiting().exists()
    if UnmatchedCharge.waiting().exists():
        book(portal, UnmatchedCharge.get(), two)
    assert disk.compare() and open_of(one, two) == [0, 0] and Attempt.select().count() == 2
    portal.recover()
    portal.check()


def test_racing_administrators_and_comparisons_book_once(make_portal):
    portal = make_portal("raced")
    disk = Restored(portal)
    one, two = portal.invoice(5000), portal.invoice(5000)
    disk.back_up()
    without_lines(portal, one)
    disk.restore()
    disk.compare()
    row, results = UnmatchedCharge.get(), []

    def work(invoice):
        with portal.database.connection_context():
            results.append(book(portal, row, invoice) if invoice else portal.audit())

    threads = [threading.Thread(target=work, args=(invoice,)) for invoice in (one, two, one, two, None, None)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(results) == 6 and Attempt.select().count() == 1 and sum(open_of(one, two)) == 5000
    portal.recover()
    portal.check()


def test_second_charge_of_one_order_is_voided(portal, disk, lost):
    invoice = portal.invoice()

    def pay(portal, invoice):
        portal.demo.faults.add("validation_error", on="sale", code="95809")
        portal.demo.faults.add("charged_twice")
        portal.pay(invoice)

    lost(invoice, pay=pay)
    one, two = UnmatchedCharge.waiting()
    assert book(portal, one, invoice) is not None and book(portal, two, invoice) is None
    assert {row.state for row in UnmatchedCharge} == {UnmatchedCharge.BOOKED, UnmatchedCharge.OVER}
    assert disk.compare()
    portal.audit()
    assert len(portal.live()) == 1 and Attempt.select().count() == 1
    portal.recover()
    portal.check()
