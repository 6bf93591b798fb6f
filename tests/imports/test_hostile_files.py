"""Files that were never meant to be imported: never a crash, and all or nothing."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models import Customer, Invoice

pytestmark = pytest.mark.once  # what is written of them is the same SQL


HEADER = [
    "Type",
    "Status",
    "Customer number",
    "Number",
    "Date",
    "Due date",
    "Currency",
    "Memo",
    "Total",
    "Tax",
    "Amount paid",
    "Credits",
    "Amount due",
    "Description",
    "Quantity",
    "Unit price",
    "Line amount",
]
NASTY = [
    "",
    "77",
    "=1+1",
    "-1",
    "1,000",
    "1.000",
    "1e9",
    "NaN",
    "9223372036854775808",
    "٣",
    "\x00",
    "\ufeff",
    "\u202e",
    "a\nb",
    '"',
    "'; DROP TABLE invoice; --",
    "<script>",
    "x" * 300,
    "2026-11-22",
    "2026-02-30",
    "22/11/2026",
    "USD",
    "JPY",
    "usd",
    "12.50",
    "100.00",
    "0.00",
    "Credit Memo",
    "Voided",
    "Draft",
    "Invoice",
]
CELL = st.sampled_from(NASTY) | st.text(max_size=12)
LIKELY = st.tuples(
    st.sampled_from(["", "Invoice", "Credit Memo"]),
    st.sampled_from(["", "Paid", "Draft", "Voided"]),
    st.just("77"),
    st.sampled_from(["A", "B"]),
    st.just("2026-11-01"),
    st.sampled_from(["2026-11-22", ""]),
    st.sampled_from(["USD", "JPY"]),
    CELL,
    st.sampled_from(["100", "250"]),
    st.sampled_from(["", "7"]),
    st.sampled_from(["", "40"]),
    st.just(""),
    st.sampled_from(["", "60"]),
    CELL,
    st.sampled_from(["", "2"]),
    st.sampled_from(["", "1"]),
    st.sampled_from(["", "2"]),
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def run(flask_import, tmp_path, cedar):
    def _run(content: bytes):
        path = tmp_path / "hostile.csv"
        path.write_bytes(content)
        before = Invoice.select().count()
        result = flask_import("invoices", path)
        assert result.exit_code == 0 or (result.exit_code == 1 and Invoice.select().count() == before)
        return result

    return _run


def as_csv(rows, **options) -> bytes:
    file = io.StringIO()
    csv.writer(file, **options).writerows([HEADER, *rows])
    return file.getvalue().encode("utf-8", "surrogatepass")


@FEW
@given(rows=st.lists(st.lists(CELL, max_size=18), max_size=5))
def test_no_cell_crashes_it(run, rows):
    run(as_csv(rows))


@FEW
@given(content=st.binary(max_size=400))
def test_no_bytes_crash_it(run, content):
    run(content)
    run(b"Customer number,Number,Date,Due date,Currency,Total\n77,1,2026-11-01,2026-12-01,USD,5\n" + content)


@FEW
@given(rows=st.lists(LIKELY, max_size=6), delimiter=st.sampled_from(",;\t"))
def test_imported_amounts_add_up_and_the_import_is_idempotent(run, rows, delimiter):
    Invoice.delete().execute()
    content = as_csv(rows, delimiter=delimiter)
    if run(content).exit_code == 0:
        assert "0 new, 0 changed" in run(content).output
    for found in Invoice.select():
        assert found.total_minor == found.paid_elsewhere_minor + found.credited_minor + found.open_minor
        assert found.is_paid == (found.open_minor == 0)


@FEW
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=6))
def test_no_customer_crashes_it(flask_import, write, rows):
    file = io.StringIO()
    csv.writer(file).writerows([("Customer number", "Name", "Email"), *rows])
    before = Customer.select().count()
    result = flask_import("customers", write("c.csv", file.getvalue().encode("utf-8", "surrogatepass")))
    assert result.exit_code == 0 or Customer.select().count() == before


def test_a_line_too_large_for_any_amount_is_a_named_row(flask_import, write, cedar):
    header = "Customer number,Number,Date,Due date,Currency,Total,Description,Quantity,Unit price\n"
    row = "77,INV-1,2026-11-03,2026-12-03,USD,5.00,Flour,999999999999,999999999999\n"
    result = flask_import("invoices", write("invoices.csv", header + row))
    assert result.exit_code == 1 and "Row 2" in result.output and "more than an amount can be" in result.output


def test_a_hostile_header_can_not_steer_the_console(flask_import, write, cedar):
    result = flask_import("invoices", write("invoices.csv", "\x1b]0;owned\x07,\x9b2J,\u202eevil\n1,2,3\n"))
    assert result.exit_code == 1 and not set("\x1b\x07\x9b\u202e") & set(result.output)
