"""Imports never undo what customers have paid here."""

import pytest

from app.models import Invoice, booking
from tests.imports.conftest import NOW_MS

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Status\n"


@pytest.fixture
def run(flask_import, write, cedar):
    return lambda row, *options: flask_import("invoices", write("invoices.csv", HEADER + row + "\n"), *options)


@pytest.fixture
def new(run):
    """INV-1 over $100.00, nothing paid."""
    run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,,")


@pytest.fixture
def paid(new, pay):
    """INV-1 over $100.00, of which $40.00 were paid here and are settled."""
    return pay("INV-1", 4000)


def state():
    found = Invoice.get()
    return found.total_minor, found.paid_elsewhere_minor, found.paid_online_minor, found.open_minor, found.is_paid


def test_the_portals_payments_survive_an_import(paid, run):
    assert "1 unchanged" in run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,0.00,").output
    assert "1 changed" in run("77,INV-1,2026-11-03,2026-12-03,USD,90.00,0.00,").output
    assert state() == (9000, 0, 4000, 5000, False)


def test_invoice_settled_in_the_books_is_closed(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,60.00,", "--payments-made-here", "left-out")
    assert state() == (10000, 6000, 4000, 0, True)
    assert "Customers have paid toward INV-1 here, and the amount paid in the file has grown." in result.output


def test_double_payment_is_refused_with_advice(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,100.00,")
    assert result.exit_code == 1
    assert "Row 2, Amount paid: 100.00 of “INV-1” in the file and 40.00 paid here are more than" in result.output
    assert "--payments-made-here included" in result.output
    assert state() == (10000, 0, 4000, 6000, False)


def test_a_file_may_include_what_was_paid_here(paid, run):
    row = "77,INV-1,2026-11-03,2026-12-03,USD,100.00,{},"
    run(row.format("100.00"), "--payments-made-here", "included")
    assert state() == (10000, 6000, 4000, 0, True)
    run(row.format("40.00"), "--payments-made-here", "included")
    assert state() == (10000, 0, 4000, 6000, False)


def test_total_below_the_amount_paid_in_the_books_is_refused(new, run, flask_import, write):
    run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,90.00,")
    less = "Customer number,Number,Date,Due date,Currency,Total\n77,INV-1,2026-11-03,2026-12-03,USD,50.00\n"
    result = flask_import("invoices", write("less.csv", less))
    assert "Row 2, Total: 90.00 of “INV-1” is paid already, which is more." in result.output
    assert state() == (10000, 9000, 0, 1000, False)


def test_surplus_credits_are_reported_and_capped_at_the_balance(paid, flask_import, write):
    text = HEADER.replace("Amount paid", "Credits") + "77,INV-1,2026-11-03,2026-12-03,USD,100.00,70.00,\n"
    result = flask_import("invoices", write("credits.csv", text), "--payments-made-here", "left-out")
    assert "INV-1: its credits are 10.00 USD more than what was left to pay." in result.output
    assert state() == (10000, 0, 4000, 0, True)
    assert Invoice.get().credited_minor == 6000
    assert "1 unchanged" in flask_import("invoices", write("credits.csv", text)).output


def test_total_below_the_amount_paid_here_is_refused(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,39.99,0.00,")
    assert result.exit_code == 1
    assert "Row 2, Total: customers have paid 40.00 of “INV-1” here: the total can't be less." in result.output
    assert state() == (10000, 0, 4000, 6000, False)


def test_a_currency_can_not_change_after_a_payment(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,EUR,100.00,0.00,")
    assert "Row 2, Currency: “INV-1” has payments in USD here: its currency can't change." in result.output
    assert result.exit_code == 1


def test_a_voided_invoice_with_a_payment_is_closed_and_said(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,0.00,Voided")
    assert "INV-1: voided in the books, but customers have paid toward it here. Refund them." in result.output
    assert state() == (10000, 0, 4000, 0, True)
    assert Invoice.get().credited_minor == 6000


@pytest.mark.parametrize("state_now", ["created", "sent"])
def test_a_voided_invoice_stays_closed_when_the_payment_under_way_falls_through(new, pay, run, state_now):
    attempt = pay("INV-1", 10000, state_now)
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,,Voided")
    assert "INV-1: voided in the books while a customer is paying it here, right now." in result.output
    attempt.abandon(NOW_MS, since=state_now)
    assert state() == (10000, 0, 0, 0, True)
    assert (Invoice.get().credited_minor, Invoice.get().is_void) == (10000, True)


def test_a_voided_invoice_stays_closed_when_settlement_fails(new, pay, run):
    attempt = pay("INV-1", 10000, settlement="submitted")
    void = "77,INV-1,2026-11-03,2026-12-03,USD,100.00,,Voided"
    assert "0 new, 1 changed" in run(void).output
    booking.fail(attempt, NOW_MS)
    assert state() == (10000, 0, 0, 0, True)
    assert "0 new, 0 changed" in run(void).output


@pytest.mark.parametrize("header", [HEADER, HEADER.replace("Amount paid", "Ignored")])
def test_a_voided_invoice_that_the_books_have_again_is_asked_about(new, flask_import, write, run, header):
    run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,,Voided")
    again = header + "77,INV-1,2026-11-03,2026-12-03,USD,100.00,,\n"
    result = flask_import("invoices", write("again.csv", again))
    assert result.exit_code == 1
    assert "“INV-1” is void here, and the file has it as valid (2026-11-03, 100.00 USD). If it is to be paid after" in (
        result.output
    )
    assert "--reopen INV-1; if it stays void, with --keep-closed INV-1." in result.output
    assert (state(), Invoice.get().is_void) == ((10000, 0, 0, 0, True), True)
    assert "1 changed" in flask_import("invoices", write("again.csv", again), "--reopen", "INV-1").output
    assert state() == (10000, 0, 0, 10000, False)
    assert "1 unchanged" in flask_import("invoices", write("again.csv", again)).output


def test_invoice_being_paid_is_not_reported_as_paid(new, pay, run):
    pay("INV-1", 6000, "sent")
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,50.00,,")
    assert "Total: customers are paying 60.00 of “INV-1” here right now: the total can't be less." in result.output


def test_the_books_sum_holds_after_every_import(paid, run):
    for total in ("100.00", "45.10", "40.00", "1000.00"):
        run(f"77,INV-1,2026-11-03,2026-12-03,USD,{total},0.00,")
        found = Invoice.get()
        assert (
            found.total_minor
            == found.paid_elsewhere_minor + found.credited_minor + found.paid_online_minor + found.open_minor
        )
