"""Restore, import, compare, in any order: what is open is what the books say is due, and no payment counts twice."""

from itertools import product

import pytest

from app.models import Allocation, Attempt, Audit, EarlyImport, Invoice, PaymentElsewhere, UnmatchedCharge
from app.payments import unmatched
from tests.payments.test_adoption import Restored, without_lines
from tests.payments.test_unmatched_charges import book, open_of
from tests.sampling import sample
from tests.support.importing import import_invoices

HEADER = "Customer number,Number,Date,Due date,Currency,Total,"
# R-2 was paid by check before the backup, partly; are paid here after it, and R-4 by check as well.
BEFORE = {"R-2": (5000, 2000), "R-3": (7000, 0), "R-4": (9000, 0)}
AFTER = {"R-2": (5000, 2000), "R-3": (7000, 7000), "R-4": (9000, 4000)}
PAID_HERE = {"R-3": 7000, "R-4": 3000}
OPEN = {"R-2": 3000, "R-3": 0, "R-4": 5000}
FILES = {
    "due": ("Amount due", lambda total, paid: total - paid, {}),
    "paid": ("Amount paid", lambda total, paid: paid, {"made_here": "in-paid"}),
    "included": ("Amount paid", lambda total, paid: paid, {"made_here": "included"}),
    "credits": ("Credits", lambda total, paid: paid, {"made_here": "included"}),
}


@pytest.fixture
def disk(portal):
    return Restored(portal)


@pytest.fixture
def books(portal, tmp_path):
    """books(amounts, file) imports {number: (total, paid)} from a file of that kind."""

    def _import(amounts, file="due", **options):
        column, cell, said = FILES[file]
        rows = [
            f"77,{number},2026-10-01,2026-12-01,USD,{total / 100:.2f},{cell(total, paid) / 100:.2f}"
            for number, (total, paid) in amounts.items()
        ]
        path = tmp_path / "books.csv"
        path.write_text("\n".join([HEADER + column, *rows]) + "\n")
        return import_invoices(path, now=portal.clock(), **{**said, **options})

    return _import


def named(number: str) -> Invoice:
    return Invoice.get(Invoice.number == number)


def opened() -> dict[str, int]:
    return {invoice.number: invoice.open_minor for invoice in Invoice}


def check_elsewhere():
    """Payments elsewhere are listed with what they come to."""
    for invoice in Invoice:
        rows = PaymentElsewhere.of_invoice(invoice.id)
        assert sum(row.amount_minor for row in rows) == invoice.paid_elsewhere_minor, invoice.number
        assert all(row.amount_minor > 0 for row in rows)


@pytest.fixture
def lost(portal, disk, books):
    """lost(pay): R-3 in full and a part of R-4 are paid after the backup, and the backup is restored."""

    def _lost(pay=portal.pay, file="due", in_backup=BEFORE):
        books(in_backup, file)
        disk.back_up()
        books(BEFORE, file)
        portal.clock.advance(hours=1)
        for number, minor in PAID_HERE.items():
            pay(named(number), amount=minor)
        portal.clock.advance(hours=1)
        disk.restore()

    return _lost


ORDERS = [
    "import compare",
    "compare import",
    "import compare import",
    "import import compare",
    "compare import compare",
    "import compare compare import",
    "old import compare",
    "import old import compare",
    "import compare old import",
]


def work_through(order, disk, books, file):
    for step in order.split():
        if step == "compare":
            disk.compare(minutes=11)
        else:
            books(BEFORE if step == "old" else AFTER, file)


IN_BACKUP = {"known": BEFORE, "newer": {"R-2": BEFORE["R-2"]}}
CASES = [
    pytest.param(order, file, IN_BACKUP[backup], id=f"{order}-{file}-{backup}")
    for order, file, backup in sample(list(product(ORDERS, FILES, IN_BACKUP)), 24, "restore and import")
]


@pytest.mark.parametrize(("order", "file", "in_backup"), CASES)
def test_open_amount_equals_the_amount_due_in_the_books(portal, disk, books, lost, order, file, in_backup):
    lost(file=file, in_backup=in_backup)
    work_through(order, disk, books, file)
    if order.endswith("import"):
        disk.compare(minutes=11)
    assert opened() == OPEN
    assert "payment.excess" not in portal.alerts() and Attempt.select().count() == 2
    check_elsewhere()
    books(AFTER, file)
    assert opened() == OPEN, "the file once more"
    portal.recover()
    portal.check()


@pytest.mark.parametrize("order", ["import book", "import book import", "import compare book", "old import book"])
def test_a_charge_that_is_booked_by_hand_is_no_payment_elsewhere(portal, disk, books, lost, order):
    lost(pay=lambda *invoices, **options: without_lines(portal, *invoices, **options))
    disk.compare()
    for step in order.split():
        if step == "compare":
            disk.compare(minutes=11)
        elif step == "book":
            for row in list(UnmatchedCharge.waiting()):
                book(portal, row, named("R-3" if row.amount_minor == 7000 else "R-4"))
        else:
            books(BEFORE if step == "old" else AFTER)
    assert opened() == OPEN and "payment.excess" not in portal.alerts()
    check_elsewhere()
    assert disk.compare()
    portal.recover()
    portal.check()


def test_invoices_that_the_books_closed_can_be_named_for_a_charge(portal, disk, books, lost):
    lost(pay=lambda *invoices, **options: without_lines(portal, *invoices, **options))
    books(AFTER)
    disk.compare()
    row = UnmatchedCharge.waiting().first()
    rooms = {one.number: room for one, room in unmatched.payable(row, portal.cast.cedar)}
    assert rooms == {"R-2": 3000, "R-3": 7000, "R-4": 9000}


def test_invoice_paid_elsewhere_before_is_not_paid_by_a_charge(portal, disk, books):
    books({"R-1": (8000, 8000), "R-2": (5000, 1000)})
    disk.back_up()
    without_lines(portal, named("R-2"), amount=4000)
    disk.restore()
    books({"R-1": (8000, 8000), "R-2": (5000, 5000)})
    disk.compare()
    book(portal, UnmatchedCharge.get(), named("R-1"), named("R-2"))
    assert opened() == {"R-1": 0, "R-2": 0}
    assert Allocation.of([Attempt.get()]).get().invoice.number == "R-2"
    assert named("R-2").paid_elsewhere_minor == 1000


def test_an_import_from_before_a_payment_does_not_include_it(portal, disk, books, lost):
    """The books had a check of 30.00 when the customer paid another 30.00 here."""
    books({"R-4": (9000, 0)})
    disk.back_up()
    disk.restore()
    books({"R-4": (9000, 3000)})
    assert EarlyImport.select().exists() and disk.compare()
    disk.back_up()
    portal.clock.advance(hours=1)
    portal.pay(named("R-4"), amount=3000)
    disk.restore()
    assert disk.compare()
    assert opened() == {"R-4": 3000} and named("R-4").paid_elsewhere_minor == 3000


def test_a_payment_that_the_file_may_count_waits_until_that_is_said(portal, disk, books, lost):
    """The file was read without payments made here, and the amount paid has grown by what is missing."""
    lost(file="paid")
    said = books(AFTER, "paid", made_here="left-out")
    assert any("R-3, R-4" in note and "--payments-made-here included" in note for note in said.notes)
    assert not disk.compare() and "payment.excess" not in portal.alerts()
    assert [row.amount_minor for row in UnmatchedCharge.waiting()] == [7000]
    books(AFTER, "included")
    assert disk.compare(minutes=11) and opened() == OPEN
    check_elsewhere()
    portal.recover()
    portal.check()


def test_paid_without_an_amount_includes_what_was_paid_here(portal, disk, books, tmp_path):
    books({"R-3": (7000, 0)})
    disk.back_up()
    portal.pay(named("R-3"))
    disk.restore()
    path = tmp_path / "status.csv"
    path.write_text(f"{HEADER}Status\n77,R-3,2026-10-01,2026-12-01,USD,70.00,Paid\n")
    import_invoices(path, now=portal.clock())
    assert disk.compare() and opened() == {"R-3": 0}
    assert named("R-3").paid_elsewhere_minor == 0 and "payment.excess" not in portal.alerts()


def test_without_a_restore_nothing_is_kept_of_an_import(portal, books):
    books(BEFORE)
    portal.pay(named("R-3"))
    books(AFTER)
    assert not EarlyImport.select().exists()


def test_early_import_is_forgotten_with_the_next_import(portal, disk, books, lost):
    lost()
    books(AFTER)
    assert EarlyImport.select().count() == 2
    disk.compare()
    books(AFTER)
    assert not EarlyImport.select().exists()


def test_a_payment_that_is_more_than_even_the_books_leave_open_is_put_to_a_person(portal, disk, books, lost):
    lost()
    books({**AFTER, "R-4": (9000, 9000)})
    Invoice.update(paid_elsewhere_minor=9000, open_minor=0).where(Invoice.number == "R-4").execute()
    EarlyImport.update(known_paid_minor=9000).where(EarlyImport.invoice == named("R-4").id).execute()
    disk.compare()
    assert Audit.last("payment.excess").facts["amount_minor"] == 3000 and open_of(named("R-4")) == [0]
    portal.recover()
    portal.check()
