"""Backups while payments are made: each is one state of the books, and what was paid after it is found again."""

import threading

from app.payments.after_restore import compare_restored
from app.storage.backup import back_up
from app.storage.restore import restore
from tests.sampling import times
from tests.support.invariants import Books, allocations_agree, changes_are_audited, ledger_agrees, secrets_are_gone
from tests.test_moving import rows_of
from tests.test_server_backup import MARKED

BACKUPS, PAYERS = times(few=3, many=30), 3


def test_a_backup_under_load_is_restored_row_by_row_and_nothing_paid_is_lost(make_portal, tmp_path):
    portal, stop, paid, errors = make_portal(), threading.Event(), threading.Event(), []
    invoices = [portal.invoice() for _ in range(100 * BACKUPS)]
    target, url = tmp_path / "portal.bak", f"sqlite:///{tmp_path / 'portal.bak'}"

    def pay():
        try:
            with portal.database.connection_context():
                while invoices and not stop.is_set():
                    portal.pay(invoices.pop(), nonce="fake-valid-visa-nonce")
                    paid.set()
        except Exception as error:
            errors.append(error)

    def wait_for_a_payment():
        paid.clear()
        assert paid.wait(60), errors

    portal.database.close()
    payers = [threading.Thread(target=pay) for _ in range(PAYERS)]
    for payer in payers:
        payer.start()
    sizes = []
    try:
        for _ in range(BACKUPS):
            wait_for_a_payment()
            back_up(portal.config, target, portal.clock(), overwrite=True)
            books = Books(url)
            for agrees in (ledger_agrees, allocations_agree, secrets_are_gone, changes_are_audited):
                agrees(books)
            sizes.append(len(books.ledger))
        wait_for_a_payment()
    finally:
        stop.set()
        for payer in payers:
            payer.join()
    assert not errors and sizes == sorted(sizes) and sizes[-1] > sizes[0]

    portal.close()
    then = rows_of(url)
    lost = len(rows_of(portal.url)["ledger"]) - sizes[-1]
    restore(portal.config, target, portal.clock())
    now = rows_of(portal.url)
    assert {table for table in now if now[table] != then[table]} <= MARKED and lost > 0

    portal.open()
    portal.clock.advance(minutes=5)
    compare_restored(portal.cashier(), every_ms=0)
    portal.recover(audit=False)
    books = portal.check_own()
    assert sum(line["kind"] in ("charge", "rebooked") for line in books.ledger) == sizes[-1] + lost
