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


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (
            "Currency,Amount (Foreign Currency),Amount Remaining,Amount Remaining (Foreign Currency)",
            "CAD,100.00,73.00,40.00",
        ),
        ("Currency,Total,Total (Foreign Currency),Balance,Balance (Foreign Currency)", "CAD,73.00,100.00,29.20,40.00"),
        ("Currency,Foreign Amount,Foreign Open Balance,Open Balance", "CAD,100.00,40.00,29.20"),
        ("Currency,Total (FCY),Balance (FCY),Balance (BCY)", "CAD,100.00,40.00,29.20"),
        ("Currency,Total (CAD),Balance (CAD)", "CAD,100.00,40.00"),
        ("Total (CAD),Balance in CAD", "100.00,40.00"),
        ("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,1"),
        ("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,1.0000"),
        ("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,"),
        ("Currency,Total (Foreign Currency),Balance (Foreign Currency),Exchange rate", "CAD,100.00,40.00,0.73"),
        ("Currency,Total (CAD),Balance (CAD),Exchange rate", "CAD,100.00,40.00,0.73"),
    ],
)
def test_amounts_of_the_currency_of_the_invoice_are_taken(run, columns, cells):
    result = run(columns, cells)
    assert result.exit_code == 0, result.output
    assert amounts() == ("CAD", 10000, 4000)


@pytest.mark.parametrize(
    ("columns", "cells", "said"),
    [
        (
            "Currency,Total (Foreign Currency),Amount paid",
            "CAD,100.00,73.00",
            ("Total (Foreign Currency)", "Amount paid"),
        ),
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
        (
            "Currency,Total,Balance,Exchange rate",
            "CAD,73.00,73.00,0.73",
            ('leave the rate out: --map "Exchange rate="',),
        ),
        (
            "Currency,Total,Amount paid,Exchange rate",
            "CAD,100.00,29.20,0.73",
            ("Total may be in your own currency", "CAD"),
        ),
        ("Currency,Total,Exchange rate", "CAD,73.00,1 CAD = 0.73 USD", ("(Foreign Currency)",)),
        ("Currency,Total,Exchange rate", 'CAD,73.00,"0,73"', ("(Foreign Currency)",)),
        ("Currency,Total,Foreign Balance", "CAD,73.00,100.00", ("Total", "Foreign Balance")),
    ],
)
def test_amounts_of_two_currencies_are_refused_with_the_names_of_both(run, columns, cells, said):
    result = run(columns, cells)
    assert result.exit_code == 1
    assert all(name in result.output for name in said), result.output
    assert Invoice.select().count() == 0


def test_rate_is_left_out_when_amounts_are_in_the_currency_of_the_document(run):
    options = ("--map", "Exchange rate=")
    assert run("Currency,Total,Balance,Exchange rate", "CAD,100.00,40.00,0.73", *options).exit_code == 0
    assert amounts() == ("CAD", 10000, 4000)


def test_mapped_amount_of_netsuite_at_a_rate_is_asked_about(run):
    columns, cells = "Currency,Amount,Amount Remaining,Exchange Rate", "CAD,73.00,73.00,0.73"
    result = run(columns, cells, "--map", "Amount=Total")
    assert result.exit_code == 1 and "Row 2, Exchange Rate: is “0.73”, so Amount may be in your own" in result.output
    assert Invoice.select().count() == 0


@pytest.mark.parametrize(
    ("more", "cells", "said"),
    [
        (",Exchange Rate", ",0.73", "Exchange Rate: is “0.73”"),
        (",Foreign Amount", ",100.00", "“Foreign Amount” too"),
        (",Foreign Amount,Foreign Open Balance,Exchange Rate", ",100.00,40.00,0.73", ""),
    ],
)
def test_quickbooks_amounts_in_a_foreign_currency(flask_import, write, run, more, cells, said):
    text = (
        f"Date,Transaction Type,Num,Name,Due Date,Currency,Amount,Open Balance{more}\n"
        f"2026-10-05,Invoice,1,Harbour Lamps,2026-11-05,CAD,73.00,29.20{cells}\n"
    )
    result = flask_import("invoices", write("q.csv", text))
    assert said in result.output and result.exit_code == bool(said), result.output
    if not said:
        assert amounts() == ("CAD", 10000, 4000)


def test_a_heading_and_the_option_must_agree(run):
    assert "is in USD, not in EUR" in run("Total (USD)", "100.00", "--currency", "EUR").output
    assert run("Total (USD)", "100.00", "--currency", "USD").exit_code == 0
