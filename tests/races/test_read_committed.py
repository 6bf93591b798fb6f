"""Each lock of invoices holds what it is for: with READ COMMITTED, which refuses nothing, sums stay right.

The portal itself is SERIALIZABLE. `tests/long/test_missing_locks.py` takes each lock away, and these tests fail.
"""

from datetime import date

import pytest

from app.database.postgres import Database
from app.extensions import db
from app.models import Attempt, ImportRun, Invoice, LedgerEntry, UnmatchedCharge, booking
from app.models.audit import Actor
from app.models.sums import wrong_sums
from app.payments import unmatched
from app.payments.checkout import Paid
from app.transactions import documents, received
from app.transactions.documents import DocumentDetails, EnteredLine, NotEditable, Stale
from app.transactions.received import CannotRecord, PaymentDetails
from tests.long.test_import_kills import FIRST, SECOND, press, upload, work
from tests.payments.test_adoption import Restored, without_lines
from tests.support.importing import import_invoices
from tests.support.lock_watch import WATCH
from tests.support.races import at_once, run_during

pytestmark = pytest.mark.postgres
COUNTED = 'UPDATE "invoice"'  # the statement after the one that counts an invoice's payments
DAY = date(2026, 11, 20)
HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount due,Status\n"


@pytest.fixture
def weaken(portal):
    """weaken(): from now on the portal's transactions are READ COMMITTED, and no lock is asked for."""

    def _weaken():
        portal.close()
        portal.database = Database(
            portal.url, isolation_level="READ COMMITTED", max_connections=None, stale_timeout=None
        )
        db.initialize(portal.database)
        portal.database.connect()
        assert portal.database.execute_sql("SHOW transaction_isolation").fetchone()[0] == "read committed"

    WATCH.is_off = True
    yield _weaken
    WATCH.is_off = False


@pytest.fixture
def weak(portal, weaken):
    weaken()
    return portal


def check_sums(portal) -> None:
    assert wrong_sums(portal.database) == []
    for one in Invoice.select():
        taken = one.paid_elsewhere_minor + one.credited_minor + one.processing_minor + one.paid_online_minor
        assert taken + one.open_minor == one.total_minor, f"{one.number} is {taken} of {one.total_minor}"


def actor(portal) -> Actor:
    return Actor("ruth@harborpine.example", portal.clock(), "")


def kinds(results) -> set[str]:
    return {type(one).__name__ for one in results}


def two_payments(portal) -> list[Attempt]:
    """Of one invoice, which they don't fill."""
    owed = portal.invoice(10_000)
    for amount in (3_000, 2_500):
        assert isinstance(portal.pay(owed, amount=amount), Paid)
    return list(Attempt.select().order_by(Attempt.id))


def undecided(portal) -> list[Attempt]:
    owed = portal.invoice(10_000)
    for amount in (3_000, 2_500):
        portal.demo.faults.add("lost_request")
        portal.pay(owed, amount=amount)
    return list(Attempt.select().order_by(Attempt.id))


def test_reserve(weak):
    owed = weak.invoice()
    shown = weak.shown([owed])
    said = at_once(*[lambda: weak.pay(owed, shown=shown)] * 3, before='INSERT INTO "attempt"')
    assert kinds(said) == {"Paid", "BalanceChanged"}
    check_sums(weak)


def test_change_state(weak):
    works = [lambda one=one: one.abandon(0, since=Attempt.SENT) for one in undecided(weak)]
    assert run_during(works[0], COUNTED, works[1]) == (True, True)
    check_sums(weak)


def test_settle(weak):
    works = [lambda one=one: booking.settle(one, 0) for one in two_payments(weak)]
    assert run_during(works[0], COUNTED, works[1]) == (True, True)
    check_sums(weak)


def test_undo_demo(weak):
    works = [lambda one=one: booking.undo_demo(one, 0) for one in two_payments(weak)]
    assert run_during(works[0], COUNTED, works[1]) == (None, None)
    check_sums(weak)


def test_correct(weak):
    one, other = two_payments(weak)
    assert booking.settle(one, 0)
    charge = weak.gateway.find(one.transaction_id)
    right = type(charge)("another", one.order_id, one.amount_minor, one.currency, charge.SUBMITTED)

    def correct():
        return booking.replace_charge(one, right, 0, poll_ms=0)

    assert run_during(lambda: booking.settle(other, 0), COUNTED, correct) == (True, True)
    check_sums(weak)


def entered(portal):
    line = EnteredLine("Bread", "", "", 10_000)
    details = DocumentDetails("E-1", "USD", DAY, DAY, "", "", "", "", 0, (line,))
    return documents.enter(portal.cast.cedar, Invoice.INVOICE, details, actor(portal)), details


@pytest.mark.parametrize("verb", ["change", "void"])
def test_document(weak, verb):
    document, details = entered(weak)
    shown = weak.shown([document])

    def edit():
        if verb == "void":
            return documents.void(document, "1", actor(weak))
        line = EnteredLine("Bread", "", "", 8_000)
        dearer = DocumentDetails(*[getattr(details, name) for name in details.__slots__[:-1]], (line,))
        return documents.change(document, dearer, "1", actor(weak))

    edited, paid = run_during(edit, 'UPDATE "invoice"', lambda: weak.pay(document, shown=shown), number=2)
    assert isinstance(edited, NotEditable | bool | None)
    assert isinstance(edited, NotEditable) == isinstance(paid, Paid), "edited, and paid"
    check_sums(weak)


def check_of(invoice, minor=10_000, reference="1041") -> PaymentDetails:
    return PaymentDetails(DAY, "check", reference, "USD", {invoice.id: minor})


def record(portal, invoice, reference="1041"):
    details = check_of(invoice, reference=reference)
    return received.record(portal.cast.cedar, details, actor(portal), f"id-{reference}", is_confirmed_different=True)


def test_record(weak):
    owed = weak.invoice()
    works = [lambda reference=reference: record(weak, owed, reference) for reference in "12"]
    said = at_once(*works, before='UPDATE "invoice" SET "paid_elsewhere')
    assert kinds(said) == {"ReceivedPayment", "CannotRecord"}
    check_sums(weak)


def test_record_and_pay(weak):
    owed = weak.invoice()
    shown = weak.shown([owed])
    said = run_during(lambda: record(weak, owed), 'UPDATE "invoice"', lambda: weak.pay(owed, shown=shown))
    assert kinds(said) <= {"ReceivedPayment", "BalanceChanged", "CannotRecord", "Paid", "CannotPay"}
    check_sums(weak)


def test_correction_of_a_recorded_payment(weak):
    owed = weak.invoice()
    payment = record(weak, owed)

    def correct():
        details = check_of(owed, 4_000)
        return received.change(payment, details, "1", actor(weak), is_confirmed_different=True)

    said = at_once(correct, lambda: received.remove(payment, "1", actor(weak)), before='UPDATE "invoice"')
    assert Stale in {type(one) for one in said}
    check_sums(weak)


@pytest.mark.parametrize("by", ["lines", "person"])
def test_booked_again(portal, weaken, by):
    owed, disk = portal.invoice(), Restored(portal)
    disk.back_up()
    portal.pay(owed) if by == "lines" else without_lines(portal, owed)
    disk.restore()
    if by == "person":
        disk.compare()
    weaken()

    def book():
        if by == "lines":
            return disk.compare()
        row, ids = UnmatchedCharge.get(), [owed.public_id]
        found = unmatched.ask_gateway(row, portal.gateway)
        version = unmatched.plan(found.charge, found.named, portal.cast.cedar, ids).version
        return unmatched.book(row, portal.cast.cedar, ids, version, portal.gateway, actor(portal))

    _, recorded = run_during(book, 'INSERT INTO "attempt"', lambda: record(portal, owed))
    assert Attempt.select().count() == 1 and LedgerEntry.select().count() == 1
    assert isinstance(recorded, CannotRecord)
    check_sums(portal)


@pytest.mark.parametrize("becomes", ["changed", "void"])
def test_import(weak, tmp_path, becomes):
    owed = weak.invoice(10_000, "B-1")
    shown = weak.shown([owed])
    path = tmp_path / "books.csv"
    row = "60.00,60.00," if becomes == "changed" else "100.00,100.00,Voided"
    path.write_text(f"{HEADER}77,B-1,2026-11-01,2026-12-01,USD,{row}\n")
    before = "UPDATE invoice SET " + ("currency" if becomes == "changed" else "is_void")
    imported, paid = run_during(
        lambda: import_invoices(path, weak.clock()), before, lambda: weak.pay(owed, shown=shown)
    )
    assert type(imported).__name__ == "ImportReport" and type(paid).__name__ in ("CannotPay", "BalanceChanged")
    check_sums(weak)


def test_undo(weak):
    for text in (FIRST, SECOND):
        upload(weak, text)
        work(weak)
        press(weak, ImportRun.APPLYING)
        work(weak)
    owed = Invoice.get(Invoice.number == "K-4")
    shown = weak.shown([owed])
    press(weak, ImportRun.UNDOING)
    back = "UPDATE invoice SET customer_id"  # of the last part, with K-3 and K-4
    _, paid = run_during(lambda: work(weak), back, lambda: weak.pay(owed, shown=shown), number=3)
    assert ImportRun.recent(1)[0].state == ImportRun.UNDONE and type(paid).__name__ == "BalanceChanged"
    check_sums(weak)
