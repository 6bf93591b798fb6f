"""Amounts of two currencies are never combined."""

from pathlib import Path

import pytest

from app.models import Invoice

CASES = Path(__file__).parent / "cases"
START = "Customer number,Number,Date,Due date"
ROW = "C1,INV1,2026-10-05,2026-11-04"


@pytest.fixture
def run(flask_import, write):
    flask_import("customers", CASES / "customers.csv")

    def _run(columns: str, cells: str, *options):
        return flask_import("invoices", write("invoices.csv", f"{START},{columns}\n{ROW},{cells}\n"), *options)

    return _run


def amounts() -> tuple[str, int, int]:
    found = Invoice.get()
    return found.currency, found.total_minor, found.open_minor


def test_a_total_in_the_currency_of_the_invoice_and_a_rest_in_your_own(run, flask_import):
    result = flask_import("invoices", CASES / "02-two-currencies.csv")
    assert result.exit_code == 1
    assert "“Amount (Foreign Currency)” and “Amount Remaining” may be in two currencies" in result.output
    assert Invoice.select().count() == 0
    without = ("--map", "Amount Remaining=")
    assert "1 new" in flask_import("invoices", CASES / "02-two-currencies.csv", *without).output
    assert amounts() == ("CAD", 10000, 10000)


@pytest.mark.parametrize(("columns", "cells"), [
    ("Currency,Amount (Foreign Currency),Amount Remaining,Amount Remaining (Foreign Currency)",
     "CAD,100.00,73.00,40.00"),
    ("Currency,Total,Total (Foreign Currency),Balance,Balance (Foreign Currency)", "CAD,73.00,100.00,29.20,40.00"),
    ("Currency,Foreign Amount,Foreign Open Balance,Open Balance", "CAD,100.00,40.00,29.20"),
    ("Currency,Total (FCY),Balance (FCY),Balance (BCY)", "CAD,100.00,40.00,29.20"),
    ("Currency,Total (CAD),Balance (CAD)", "CAD,100.00,40.00"),
    ("Total (CAD),Balance in CAD", "100.00,40.00"),
    ("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,0.73"),
    ("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,1"),
])  # fmt: skip
def test_amounts_of_the_currency_of_the_invoice_are_taken(run, columns, cells):
    result = run(columns, cells)
    assert result.exit_code == 0, result.output
    assert amounts() == ("CAD", 10000, 4000)


@pytest.mark.parametrize(("columns", "cells", "said"), [
    ("Currency,Total (Foreign Currency),Amount paid", "CAD,100.00,73.00", ("Total (Foreign Currency)", "Amount paid")),
    ("Currency,Total (Foreign Currency),Tax", "CAD,100.00,7.30", ("Total (Foreign Currency)", "Tax")),
    ("Currency,Total (Foreign Currency),Credits", "CAD,100.00,7.30", ("Total (Foreign Currency)", "Credits")),
    ("Currency,Total,Balance (Foreign Currency)", "CAD,73.00,40.00", ("Balance (Foreign Currency)", "Total")),
    ("Currency,Total,Balance (Home Currency)", "CAD,100.00,73.00", ("Total", "Balance (Home Currency)")),
    ("Currency,Total,Line amount (Home Currency)", "CAD,100.00,73.00", ("Total", "Line amount (Home Currency)")),
    ("Currency,Total (Base Currency)", "CAD,73.00", ("Total (Base Currency)", "Currency")),
    ("Total (USD),Balance (EUR)", "100.00,73.00", ("Total (USD)", "Balance (EUR)")),
    ("Total (\N{EURO SIGN}),Balance ($)", "100.00,73.00", ("Total (\N{EURO SIGN})", "Balance ($)")),
    ("Currency,Total (USD),Balance (EUR)", "USD,100.00,73.00", ("Balance (EUR)", "USD")),
    ("Currency,Total (USD)", "CAD,73.00", ("Total (USD)", "CAD")),
    ("Currency,Total,Balance (EUR)", "CAD,100.00,73.00", ("Balance (EUR)", "CAD")),
    ("Currency,Total,Balance,Exchange rate", "CAD,100.00,73.00,0.73", ("Balance", "Exchange rate")),
    ("Currency,Total,Amount paid,FX rate", "CAD,100.00,73.00,1.369863", ("Amount paid", "FX rate")),
])  # fmt: skip
def test_amounts_of_two_currencies_are_refused_with_the_names_of_both(run, columns, cells, said):
    result = run(columns, cells)
    assert result.exit_code == 1
    assert all(name in result.output for name in said), result.output
    assert Invoice.select().count() == 0


def test_a_heading_and_the_option_must_agree(run):
    assert "is in USD, not in EUR" in run("Total (USD)", "100.00", "--currency", "EUR").output
    assert run("Total (USD)", "100.00", "--currency", "USD").exit_code == 0
