"""Faults put into the payment code on purpose: each must be caught by the tests beside this one."""

import pytest

from app.config import ROOT
from tests.sampling import sample
from tests.support.code_faults import assert_caught, run, texts_with_fault

FILES = ("tests/payments/test_protocol.py", "tests/payments/test_gateway_statuses.py")
PAYMENTS, RECONCILE = "app/payments/checkout.py", "app/payments/reconciliation.py"
ATTEMPT, BOOKING = "app/models/payment_attempt.py", "app/models/booking.py"
MIGRATION = "migrations/0001_initial.py"

# name: (which tests must catch it, [(file, text, what it becomes), …])
FAULTS = {
    "no IMMEDIATE": (
        "no_other_process_can_reserve",
        [
            ("app/database/sqlite.py", 'lock_type="IMMEDIATE"', 'lock_type="DEFERRED"'),
        ],
    ),
    "no compare-and-set": (
        "wakes_after_abandonment",
        [
            (ATTEMPT, "(Attempt.id == self.id) & (Attempt.state == before)", "(Attempt.id == self.id)"),
        ],
    ),
    "the call inside the transaction": (
        "slow_gateway_call_holds_no_database_lock",
        [
            (
                PAYMENTS,
                "        return charge(reserved, cashier)\n",
                "        with db.atomic():\n            return charge(reserved, cashier)\n",
            ),
        ],
    ),
    "no unique transaction id": (
        "share_a_charge",
        [
            (ATTEMPT, "transaction_id = CharField(unique=True, null=True)", "transaction_id = CharField(null=True)"),
            (MIGRATION, "transaction_id = CharField(unique=True, null=True)", "transaction_id = CharField(null=True)"),
        ],
    ),
    "declined on a timeout": (
        "lost_answer_is_being_confirmed",
        [
            (
                PAYMENTS,
                'attempt.note("unknown", cashier.now_ms(), why=str(error))',
                'booking.decline(attempt, cashier.now_ms(), reason="timeout")',
            ),
        ],
    ),
    "the amount from the form": (
        "changed_balance_is_not_charged",
        [
            (PAYMENTS, "if Balance(one.open_minor, one.currency) != shown[one.public_id])", "if False)"),
            (
                PAYMENTS,
                "amount_minor=agreed.pay_minor",
                "amount_minor=amount_minor or sum(one.open_minor for one in shown.values())",
            ),
        ],
    ),
    "no amount comparison": (
        "charge_of_another_amount",
        [
            (PAYMENTS, '        "amount_minor": (attempt.amount_minor, transaction.amount_minor),\n', ""),
        ],
    ),
    "reservations are not counted": (
        "never_sent_gives_its_reservation_back",
        [
            ("app/models/invoice.py", "attempt.state IN ('created', 'sent')", "attempt.state IN ('nothing')"),
        ],
    ),
    "a duplicate is a decline": (
        "duplicate_rejection",
        [
            (PAYMENTS, 'elif verdict.reason != "duplicate":', "else:"),
        ],
    ),
    "a refused resend is a verdict": (
        "used_nonce_on_the_second_try",
        [
            (
                RECONCILE,
                "    if not isinstance(verdict, Refused):\n",
                "    if isinstance(verdict, Refused):\n"
                '        booking.decline(attempt, cashier.now_ms(), reason="refused")\n    else:\n',
            ),
        ],
    ),
    "a late refusal is a verdict": (
        "wakes_to_a_used_nonce",
        [
            (PAYMENTS, "text=text, untouched=True)", "text=text)"),
        ],
    ),
    "given up after one empty search": (
        "leap_of_the_clock",
        [
            (
                RECONCILE,
                "return attempt.empty_searches >= EMPTY_SEARCHES and now_ms >= since_ms + SEARCH_GRACE_MS",
                "return True",
            ),
        ],
    ),
    "the second charge is voided before it is noted": (
        "noted_it_first",
        [
            (
                RECONCILE,
                '    attempt.note_once("double", cashier.now_ms(), transaction=extra.id)\n'
                "    void_or_book_unapplied(attempt, extra, cashier)\n",
                "    void_or_book_unapplied(attempt, extra, cashier)\n"
                '    attempt.note_once("double", cashier.now_ms(), transaction=extra.id)\n',
            ),
        ],
    ),
    "authorizing is a verdict": (
        "decides_nothing_is_being_confirmed",
        [
            (
                "app/payments/gateway/responses.py",
                '"authorizing": Transaction.PENDING',
                '"authorizing": Transaction.SUBMITTED',
            ),
        ],
    ),
    "given up after a few searches": (
        "leaps_of_the_clock",
        [
            (RECONCILE, "attempt.empty_searches >= EMPTY_SEARCHES and ", ""),
        ],
    ),
    "a double is voided whatever is kept": (
        "voided_for_a_charge_that_is_no_money",
        [
            ("app/payments/settlement.py", "        if is_sound(attempt, kept):\n", "        if True:\n"),
        ],
    ),
    "another payment's id is believed": (
        "id_of_another_payment_is_no_verdict",
        [
            (PAYMENTS, "if not found and LedgerEntry.is_of_another(attempt, transaction.id):", "if False:"),
            (
                BOOKING,
                "moved = not LedgerEntry.is_of_another(attempt, transaction.id) and attempt.change_state(",
                "moved = attempt.change_state(",
            ),
        ],
    ),
    "the nonce is kept": (
        "charged_once_and_the_books_agree",
        [
            (
                BOOKING,
                "        nonce=None,\n        device_data=None,\n        poll_ms=poll_ms",
                "        device_data=None,\n        poll_ms=poll_ms",
            ),
        ],
    ),
    "a charge without its ledger line": (
        "charged_once_and_the_books_agree",
        [
            (BOOKING, "LedgerEntry.charge(transaction.id, attempt, attempt.amount_minor, now_ms)", "pass"),
        ],
    ),
    "a change without an audit line": (
        "charged_once_and_the_books_agree",
        [
            (
                ATTEMPT,
                "            self.note(after, now_ms)\n",
                "",
            ),
        ],
    ),
}


def test_the_copy_is_whole(copy):
    result = run(copy, FILES, " or ".join({which for which, _ in FAULTS.values()}))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", FAULTS)
def test_each_deliberate_fault_is_found_in_the_code(name):
    which, changes = FAULTS[name]
    texts_with_fault(ROOT, changes)
    assert any(which in (ROOT / file).read_text() for file in FILES), f"no test is named like {which}"


@pytest.mark.parametrize("name", sample(list(FAULTS), 2, "faults"))
def test_a_deliberate_fault_is_caught(copy, name):
    which, changes = FAULTS[name]
    assert_caught(copy, changes, FILES, which)
