"""Imports never undo what customers have paid here."""

from datetime import UTC, datetime

import pytest

from app.clock import to_ms
from app.models import Allocation, Attempt, Customer, Invoice, User

HEADER = "Customer number,Number,Date,Due date,Currency,Total,Amount paid,Status\n"


@pytest.fixture
def run(flask_import, write, cedar):
    return lambda row: flask_import("invoices", write("invoices.csv", HEADER + row + "\n"))


@pytest.fixture
def paid(run):
    """INV-1 over $100.00, of which $40.00 were paid here and are settled."""
    run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,,")
    now, invoice = to_ms(datetime(2026, 11, 22, tzinfo=UTC)), Invoice.get()
    attempt = Attempt.create(
        token="t",
        order_id="o",
        customer=Customer.get(),
        user=User.create(email="a@a.example", created_ms=now),
        amount_minor=4000,
        currency="USD",
        state="approved",
        settlement="settled",
        created_ms=now,
        touched_ms=now,
    )
    Allocation.create(attempt=attempt, invoice=invoice, amount_minor=4000)
    Invoice.recount([invoice.id])
    return invoice


def state():
    found = Invoice.get()
    return found.total_minor, found.paid_elsewhere_minor, found.paid_online_minor, found.open_minor, found.is_paid


def test_the_portals_payments_survive_an_import(paid, run):
    assert "1 unchanged" in run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,0.00,").output
    assert "1 changed" in run("77,INV-1,2026-11-03,2026-12-03,USD,90.00,0.00,").output
    assert state() == (9000, 0, 4000, 5000, False)


def test_what_is_settled_in_the_books_closes_the_invoice(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,60.00,")
    assert state() == (10000, 6000, 4000, 0, True)
    assert "Customers have paid on INV-1 here, and the amount paid in the file has grown." in result.output


def test_paying_twice_never_opens_below_zero(paid, run):
    run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,100.00,")
    assert state() == (10000, 10000, 4000, 0, True)


def test_a_total_below_what_was_taken_is_refused(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,39.99,0.00,")
    assert result.exit_code == 1
    assert "Row 2, Total: customers have paid 40.00 of “INV-1” here: the total can't be less." in result.output
    assert state() == (10000, 0, 4000, 6000, False)


def test_a_currency_can_not_change_after_a_payment(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,EUR,100.00,0.00,")
    assert "Row 2, Currency: “INV-1” was paid on in USD here: its currency can't change." in result.output
    assert result.exit_code == 1


def test_a_voided_invoice_with_a_payment_is_closed_and_said(paid, run):
    result = run("77,INV-1,2026-11-03,2026-12-03,USD,100.00,0.00,Voided")
    assert "INV-1: voided in the books, but customers have paid here. Refund them." in result.output
    assert state() == (10000, 0, 4000, 0, True)
    assert Invoice.get().credited_minor == 6000


def test_the_books_sum_holds_after_every_import(paid, run):
    for total in ("100.00", "45.10", "40.00", "1000.00"):
        run(f"77,INV-1,2026-11-03,2026-12-03,USD,{total},0.00,")
        found = Invoice.get()
        assert (
            found.total_minor
            == found.paid_elsewhere_minor + found.credited_minor + found.paid_online_minor + found.open_minor
        )
