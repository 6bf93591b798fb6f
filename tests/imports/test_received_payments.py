"""Payments received elsewhere, from a file."""

import pytest

from app.models import Audit, Customer, ImportRow, ImportRun, Invoice, PaymentElsewhere, ReceivedPayment
from tests.imports.test_uploads import INVOICES, row
from tests.support.office_files import ods

HEADER = "Date received,Method,Reference,Customer number,Invoice number,Currency,Amount\n"
ONE = "2026-11-20,Check,CHK-1,77,N-1,USD,20.00\n"
TWO = "2026-11-20,Check,CHK-1,77,N-2,USD,50.00\n"
CASH = "2026-11-21,Cash,,77,N-3,USD,10.00\n"


@pytest.fixture
def invoices(upload, press):
    press(upload(INVOICES + row("N-1") + row("N-2") + row("N-3")), "apply")


def open_of(number: str) -> int:
    return Invoice.get(Invoice.number == number).open_minor


def received() -> list[tuple]:
    return [
        (one.method, one.reference, one.amount_minor) for one in ReceivedPayment.select().order_by(ReceivedPayment.id)
    ]


def reasons(url: str) -> str:
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    return " ".join(one.reason for one in ImportRow.select().where(ImportRow.run == run.id))


def outcomes(url: str) -> list[str]:
    run = ImportRun.by_public_id(url.rpartition("/")[2])
    return [one.outcome for one in ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.row)]


def test_payments_are_previewed_recorded_listed_and_undone(upload, page, press, log_in, cast, invoices):
    url = upload(HEADER + ONE + TWO + CASH)
    text = page(url)
    assert "2 new payments will be imported" in text and outcomes(url) == ["new"] * 3
    assert "Amount due: <del>$50.00</del> → <ins>$30.00</ins>" in text and "Check CHK-1, 2026-11-20" in text
    assert not ReceivedPayment.select().exists()
    press(url, "apply")
    assert received() == [("check", "CHK-1", 7000), ("cash", "", 1000)]
    assert (open_of("N-1"), open_of("N-2"), open_of("N-3")) == (3000, 0, 4000)
    assert "Check CHK-1" in log_in(cast.alice).get("/payments").get_data(as_text=True)
    assert (
        Audit.select().where(Audit.event == "received_recorded", Audit.actor == "ruth@harborpine.example").count() == 2
    )
    press(url, "undo")
    assert "Undone" in page(url) and received() == [] and not PaymentElsewhere.select().exists()
    assert (open_of("N-1"), open_of("N-2"), open_of("N-3")) == (5000, 5000, 5000)


def test_same_file_again_is_unchanged(upload, page, press, invoices):
    press(upload(HEADER + ONE + TWO + CASH), "apply")
    url = upload(HEADER + ONE + TWO + CASH)
    assert outcomes(url) == ["unchanged"] * 3 and "Everything in the file is here already" in page(url)
    url = upload(HEADER + ONE + TWO + CASH + CASH)
    assert "1 new payment will be imported" in page(url)
    press(url, "apply")
    assert open_of("N-3") == 3000


def test_payment_recorded_by_hand_is_known(upload, page, press, invoices):
    press(upload(HEADER + ONE), "apply")
    ReceivedPayment.update(public_id="byhand", actor="otto@x.example").execute()
    assert outcomes(upload(HEADER + ONE)) == ["unchanged"]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            "2026-11-20,Check,,77,N-1,USD,50.01",
            "50.01 USD is more than “N-1” has open: 50.00 USD. Write that, or less.",
        ),
        ("2026-11-20,Check,,77,N-9,USD,1.00", "This customer has no invoice “N-9”. Correct the number, or import"),
        ("2026-11-20,Check,,81,N-1,USD,1.00", "“N-1” is an invoice of “Cedar Lane Bakery” (77). Correct the number"),
        ("2026-11-20,Check,,99,N-1,USD,1.00", "There is no customer “99”"),
        ("2026-11-20,Check,,77,N-1,EUR,1.00", "“N-1” is in USD, and the payment in EUR. Correct it."),
        ("2026-11-20,Barter,,77,N-1,USD,1.00", "“Barter” is none of Check, Bank transfer, Cash, Other."),
        ("2027-11-20,Check,,77,N-1,USD,1.00", "“2027-11-20” is in the future."),
        ("2026-11-20,Check,,77,N-1,USD,-1.00", "is below zero. Money that went back is no payment"),
        ("2026-11-20,Check,,77,N-1,USD,", "is empty or zero. Write what was received."),
        (",Check,,77,N-1,USD,1.00", "is empty. Write the day on which it was received."),
        ("2026-11-20,Check,,77,,USD,1.00", "is empty. A payment names the invoice that it pays"),
    ],
)
def test_bad_row_says_why_and_what_to_do(upload, page, invoices, cells, why):
    url = upload(f"{HEADER}{cells}\n")
    assert why in reasons(url)
    assert "1 problem keeps the file" in page(url)


def test_void_invoice_takes_no_payment(upload, invoices, database):
    Invoice.update(is_void=True).where(Invoice.number == "N-1").execute()
    assert "“N-1” is void. Leave the row out." in reasons(upload(HEADER + ONE))


def test_rows_together_pay_no_more_than_is_open(upload, invoices):
    rows = "".join(f"2026-11-2{day},Cash,,77,N-1,USD,30.00\n" for day in (0, 1))
    assert "30.00 USD is more than “N-1” has open after the rows above: 20.00 USD" in reasons(upload(HEADER + rows))


def test_invoice_twice_in_one_payment_is_refused(upload, invoices):
    assert "“N-1” is in another row of the same payment. Keep one of them, with the sum." in reasons(
        upload(HEADER + ONE + ONE)
    )


def test_invoice_that_is_being_paid_online_waits(upload, pay, invoices):
    pay("N-1", 1000, state="sent")
    assert "The customer is paying “N-1” online right now" in reasons(upload(HEADER + ONE))


def test_payment_that_the_books_have_is_asked_about(upload, page, press, invoices):
    press(upload(INVOICES + row("N-1", due="30.00")), "apply")
    url = upload(HEADER + ONE + TWO + CASH)
    assert outcomes(url) == ["conflict", "conflict", "new"] and "Part of the payment in row 2" in reasons(url)
    assert "your books have a payment of 20.00 USD for “N-1”, which counts already" in reasons(url)
    press(url, "answers", answer="counted")
    assert "Left out: 1 payments that were here or in your books already, as you answered." in page(url)
    assert outcomes(url) == ["unchanged", "unchanged", "new"]
    press(url, "answers", take_back="counted:row 2")
    press(url, "answers", answer="another")
    press(url, "apply")
    assert open_of("N-1") == 1000 and len(received()) == 2


def test_reference_with_other_details_is_asked_about(upload, page, press, invoices):
    press(upload(HEADER + ONE), "apply")
    url = upload(HEADER + ONE.replace("20.00", "25.00"))
    assert "a payment with this reference is here already, with other details (20.00 USD of 2026-11-20)" in reasons(url)
    press(url, "answers", all="another")
    press(url, "apply")
    assert open_of("N-1") == 500


def test_payment_like_a_recorded_one_is_asked_about(upload, page, press, invoices):
    press(upload(HEADER + CASH), "apply")
    url = upload(HEADER + CASH.replace("N-3", "N-2"))
    assert (
        "a payment of the same day and amount is here already, for other invoices (10.00 USD of 2026-11-21)"
        in reasons(url)
    )


def test_payments_of_one_file_may_be_alike(upload, page, press, invoices):
    press(upload(HEADER + CASH + CASH.replace("N-3", "N-2")), "apply")
    assert len(received()) == 2


def test_row_is_left_out_with_its_payment(upload, page, press, invoices):
    url = upload(HEADER + ONE + TWO.replace("50.00", "x") + CASH)
    press(url, "rows", leave_out="3")
    assert outcomes(url) == ["new"]
    press(url, "apply")
    assert received() == [("cash", "", 1000)]


def test_undo_is_refused_after_a_correction(upload, page, press, invoices):
    url = upload(HEADER + ONE)
    press(url, "apply")
    ReceivedPayment.update(reference="CHK-2").execute()
    press(url, "undo")
    assert "Not undone: The payment of 2026-11-20 by Cedar Lane Bakery has changed since." in page(url)


def test_undo_leaves_what_was_paid_online_before(upload, page, press, pay, invoices):
    pay("N-1", 1000)
    url = upload(HEADER + ONE)
    press(url, "apply")
    assert open_of("N-1") == 2000
    press(url, "undo")
    assert "Undone" in page(url) and open_of("N-1") == 4000


def test_preview_is_made_again_when_a_customer_pays_first(upload, page, press, pay, invoices):
    url = upload(HEADER + ONE)
    pay("N-1", 1000)
    press(url, "apply")
    assert "have changed since the preview" in page(url) and received() == []


def test_file_without_currency_or_numbers_is_read_by_names(upload, press, invoices):
    rows = [["Payment date", "Customer", "Invoice", "Payment amount"], ["2026-11-20", "cedar lane bakery", "N-1", 20]]
    press(upload(ods({"Payments": rows}), "payments.ods", kind="payments"), "apply")
    assert received() == [("other", "", 2000)]


def test_dates_in_doubt_are_asked_about(upload, page, press, invoices):
    url = upload(HEADER + ONE.replace("2026-11-20", "03/04/2026"))
    assert "can be read with the day or the month first" in reasons(url) and "Payments made here" not in page(url)
    press(url, "answers", date_format="dd/mm/yyyy")
    press(url, "apply")
    assert ReceivedPayment.get().received_on.isoformat() == "2026-04-03"


def test_console_records_payments(flask_import, write, invoices, press, upload):
    path = write("payments.csv", HEADER + ONE)
    assert "1 new, 0 changed, 0 unchanged" in flask_import("payments", path).output
    assert "0 new, 0 changed, 1 unchanged" in flask_import("payments", path).output
    path = write("payments.csv", HEADER + ONE.replace("20.00", "25.00"))
    assert "Is this another payment?" in flask_import("payments", path).output
    assert "1 unchanged" in flask_import("payments", path, "--in-doubt", "leave-out").output
    assert Customer.get(number="77") and open_of("N-1") == 3000


def test_many_payments_are_several_files(upload, page, invoices):
    rows = "".join(f"2026-11-20,Check,C-{n},77,N-1,USD,0.01\n" for n in range(501))
    assert "The file has 501 new payments; the maximum is 500." in reasons(upload(HEADER + rows))
