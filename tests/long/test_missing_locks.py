"""Every lock of invoices, taken away: the tests of its verb must say so on PostgreSQL (tests/support/lock_watch.py)."""

import pytest

from app.config import ROOT
from tests.sampling import sample
from tests.support import databases
from tests.support.code_faults import assert_caught, run, texts_with_fault

pytestmark = pytest.mark.postgres
INVOICE, ATTEMPT, BOOKING = "app/models/invoice.py", "app/models/payment_attempt.py", "app/models/booking.py"
CHECKOUT, UNMATCHED = "app/payments/checkout.py", "app/payments/unmatched.py"
DOCUMENTS, RECEIVED = "app/transactions/documents.py", "app/transactions/received.py"
UPSERT, UNDO = "app/imports/invoice_upsert.py", "app/imports/undo.py"
LOCKS_NAMED = 'db.lock_rows("invoice", NAMED)'
RACES = "tests/races/test_read_committed.py"
PROTOCOL, STATUSES = "tests/payments/test_protocol.py", "tests/payments/test_gateway_statuses.py"

# What locks: (a file of tests, which of them must say so, [(file, text, what it becomes), …])
LOCKS = {
    "reserve": (
        PROTOCOL,
        "charged_once_and_the_books_agree",
        [(CHECKOUT, "Invoice.recount(Invoice.lock_to_pay(viewer, list(shown)))", "pass")],
    ),
    "reserve, after it has read": (
        PROTOCOL,
        "charged_once_and_the_books_agree",
        [
            (CHECKOUT, "    Invoice.recount(Invoice.lock_to_pay(viewer, list(shown)))\n", ""),
            (
                CHECKOUT,
                "    agreed = split(invoices, amount_minor, company)\n",
                "    agreed = split(invoices, amount_minor, company)\n"
                "    Invoice.recount(Invoice.lock_to_pay(viewer, list(shown)))\n",
            ),
        ],
    ),
    "sent, approved, declined": (
        PROTOCOL,
        "charged_once_and_the_books_agree",
        [(ATTEMPT, "        self.lock_invoices()\n        unchanged", "        unchanged")],
    ),
    "settled, failed, voided": (
        PROTOCOL,
        "settlement_declined_after_it_settled",
        [(BOOKING, "    attempt.lock_invoices()\n    values.update(settlement", "    values.update(settlement")],
    ),
    "corrected": (
        STATUSES,
        "booked_under_an_invented_id",
        [(BOOKING, "    attempt.lock_invoices()\n    wrong =", "    wrong =")],
    ),
    "undone from the demo gateway": (
        "tests/payments/test_other_gateway.py",
        "",
        [(BOOKING, "    attempt.lock_invoices()\n    if attempt.state", "    if attempt.state")],
    ),
    "booked again by its lines": (
        "tests/payments/test_adoption.py",
        "since_the_backup_is_booked_again",
        [(UNMATCHED, "    Invoice.lock(list(ids.values()))\n", "")],
    ),
    "booked by a person": (
        "tests/payments/test_unmatched_charges.py",
        "booked_for_the_named_invoices",
        [(UNMATCHED, "        Invoice.recount(Invoice.lock_to_pay(CustomerScope(customer.id), public_ids))\n", "")],
    ),
    "changed by hand": (
        "tests/transactions/test_documents.py",
        "change_is_saved",
        [(DOCUMENTS, "    Invoice.lock([document.id])\n", "")],
    ),
    "void by hand": (
        "tests/transactions/test_documents.py",
        "void_is_confirmed",
        [(DOCUMENTS, "    Invoice.lock([document.id])\n", "")],
    ),
    "recorded": (
        "tests/transactions/test_payments.py",
        "payment_is_recorded_and_its_invoices_follow",
        [(RECEIVED, "    Invoice.lock(ids)\n", "")],
    ),
    "corrected and removed": (
        "tests/transactions/test_payments.py",
        "payment_is_corrected_and_removed",
        [(RECEIVED, "    Invoice.lock(ids)\n", "    Invoice.lock(also)\n")],
    ),
    "the recorded payment": (
        RACES,
        "test_correction",
        [
            (
                "app/models/received_payment.py",
                "locked(cls.select().where(cls.id == payment_id))",
                "cls.select().where(cls.id == payment_id)",
            )
        ],
    ),
    "imported": (
        "tests/transactions/test_imports.py",
        "differing_file_changes",
        [(UPSERT, LOCKS_NAMED, "pass")],
    ),
    "void in a file": (
        "tests/transactions/test_imports.py",
        "void_in_the_file",
        [(UPSERT, LOCKS_NAMED, 'db.lock_rows("invoice", "id IN (SELECT invoice_id FROM staged_document)")')],
    ),
    "imported while payments may be missing": (
        "tests/payments/test_restore_and_import.py",
        "early_import_is_forgotten",
        [
            (
                UPSERT,
                LOCKS_NAMED,
                LOCKS_NAMED.replace("NAMED", '"id IN (SELECT invoice_id FROM staged_document WHERE state = 2)"'),
            )
        ],
    ),
    "payments of a file": (
        "tests/imports/test_received_payments.py",
        "previewed_recorded_listed_and_undone",
        [("app/imports/payments.py", "        Invoice.lock(sorted(self.locked))\n", "")],
    ),
    "an import undone": (
        "tests/imports/test_received_payments.py",
        "previewed_recorded_listed_and_undone",
        [(UNDO, '    db.lock_rows("invoice", changed, (run.id, part))\n', "    _ = changed\n")],
    ),
    "the order": (
        PROTOCOL,
        "charged_once_and_the_books_agree",
        [
            (
                INVOICE,
                "locked(cls.select(cls.id).where(cls.id.in_(ids)).order_by(cls.id))",
                "locked(cls.select(cls.id).where(cls.id.in_(ids)))",
            )
        ],
    ),
}

# What locks: which of the races must fail without it, where the database refuses nothing.
CAUGHT_BY = {
    "reserve": "test_reserve",
    "reserve, after it has read": "test_reserve",
    "sent, approved, declined": "test_change_state",
    "settled, failed, voided": "test_settle",
    "corrected": "test_correct",
    "undone from the demo gateway": "test_undo_demo",
    "booked again by its lines": "test_booked_again and lines",
    "booked by a person": "test_booked_again and person",
    "changed by hand": "test_document and change",
    "void by hand": "test_document and void",
    "recorded": "test_record",
    "the recorded payment": "test_correction",
    "imported": "test_import and changed",
    "void in a file": "test_import and void",
    "an import undone": "test_undo and not demo",
}
DRAWN = sample(list(LOCKS), 2, "locks")


def on_server() -> dict[str, str]:
    return {"TEST_DATABASE": databases.URL, "TEST_DATABASES": ""}


@pytest.mark.parametrize("name", LOCKS)
def test_each_lock_is_found_in_the_code(name):
    texts_with_fault(ROOT, LOCKS[name][2])


@pytest.mark.parametrize("name", DRAWN)
def test_lock_that_is_missing_is_caught(copy, name):
    file, which, changes = LOCKS[name]
    said = assert_caught(copy, changes, (file,), which, **on_server())
    assert "not locked" in said or file == RACES


@pytest.mark.parametrize("name", sample(list(CAUGHT_BY), 1, "races"))
def test_lock_that_is_missing_loses_money_with_read_committed(copy, name):
    assert_caught(copy, LOCKS[name][2], (RACES,), CAUGHT_BY[name], TEST_PATIENCE="10", **on_server())


def test_tests_pass_with_all_locks(copy):
    taken = [LOCKS[name] for name in DRAWN]
    for file in sorted({file for file, _, _ in taken}):
        names = {which for its, which, _ in taken if its == file}
        result = run(copy, (file,), " or ".join(filter(None, names)), **on_server())
        assert result.returncode == 0, result.stdout
