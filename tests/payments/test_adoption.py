"""After a restore: payments made since the backup are found at the gateway and booked again."""

import threading
from datetime import timedelta

import pytest

from app.clock import to_ms
from app.mail.alerts import queue_alerts
from app.models import (
    Allocation,
    Attempt,
    Audit,
    Company,
    Customer,
    Deployment,
    Invoice,
    OutboxMail,
    UnmatchedCharge,
    User,
)
from app.models.audit import Actor
from app.payments.after_restore import compare_restored, release
from app.payments.checkout import NotAllowed, Paid
from app.payments.eligibility import Blocker
from app.payments.gateway.protocol import GatewayUnreachable
from tests.support.backups import Backup
from tests.support.portal import Died, DiesAt, Hooked, Portal


class Restored:
    """Back `portal` up, and put the backup back later: what happened in between is lost to the books."""

    def __init__(self, portal: Portal):
        self.portal, self.backup = portal, Backup(portal.config)

    def back_up(self):
        self.portal.close()
        self.backup.make(self.portal.clock())
        self.portal.open()

    def restore(self):
        self.portal.close()
        self.backup.put_back(self.portal.clock())
        self.portal.open()

    def compare(self, gateway=None, clock=None, minutes=3) -> bool:
        self.portal.clock.advance(minutes=minutes)
        return compare_restored(self.portal.cashier(gateway, clock))


@pytest.fixture
def disk(portal):
    return Restored(portal)


def state(portal):
    """What the books say was paid of what."""
    attempts = [
        (
            a.reference,
            a.customer.number,
            a.user.email,
            a.amount_minor,
            a.transaction_id,
            a.order_id,
            sorted((line.invoice.number, line.amount_minor) for line in Allocation.of([a])),
        )
        for a in Attempt
    ]
    return attempts, {i.number: (i.open_minor, i.processing_minor, i.paid_online_minor) for i in Invoice}


def test_payment_since_the_backup_is_booked_again_unchanged(portal, disk):
    one, two, three = (portal.invoice(minor, number) for minor, number in ((5000, "A 1"), (7000, "B-2"), (9000, "№3")))
    portal.pay(one, amount=1000)
    disk.back_up()
    portal.pay(one, two)
    portal.pay(three, amount=2500, viewer=portal.bob)
    before = state(portal)
    disk.restore()
    assert state(portal) != before
    assert disk.compare()
    assert state(portal) == before and not Deployment.is_held()
    portal.recover()
    portal.check()


def test_online_payment_waits_until_the_books_were_compared(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    assert portal.pay(invoice) == NotAllowed(Blocker.RESTORED)
    assert not disk.compare(minutes=1) and portal.pay(portal.invoice()) == NotAllowed(Blocker.RESTORED)
    assert disk.compare(minutes=2)
    assert isinstance(portal.pay(portal.invoice()), Paid)
    assert len(portal.live()) == 2


def test_while_the_gateway_is_silent_payment_stays_held(portal, disk):
    disk.back_up()
    disk.restore()
    portal.demo.faults.add("search_down", times=None)
    with pytest.raises(GatewayUnreachable):
        disk.compare()
    assert Deployment.is_held()


def test_a_backup_of_a_month_ago_is_compared_from_its_own_time_on(portal, disk):
    invoice, other = portal.invoice(), portal.invoice()
    disk.back_up()
    portal.clock.advance(days=1)
    portal.pay(invoice)
    portal.clock.advance(days=30)
    portal.pay(other)
    asked = []
    disk.restore()

    class Counting:
        def __getattr__(self, name):
            return getattr(portal.gateway, name)

        def between(self, start, end):
            asked.append(end - start)
            return portal.gateway.between(start, end)

    assert disk.compare(Counting())
    assert {i.open_minor for i in Invoice} == {0}
    assert len(asked) > 30 and max(asked) < timedelta(days=3)


def test_a_comparison_that_is_killed_goes_on_where_it_was(portal, disk):
    invoices = [portal.invoice() for _ in range(3)]
    disk.back_up()
    for invoice in invoices:
        portal.pay(invoice)
        portal.clock.advance(days=2)
    disk.restore()
    for calls in range(1, 40):
        try:
            if disk.compare(clock=DiesAt(portal.clock, calls), minutes=0):
                break
        except Died:
            portal.close()
            portal.open()
    assert disk.compare()
    assert {i.open_minor for i in Invoice} == {0} and len(list(Attempt)) == 3
    portal.check(recovered=False)


def test_comparing_again_books_nothing_twice(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    disk.compare()
    before = state(portal)
    portal.audit()
    disk.compare()
    assert state(portal) == before


def test_two_workers_book_a_charge_once(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    second = Hooked(portal.gateway, after={"charge_lines": lambda *_: portal.audit()})
    disk.compare(second)
    assert len(list(Attempt)) == 1 and Allocation.select().count() == 1


def test_the_payer_gets_no_second_receipt(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    disk.compare()
    assert not OutboxMail.select().where(OutboxMail.key.startswith("receipt:")).exists()


def test_payer_missing_from_the_backup_is_named_and_cannot_log_in(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    User.update(email="new@cedarlane.example").where(User.id == portal.cast.alice.id).execute()
    portal.pay(invoice)
    disk.restore()
    disk.compare()
    user = Attempt.get().user
    assert user.email == "new@cedarlane.example" and user.password_hash is None and not user.accesses.exists()


def test_amount_above_the_open_one_is_unapplied_and_alerted(portal, disk):
    invoice = portal.invoice(10_000)
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    Invoice.update(paid_elsewhere_minor=7000, open_minor=3000).where(Invoice.id == invoice.id).execute()
    disk.compare()
    assert Invoice.get_by_id(invoice.id).open_minor == 0
    (line,) = [line for line in Audit.alerts(0) if line.event == "payment.excess"]
    assert line.facts["amount_minor"] == 7000
    portal.recover()
    portal.check()


def test_a_charge_for_an_invoice_that_is_not_here_waits_for_the_import(portal, disk):
    disk.back_up()
    invoice = portal.invoice(number="LATE-1")
    portal.pay(invoice)
    disk.restore()
    disk.compare()
    assert "payment.unmatched" in portal.alerts() and not Attempt.select().exists()
    again = portal.invoice(number="LATE-1")
    portal.audit()
    assert Invoice.get_by_id(again.id).open_minor == 0
    portal.recover()
    portal.check()


@pytest.mark.parametrize(
    "damage",
    [
        lambda: Deployment.update(portal_id="another1").execute(),
        lambda: Customer.update(number="78").where(Customer.number == "77").execute(),
        lambda: Invoice.update(currency="EUR").execute(),
    ],
)
def test_a_charge_of_another_portal_or_customer_or_currency_is_not_booked(portal, disk, damage):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    disk.restore()
    damage()
    disk.compare()
    assert not Attempt.select().exists() and "payment.unmatched" in portal.alerts()


def test_a_payment_that_was_undecided_in_the_backup_is_never_sent_again(portal, disk):
    invoice = portal.invoice()
    portal.demo.faults.add("lost_request")
    portal.pay(invoice)
    disk.back_up()
    charges = len(portal.demo.transactions())
    disk.restore()
    for _ in range(12):
        portal.clock.advance(minutes=2)
        portal.reconcile()
    assert len(portal.demo.transactions()) == charges
    assert Attempt.get().state == Attempt.ABANDONED and Invoice.get_by_id(invoice.id).open_minor > 0


def test_a_payment_that_was_decided_after_the_backup_is_found(portal, disk):
    invoice = portal.invoice()
    gateway = Hooked(portal.gateway, before={"charge": lambda *_: disk.back_up()})
    portal.pay(invoice, gateway=gateway)
    disk.restore()
    disk.compare()
    portal.reconcile()
    assert Attempt.get().state == Attempt.APPROVED and Invoice.get_by_id(invoice.id).open_minor == 0


@pytest.mark.once
def test_two_hundred_payments_are_booked_with_one_mail(portal, disk):
    invoices = [portal.invoice() for _ in range(60)]
    disk.back_up()
    for invoice in invoices:
        portal.pay(invoice)
    disk.restore()
    disk.compare()
    assert Attempt.select().count() == 60
    for _ in range(3):
        queue_alerts(Company.current(), portal.clock(), "http://localhost")
    mails = OutboxMail.select().where(OutboxMail.key.startswith("alert"))
    assert 1 <= len(mails) <= 2 and any("60" in mail.text for mail in mails)


def test_many_alerts_at_once_are_one_mail_with_a_list(portal):
    def write(count, start=0):
        for n in range(start, start + count):
            facts = {"amount_minor": 100, "currency": "USD", "order_id": "cc-1"}
            Audit.write("payment.unmatched", to_ms(portal.clock()), f"transaction:t{n}", **facts)

    write(267)
    for _ in range(3):
        queue_alerts(Company.current(), portal.clock(), "http://localhost")
    (mail,) = OutboxMail.select()
    assert mail.recipient == portal.cast.ruth.email and "267" in mail.subject
    assert "transaction:" not in mail.text and "t0" in mail.text and "247 more" in mail.text
    write(2, 300)
    queue_alerts(Company.current(), portal.clock(), "http://localhost")
    assert OutboxMail.select().count() == 3


def test_racing_comparisons_agree(make_portal):
    portal = make_portal("raced")
    disk = Restored(portal)
    invoices = [portal.invoice() for _ in range(6)]
    disk.back_up()
    for invoice in invoices:
        portal.pay(invoice)
    disk.restore()
    portal.clock.advance(minutes=3)

    def work():
        with portal.database.connection_context():
            compare_restored(portal.cashier())

    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Attempt.select().count() == 6 and {i.open_minor for i in Invoice} == {0}


def test_a_gateway_that_refuses_line_items_still_charges_once(portal):
    invoice = portal.invoice()
    portal.demo.faults.add("validation_error", on="sale", code="95809")
    assert isinstance(portal.pay(invoice), Paid)
    (charge,) = portal.live()
    assert portal.gateway.charge_lines(charge["id"], "USD") == ()
    portal.check(recovered=False)


def test_a_payment_of_500_invoices_is_charged_and_booked_again(portal, disk):
    invoices = [portal.invoice(1000 + n, f"Order number {n:05} of 2026") for n in range(500)]
    disk.back_up()
    assert isinstance(portal.pay(*invoices), Paid)
    before = state(portal)
    disk.restore()
    disk.compare()
    assert state(portal) == before


def test_charge_without_lines_is_alerted_and_not_booked(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.demo.faults.add("validation_error", on="sale", code="95809")
    portal.pay(invoice)
    disk.restore()
    disk.compare()
    assert "payment.unmatched" in portal.alerts() and not Attempt.select().exists()


def without_lines(portal, *invoices, **options):
    """Pay with a charge whose lines the processor refuses."""
    portal.demo.faults.add("validation_error", on="sale", code="95809")
    return portal.pay(*invoices, **options)


def waiting() -> list[str]:
    return [row.transaction_id for row in UnmatchedCharge.waiting()]


def test_payment_stays_held_while_a_charge_waits_for_a_decision(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    without_lines(portal, invoice)
    disk.restore()
    assert not disk.compare() and not disk.compare(minutes=60)
    assert portal.pay(invoice) == NotAllowed(Blocker.RESTORED)
    assert waiting() == [charge["id"] for charge in portal.live()] and portal.alerts().count("payment.unmatched") == 1
    portal.check(recovered=False)


def test_a_charge_whose_payer_is_not_named_is_booked_as_an_unknown_payers(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    User.update(email="j" * 120 + "ö@cedarlane.example").where(User.id == portal.cast.alice.id).execute()
    portal.pay(invoice)
    disk.restore()
    assert disk.compare()
    user = Attempt.get().user
    assert user.name == "Unknown payer" and user.password_hash is None and Invoice.get_by_id(invoice.id).open_minor == 0
    portal.recover()
    portal.check()


def test_an_import_that_comes_later_books_what_waited_and_opens_payment(portal, disk):
    disk.back_up()
    portal.pay(portal.invoice(number="LATE-1"))
    disk.restore()
    assert not disk.compare() and len(waiting()) == 1
    again = portal.invoice(number="LATE-1")
    assert disk.compare(minutes=11)
    assert Invoice.get_by_id(again.id).open_minor == 0
    (row,) = UnmatchedCharge
    assert row.state == row.BOOKED and row.attempt == Attempt.get()
    portal.recover()
    portal.check()


@pytest.mark.parametrize("after", ["voided", "processor_declined"])
def test_charge_that_failed_later_does_not_keep_payment_paused(portal, disk, after):
    invoice = portal.invoice()
    disk.back_up()
    without_lines(portal, invoice)
    disk.restore()
    assert not disk.compare()
    portal.demo.move(portal.live()[0]["id"], after)
    assert disk.compare(minutes=11)
    assert UnmatchedCharge.get().state == UnmatchedCharge.OVER and Invoice.get_by_id(invoice.id).open_minor > 0


def test_undecided_charge_keeps_payment_paused_until_decided(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    portal.pay(invoice)
    charge = portal.live()[0]["id"]
    portal.demo.move(charge, "authorizing")
    disk.restore()
    assert not disk.compare() and waiting() == [charge]
    portal.demo.move(charge, "submitted_for_settlement")
    assert disk.compare(minutes=11) and Invoice.get_by_id(invoice.id).open_minor == 0


def test_a_comparison_with_charges_that_wait_may_be_killed_at_each_step(portal, disk):
    invoices = [portal.invoice() for _ in range(3)]
    disk.back_up()
    for invoice in invoices:
        without_lines(portal, invoice)
    disk.restore()
    portal.clock.advance(minutes=3)
    for calls in range(1, 30):
        try:
            disk.compare(clock=DiesAt(portal.clock, calls), minutes=0)
            break
        except Died:
            portal.close()
            portal.open()
            assert Deployment.is_held()
    assert sorted(waiting()) == sorted(charge["id"] for charge in portal.live())
    assert portal.alerts().count("payment.unmatched") == 3 and Deployment.is_held()


def test_a_second_restore_is_compared_from_the_beginning(portal, disk):
    invoice = portal.invoice()
    disk.back_up()
    without_lines(portal, invoice)
    disk.restore()
    assert not disk.compare() and Deployment.current().compared_ms is not None
    disk.restore()
    assert Deployment.current().compared_ms is None and waiting() == []
    assert not disk.compare() and len(waiting()) == 1


def test_payment_opens_with_a_reason_and_the_charge_goes_on_waiting(portal, disk):
    disk.back_up()
    without_lines(portal, portal.invoice())
    disk.restore()
    assert not disk.compare() and not release(Actor("ruth@harborpine.example", portal.clock()))
    assert release(Actor("ruth@harborpine.example", portal.clock()), "The payer is known to us")
    line = Audit.last("restore_finished")
    assert line.actor == "ruth@harborpine.example" and line.facts["reason"] == "The payer is known to us"
    assert len(waiting()) == 1 and line.facts["waiting"] == 1


def test_a_backup_made_while_charges_wait_is_compared_again_once_restored(portal, disk):
    one, two = portal.invoice(), portal.invoice()
    disk.back_up()
    without_lines(portal, one)
    disk.restore()
    assert not disk.compare()
    disk.backup = Backup(portal.config, "later")
    disk.back_up()
    assert release(Actor("console", portal.clock()), "Known")
    portal.pay(two)
    disk.restore()
    assert not disk.compare() and len(waiting()) == 1
    assert Invoice.get_by_id(two.id).open_minor == 0
