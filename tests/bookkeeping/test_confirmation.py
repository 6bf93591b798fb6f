"""What the books have not confirmed: a file of invoices confirms the payments that it has."""

import pytest

from app.bookkeeping.queries import runs
from app.models import Attempt, Audit, ExportLine, LedgerEntry, booking
from tests.bookkeeping.conftest import PATH
from tests.bookkeeping.test_runs import post
from tests.payments.conftest import pay
from tests.support.pages import text_of

HEAD = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Amount due\n"
LATE = "77,INV-1037,2026-10-01,2026-10-18,USD,600.00,{paid},{due}\n"
DUE = "77,INV-1041,2026-10-01,2026-11-13,USD,1186.50,{paid},{due}\n"


@pytest.fixture
def bring(flask_import, write):
    def _bring(text, *options):
        result = flask_import("invoices", write("invoices.csv", text), *options)
        assert result.exit_code == 0, result.output

    return _bring


def confirmed() -> list[bool]:
    return [line.confirmed_ms is not None for line in ExportLine.select().order_by(ExportLine.id)]


def test_a_file_without_the_payment_confirms_nothing(alice, owed, export_as, bring):
    pay(alice, owed.late)
    export_as("csv")
    bring(HEAD + LATE.format(paid="0.00", due="600.00"))
    assert confirmed() == [False]


def test_a_file_with_the_payment_confirms_it(alice, owed, export_as, bring, ruth):
    pay(alice, owed.late)
    export_as("csv")
    bring(HEAD + LATE.format(paid="600.00", due="0.00"))
    assert confirmed() == [True] and ExportLine.get().confirmed_by == ""
    text = text_of(ruth.get(PATH))
    assert "Confirmed" in text and "Not confirmed" not in text and "have not confirmed" not in text


def test_payment_elsewhere_confirms_nothing(alice, owed, export_as, bring):
    bring(HEAD + LATE.format(paid="250.00", due="350.00"))
    pay(alice, owed.late, pay="part", amount="350")
    export_as("csv")
    bring(HEAD + LATE.format(paid="250.00", due="350.00"))
    assert confirmed() == [False]
    bring(HEAD + LATE.format(paid="600.00", due="0.00"))
    assert confirmed() == [True]


def test_the_books_confirm_the_older_of_two_payments_first(alice, owed, export_as, bring):
    pay(alice, owed.late, pay="part", amount="100")
    pay(alice, owed.late, pay="part", amount="200")
    export_as("csv")
    bring(HEAD + LATE.format(paid="100.00", due="500.00"))
    assert confirmed() == [True, False]
    bring(HEAD + LATE.format(paid="300.00", due="300.00"))
    assert confirmed() == [True, True]


def test_a_payment_of_two_invoices_needs_both(alice, owed, export_as, bring):
    pay(alice, owed.late, owed.due)
    export_as("csv")
    bring(HEAD + LATE.format(paid="600.00", due="0.00") + DUE.format(paid="0.00", due="1186.50"))
    assert confirmed() == [False]
    bring(HEAD + LATE.format(paid="600.00", due="0.00") + DUE.format(paid="1186.50", due="0.00"))
    assert confirmed() == [True]


def test_a_file_that_leaves_out_payments_made_here_confirms_nothing(alice, owed, export_as, bring):
    pay(alice, owed.late, pay="part", amount="100")
    export_as("csv")
    bring(HEAD + LATE.format(paid="100.00", due="500.00"), "--payments-made-here", "left-out")
    assert confirmed() == [False]


def test_a_status_of_paid_confirms_without_amounts(alice, owed, export_as, bring):
    pay(alice, owed.late)
    export_as("csv")
    head = "Customer number,Number,Date,Due date,Currency,Total,Status\n"
    bring(head + "77,INV-1037,2026-10-01,2026-10-18,USD,600.00,Paid\n")
    assert confirmed() == [True]


def test_a_payment_that_is_not_exported_is_not_confirmed(alice, owed, export_as, bring):
    pay(alice, owed.late)
    bring(HEAD + LATE.format(paid="600.00", due="0.00"))
    export_as("csv")
    assert confirmed() == [False]


def test_a_reversed_payment_is_confirmed_by_hand(alice, owed, export_as, bring, ruth):
    pay(alice, owed.late)
    export_as("csv")
    booking.fail(Attempt.get(), 1)
    export_as("csv")
    bring(HEAD + LATE.format(paid="600.00", due="0.00"))
    assert confirmed() == [False, False]
    assert "By hand It was reversed later" in text_of(ruth.get(f"{PATH}/1"))
    assert "By hand A reversal is in no file of invoices" in text_of(ruth.get(f"{PATH}/2"))
    assert post(ruth, f"{PATH}/1/confirm").status_code == 303
    assert confirmed() == [True, False] and ExportLine.get_by_id(1).confirmed_by == "ruth@harborpine.example"
    assert Audit.last("export_confirmed").subject == "export:1"
    post(ruth, f"{PATH}/1/confirm")
    assert "Nothing was changed" in text_of(ruth.get(PATH))


def test_a_run_says_that_its_list_is_cut(alice, owed, export_as, ruth):
    pay(alice, owed.late)
    export_as("csv")
    assert "The first" not in text_of(ruth.get(f"{PATH}/1"))
    charge = LedgerEntry.get()
    for number in range(runs.MAX_ENTRIES + 1):
        LedgerEntry.create(
            kind=LedgerEntry.UNAPPLIED,
            gateway_ref=f"t{number}",
            attempt=charge.attempt,
            amount_minor=100,
            currency="USD",
            at_ms=charge.at_ms,
        )
    export_as("csv")
    assert "The first 200 of 201 entries. The file has all of them." in text_of(ruth.get(f"{PATH}/2"))


def test_a_run_lists_what_is_not_confirmed(alice, owed, export_as, bring, ruth):
    pay(alice, owed.late)
    pay(alice, owed.due)
    export_as("csv")
    bring(HEAD + LATE.format(paid="600.00", due="0.00"))
    text = text_of(ruth.get(f"{PATH}/1"))
    assert (
        "1 of 2 confirmed" in text
        and "INV-1041 By the next file that includes it $1,186.50" in text
        and "INV-1037" not in text
    )
