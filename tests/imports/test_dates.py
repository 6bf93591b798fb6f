"""Dates as programs write them, and due dates that the terms give."""

from datetime import date

import pytest

from app.imports.parsing import Values
from app.imports.report import Problems
from app.models import Customer, Invoice
from tests.imports.conftest import CASES

HEADER = "Customer number,Number,Date,Due date,Currency,Total\n"


@pytest.fixture
def run(flask_import, write, cedar):
    """run([("03/04/2026", "2026-12-01"), …]) imports an invoice for each pair of dates."""

    def _run(dates, *options):
        rows = [f'77,D{number},"{issued}","{due}",USD,1.00\n' for number, (issued, due) in enumerate(dates, 1)]
        return flask_import("invoices", write("dates.csv", HEADER + "".join(rows)), *options)

    return _run


def issued():
    return [str(day) for (day,) in Invoice.select(Invoice.issued_on).order_by(Invoice.id).tuples()]


@pytest.mark.parametrize(
    "text",
    [
        "28-Oct-26",
        "Oct 28, 2026",
        "October 28 2026",
        "28. Oktober 2026",
        "28 octobre 2026",
        "28 de octubre de 2026",
        "28 ottobre 2026",
        "2026. október 28.",
        "28 października 2026",
        "28th October, 2026",
        "Oct. 28, 2026",
        "Wed, 28 Oct 2026",
        "Wednesday, October 28, 2026",
        "2026-Oct-28",
        "28/oct/2026",
        "20261028",
        "2026.10.28",
        "2026/10/28",
        "2026-10-28 14:03",
        "2026-10-28 14:03:59",
        "2026-10-28T07:57:37+00:00",
        "2026-10-28T23:59:59-11:00",
        "2026-10-28T00:30:00Z",
        "2026-10-28 07:57:37.123456 UTC",
        "Oct 28, 2026 09:15:00 AM GMT-5",
        "\u200e2026-10-28",
        "28\xa0Oct\xa02026",
    ],
)
def test_a_date_that_can_be_read_in_one_way_is_the_day_as_written(text):
    values = Values(Problems())
    assert values.date(text, "Date") == "2026-10-28"
    assert not values.problems


@pytest.mark.parametrize(
    "text",
    [
        "Oct 2026",
        "28 Oct",
        "28 Foo 2026",
        "Oct 28 2026 29",
        "2026-10-28 lunch",
        "listopad 5 2026",
        "12026-10-28",
        "28",
        "x" * 500,
        "1/2/3/2026",
        "2026-10-28T",
        "Oct Oct 2026",
    ],
)
def test_invalid_date_is_refused(text):
    values = Values(Problems())
    assert values.date(text, "Date") == ""
    assert values.problems.count == 1


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("10/5/26", "2026-10-05"),
        ("5/10/2026 12:00:00 AM", "2026-05-10"),
        ("10/05/69", "2069-10-05"),
        ("10/05/70", "1970-10-05"),
        ("10. 5. 2026", "2026-10-05"),
    ],
)
def test_the_date_format_decides_and_two_digit_years_are_near(text, iso):
    assert Values(Problems(), "mm/dd/yyyy").date(text, "Date") == iso


def test_one_unambiguous_date_decides_the_order_for_the_file(run):
    result = run([("03/04/2026", "2026-12-01"), ("5/4/26", "06/04/2026"), ("28/04/2026 10:15", "2026-12-01")])
    assert issued() == ["2026-04-03", "2026-04-05", "2026-04-28"]
    assert "Dates were read with the day first, as row 4 is written: “28/04/2026 10:15”." in result.output
    run([("03/04/2026", "04/28/2026")])
    assert Invoice.get(Invoice.number == "D1").issued_on == date(2026, 3, 4)


def test_rows_that_contradict_each_other_are_refused(run):
    result = run([("03/04/2026", "2026-12-01"), ("28/04/2026", "2026-12-01"), ("04/28/2026", "2026-12-01")])
    assert (
        "Row 2, Date: The file's dates are written in two ways: “28/04/2026” in row 3 only with the day first and "
        "“04/28/2026” in row 4 only with the month first is a date."
    ) in result.output
    assert issued() == []


def test_the_option_is_right_against_the_rows(run):
    result = run([("28/04/2026", "2026-12-01")], "--date-format", "mm/dd/yyyy")
    assert (
        "“28/04/2026” is not a day in the calendar. Is the file written otherwise? --date-format dd/mm/yyyy"
        in result.output
    )


def test_two_digits_that_could_be_a_year_decide_nothing(run):
    assert "can be read with the day or the month first" in run([("26-10-28", "2026-12-01")]).output


def test_days_of_a_spreadsheet_are_read_only_when_the_whole_column_is_written_so(run):
    result = run([("46300", "2026-12-01"), ("46301.5", "2026-12-01")])
    assert issued() == ["2026-10-05", "2026-10-06"]
    assert "are a spreadsheet's count of days: 46300 in row 2 was read as 2026-10-05." in result.output
    mixed = run([("46302", "2026-12-01"), ("2026-10-08", "2026-12-01")])
    assert mixed.exit_code == 1 and "Row 2, Date: “46302” is not a date." in mixed.output


@pytest.mark.parametrize(
    ("due", "terms", "on", "said"),
    [
        ("", "Net 30", "2026-11-04", "were calculated from the terms: 1"),
        ("Net 10", "", "2026-10-15", "were calculated from the terms: 1"),
        ("Due on receipt", "Net 30", "2026-10-05", "were calculated from the terms: 1"),
        ("", "", "2026-10-05", "without a due date or terms, which are due on their own date: 1"),
        ("2026-12-24", "Net 30", "2026-12-24", ""),
    ],
)
def test_an_empty_due_date_takes_the_terms_or_the_date(flask_import, write, cedar, due, terms, on, said):
    text = HEADER.strip() + f",Terms\n77,D1,2026-10-05,{due},USD,1.00,{terms}\n"
    result = flask_import("invoices", write("due.csv", text))
    assert str(Invoice.get().due_on) == on and said in result.output


def test_terms_that_name_no_days_are_asked_about(flask_import, write, cedar):
    text = HEADER.strip() + ",Terms\n77,D1,2026-10-05,,USD,1.00,as agreed\n"
    said = "Row 2, Due date: is empty, and the terms “as agreed” don't say in how many days it is due."
    assert said in flask_import("invoices", write("due.csv", text)).output


def test_the_case_of_dates_as_programs_write_them(flask_import, write):
    Customer.create(number="C1", name="Harbour Lamps")
    result = flask_import("invoices", CASES / "12-dates.csv")
    assert "Row 6, Date: “10/5/26” can be read with the day or the month first." in result.output
    assert "Row 8, Date: “46300” is not a date. It looks like a spreadsheet's count of days" in result.output
    assert "Row 9, Date: “2027-02-29” is not a day in the calendar." in result.output
    assert "Problems: 3." in result.output
    rows = (CASES / "12-dates.csv").read_text().splitlines(keepends=True)
    readable = write("dates.csv", "".join(row for row in rows if ",D7," not in row and ",D8," not in row))
    result = flask_import("invoices", readable, "--date-format", "mm/dd/yyyy")
    days = {document.number: (str(document.issued_on), str(document.due_on)) for document in Invoice.select()}
    assert {number: on for number, (on, _) in days.items()} == {
        "D1": "2026-10-28",
        "D2": "2026-10-28",
        "D3": "2026-10-05",
        "D4": "2026-10-28",
        "D5": "2026-10-05",
        "D6": "2026-10-05",
        "D9": "2026-10-28",
        "D10": "2026-10-05",
        "D11": "2026-10-05",
        "D12": "2026-10-28",
        "D13": "2026-05-10",
    }
    assert days["D10"][1] == days["D11"][1] == "2026-10-05" and days["D1"][1] == "2026-11-04"


def test_due_date_that_stays_is_not_the_own_date(flask_import, write, cedar):
    flask_import("invoices", write("a.csv", HEADER.strip() + "\n77,D1,2026-10-05,2026-11-20,USD,1.00\n"))
    text = "Customer number,Number,Date,Currency,Total\n77,D1,2026-10-05,USD,1.00\n77,D2,2026-10-06,USD,1.00\n"
    result = flask_import("invoices", write("b.csv", text))
    assert "which are due on their own date: 1." in result.output
    assert "their own date" not in flask_import("invoices", write("b.csv", text)).output
