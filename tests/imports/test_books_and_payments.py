"""What the books say is paid, credited or due beside payments made here: every order and reading gives one truth."""

from itertools import product
from pathlib import Path

import pytest

from app.models import Customer, Invoice, booking
from tests.imports.test_uploads import INVOICES, row

CASES = Path(__file__).parent / "cases"
HEADER = "Customer number,Number,Date,Due date,Currency,Total,"
INCLUDED, IN_PAID, LEFT_OUT = (("--payments-made-here", reading) for reading in ("included", "in-paid", "left-out"))


@pytest.fixture
def harbour(flask_import):
    flask_import("customers", CASES / "customers.csv")
    return Customer.get(Customer.number == "C1")


@pytest.fixture
def books(flask_import, write, harbour):
    """books("Amount paid", "100.00", *options) imports P-1 over 2,059.00 with these amounts."""

    def _import(columns: str, cells: str, *options: str):
        row = f"C1,P-1,2026-11-01,2026-11-28,GBP,2059.00,{cells}"
        result = flask_import("invoices", write("books.csv", f"{HEADER}{columns}\n{row}\n"), *options)
        assert result.exit_code == 0, result.output
        return result.output

    return _import


def parts() -> tuple[int, int, int, int]:
    """(paid elsewhere, credited, taken here, open) of P-1."""
    found = Invoice.get(Invoice.number == "P-1")
    taken = found.processing_minor + found.paid_online_minor
    assert found.total_minor == found.paid_elsewhere_minor + found.credited_minor + taken + found.open_minor
    return found.paid_elsewhere_minor, found.credited_minor, taken, found.open_minor


def test_amount_due_in_the_books_includes_payments_made_here(harbour, flask_import, pay):
    flask_import("invoices", CASES / "05-books-before.csv")
    pay("P-1", 10000)
    result = flask_import("invoices", CASES / "05-books-after.csv")
    assert parts() == (0, 0, 10000, 195900)
    assert "--payments-made-here" not in result.output
    assert "1 unchanged" in flask_import("invoices", CASES / "05-books-after.csv").output


@pytest.mark.parametrize("wrong", [LEFT_OUT, ()])
def test_import_with_the_option_of_the_note_corrects_amounts(harbour, flask_import, pay, wrong):
    flask_import("invoices", CASES / "05-books-before.csv")
    pay("P-1", 10000)
    first = flask_import("invoices", CASES / "05-books-after.csv", *wrong)
    assert ("import it again with --payments-made-here included" in first.output) == bool(wrong)
    flask_import("invoices", CASES / "05-books-after.csv", *INCLUDED)
    assert parts() == (0, 0, 10000, 195900)


AMOUNTS = {"Amount paid": "100.00", "Amount due": "1959.00", "Amount paid,Amount due": "100.00,1959.00"}


@pytest.mark.parametrize("columns", AMOUNTS)
@pytest.mark.parametrize("readings", list(product((INCLUDED, IN_PAID, LEFT_OUT), repeat=2)))
def test_the_last_reading_alone_decides(books, pay, columns, readings):
    """Whatever the file was read as before, it gives what it would have given at once."""
    books("Status", "Open")
    pay("P-1", 10000)
    for reading in readings:
        books(columns, AMOUNTS[columns], *reading)
    paid = 10000 if readings[-1] == LEFT_OUT else 0
    assert parts() == (paid, 0, 10000, 195900 - paid)


@pytest.mark.parametrize("readings", list(product((INCLUDED, IN_PAID, LEFT_OUT), repeat=2)))
def test_a_payment_recorded_as_a_credit_counts_once(books, pay, readings):
    books("Credits", "0.00")
    pay("P-1", 10000)
    for reading in readings:
        books("Credits,Amount due", "100.00,1959.00", *reading)
    credited = 0 if readings[-1] == INCLUDED else 10000
    assert parts() == (0, credited, 10000, 195900 - credited)


def test_note_about_grown_credits_names_the_option_that_corrects_them(books, pay):
    books("Credits", "0.00")
    pay("P-1", 10000)
    output = books("Credits", "100.00", *LEFT_OUT)
    assert "Customers have paid toward P-1 here, and the amount credited in the file has grown." in output
    books("Credits", "100.00", *INCLUDED)
    assert parts() == (0, 0, 10000, 195900)


@pytest.mark.parametrize("first", [INCLUDED, IN_PAID, LEFT_OUT, ()])
def test_amount_due_decides_without_an_option(books, pay, first):
    books("Credits,Amount due", "0.00,2059.00")
    pay("P-1", 4000)
    books("Credits,Amount due", "50.00,2009.00", *first)
    books("Credits,Amount due", "50.00,2009.00")
    assert parts() == (0, 1000, 4000, 200900)
    books("Credits,Amount due", "50.00,2009.00", *INCLUDED)
    assert parts() == (0, 1000, 4000, 200900)


@pytest.mark.parametrize(("column", "paid"), [("Amount paid", True), ("Credits", False)])
@pytest.mark.parametrize("minor", [4000, 6000, 1000])
def test_amount_paid_without_amount_due_asks_a_question(books, pay, flask_import, write, column, paid, minor):
    books(column, "0.00")
    pay("P-1", 4000)
    text = f"{HEADER}{column}\nC1,P-1,2026-11-01,2026-11-28,GBP,2059.00,{minor // 100}.00\n"
    result = flask_import("invoices", write("books.csv", text))
    due = 205900 - max(4000, minor)
    assert result.exit_code == 1
    assert (
        f"Row 2, {column}: {minor // 100}.00 GBP of “P-1” was 0.00 GBP before, and customers have paid 40.00 GBP "
        f"here. If the file includes what they paid here, {due / 100:.2f} GBP stays open; if it "
        f"doesn't, {2019 - minor // 100}.00 GBP. Say which: --payments-made-here included or --payments-made-here "
        "left-out."
    ) in result.output
    assert parts() == (0, 0, 4000, 201900)


@pytest.mark.parametrize("column", ["Amount paid", "Credits"])
@pytest.mark.parametrize(("answer", "is_open"), [(INCLUDED, 201900), (LEFT_OUT, 197900)])
def test_answer_is_remembered_for_files_without_an_amount_due(books, pay, column, answer, is_open):
    books(column, "0.00")
    pay("P-1", 4000)
    output = books(column, "40.00", *answer)
    assert f"will be read with --payments-made-here {answer[1]} from now on" in output
    output = books(column, "40.00")
    assert f"read with --payments-made-here {answer[1]} as answered before: 1." in output
    assert parts()[3] == is_open
    assert "from now on" not in books(column, "40.00", *answer)


def test_row_without_amount_due_among_rows_with_one_asks_a_question(books, pay, flask_import, write):
    books("Amount paid,Amount due", "0.00,")
    pay("P-1", 4000)
    text = f"{HEADER}Amount paid,Amount due\nC1,P-1,2026-11-01,2026-11-28,GBP,2059.00,40.00,\n"
    assert "--payments-made-here included" in flask_import("invoices", write("b.csv", text)).output
    assert parts() == (0, 0, 4000, 201900)


def test_a_credit_from_before_a_payment_stays(books, pay):
    books("Credits,Amount due", "30.00,2029.00")
    pay("P-1", 10000)
    books("Credits,Amount due", "30.00,2029.00", *INCLUDED)
    assert parts() == (0, 3000, 10000, 192900)
    books("Credits,Amount due", "30.00,1929.00", *INCLUDED)
    assert parts() == (0, 3000, 10000, 192900)


def test_credit_that_includes_payments_made_here_is_no_surplus(books, pay):
    books("Credits", "0.00")
    pay("P-1", 205900)
    output = books("Credits", "2059.00")
    assert "more than what was left to pay" in output and "--payments-made-here included" in output
    assert "more than what was left" not in books("Credits", "2059.00", *INCLUDED)
    assert parts() == (0, 0, 205900, 0)


def test_several_part_payments_and_a_wrong_import_between_them(books, pay):
    books("Amount paid", "0.00")
    pay("P-1", 10000)
    books("Amount paid", "100.00", *LEFT_OUT)
    pay("P-1", 5000)
    books("Amount paid", "150.00", *LEFT_OUT)
    assert parts() == (15000, 0, 15000, 175900)
    books("Amount paid", "150.00", *INCLUDED)
    assert parts() == (0, 0, 15000, 190900)
    books("Amount paid", "400.00", *INCLUDED)
    assert parts() == (25000, 0, 15000, 165900)


def test_a_bank_transfer_from_before_survives_the_wrong_reading(books, pay):
    books("Amount paid", "40.00")
    pay("P-1", 3000)
    books("Amount paid", "70.00", *LEFT_OUT)
    assert parts() == (7000, 0, 3000, 195900)
    books("Amount paid", "70.00", *INCLUDED)
    assert parts() == (4000, 0, 3000, 198900)


def test_status_paid_without_amounts_keeps_payments_made_here(books, pay):
    books("Status", "Open")
    pay("P-1", 10000)
    books("Status", "Paid")
    assert parts() == (195900, 0, 10000, 0)
    books("Amount paid", "2059.00", *INCLUDED)
    assert parts() == (195900, 0, 10000, 0)
    books("Amount due", "1959.00")
    assert parts() == (0, 0, 10000, 195900)


@pytest.mark.parametrize("settlement", ["submitted", "settled"])
def test_a_payment_that_is_not_in_the_books_yet_stays_counted(books, pay, settlement):
    books("Amount due", "2059.00")
    pay("P-1", 10000, settlement=settlement)
    books("Amount due", "2059.00")
    assert parts() == (0, 0, 10000, 195900)


def test_a_payment_that_fails_after_the_books_knew_it_opens_the_invoice(books, pay):
    books("Amount due", "2059.00")
    attempt = pay("P-1", 10000, settlement="submitted")
    books("Amount due", "1959.00", *LEFT_OUT)
    books("Amount due", "1959.00")
    booking.fail(attempt, 1)
    assert parts() == (0, 0, 0, 205900)


def test_preview_shows_which_payment_the_books_have_booked(upload, page, pay, press):
    press(upload(INVOICES + row("N-1")), "apply")
    pay("N-1", 2000)
    text = page(upload(INVOICES + row("N-1", due="30.00")))
    assert "Paid in your books: <del>$0.00</del> → <ins>$20.00</ins>" in text
