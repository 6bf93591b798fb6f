"""A number that was damaged on its way is asked about, and never makes a second document."""

from pathlib import Path

import pytest

from app.models import Invoice

CASES = Path(__file__).parent / "cases"
HEADER = "Type,Status,Customer number,Number,Date,Due date,Currency,Total\n"


@pytest.fixture
def harbour(flask_import):
    flask_import("customers", CASES / "customers.csv")


@pytest.fixture
def run(flask_import, write, harbour):
    """run(row, row …, options=()) imports rows of (number, date, total) or whole rows as text."""

    def _run(*rows, options=()):
        written = [row if isinstance(row, str) else line(*row) for row in rows]
        return flask_import("invoices", write("invoices.csv", HEADER + "\n".join(written) + "\n"), *options)

    return _run


def line(number="17", issued="2026-10-05", total="100.00", kind="Invoice", status="Open", customer="C1") -> str:
    return f'{kind},{status},{customer},"{number}",{issued},2026-11-04,USD,{total}'


def numbers() -> list[str]:
    return [invoice.number for invoice in Invoice.select().order_by(Invoice.id)]


OLD = ("0000017", "2026-10-05", "100.00")


def test_dropped_zeros_are_asked_about_with_both_versions(harbour, flask_import):
    flask_import("invoices", CASES / "01-zeros-month1.csv")
    result = flask_import("invoices", CASES / "01-zeros-month2.csv", "--date-format", "mm/dd/yyyy")
    assert result.exit_code == 1
    assert (
        "Row 2, Number: “17” (2026-10-05, 100.00 USD) looks like “0000017”, which is here (2026-10-05, 100.00 USD, "
        "open 100.00 USD). If it is the same document, import again with --same 17=0000017; if it is another one, "
        "with --new 17."
    ) in result.output
    assert "format their column as text" in result.output and "--same all" in result.output
    assert numbers() == ["0000017"]


@pytest.mark.parametrize("answer", ["17=0000017", "all"])
def test_the_same_document_is_remembered(harbour, flask_import, answer):
    month2 = ("invoices", CASES / "01-zeros-month2.csv", "--date-format", "mm/dd/yyyy")
    flask_import("invoices", CASES / "01-zeros-month1.csv")
    assert "1 unchanged" in flask_import(*month2, "--same", answer).output
    assert "0 new, 0 changed, 1 unchanged" in flask_import(*month2).output
    assert "0 new, 0 changed, 1 unchanged" in flask_import("invoices", CASES / "01-zeros-month1.csv").output
    assert numbers() == ["0000017"]


def test_another_document_is_asked_about_once(run):
    run(OLD)
    assert run(("17", "2027-03-01", "55.00")).exit_code == 1
    assert "1 new" in run(("17", "2027-03-01", "55.00"), options=("--new", "17")).output
    assert "1 unchanged" in run(("17", "2027-03-01", "55.00")).output
    assert "2 unchanged" in run(OLD, ("17", "2027-03-01", "55.00")).output
    assert numbers() == ["0000017", "17"]


def test_confirmed_spelling_is_asked_about_again_when_date_and_total_differ(run):
    run(OLD)
    run(("17", "2026-10-05", "90.00"), options=("--same", "17=0000017"))
    assert Invoice.get().total_minor == 9000
    assert "1 changed" in run(("17", "2026-10-05", "80.00")).output
    assert "looks like “0000017”" in run(("17", "2027-10-05", "55.00")).output


@pytest.mark.parametrize("issued", ["2026-10-05", "2027-01-01"])
@pytest.mark.parametrize("total", ["100.00", "120.00"])
def test_a_damaged_number_is_asked_about_even_if_date_or_total_changed(run, issued, total):
    run(OLD)
    assert run(("17", issued, total)).exit_code == 1
    assert numbers() == ["0000017"]


@pytest.mark.parametrize(
    ("here", "written"),
    [
        ("INV-0017", "INV 17"),
        ("INV-17", "inv\N{EN DASH}17"),
        ("17", "17.0"),
        ("1E05", "100000"),
        ("10-17", "17-Oct"),
        ("1700", "1,700"),
        ("1.10", "1.1"),
        ("INV-17", "17"),
        ("12345678901234567", "12345678901234500"),
    ],
)
def test_every_kind_of_damage_is_asked_about(run, here, written):
    run((here,))
    result = run((written,))
    assert result.exit_code == 1 and f"looks like “{here}”, which is here" in result.output
    assert numbers() == [here]


@pytest.mark.parametrize("damaged", ["1.0E+05", "1.23457E+11"])
def test_scientific_notation_is_never_written(run, damaged):
    assert "was shortened by the spreadsheet" in run((damaged,)).output
    assert numbers() == []


def test_two_spellings_in_one_file_are_one_document_or_two(run):
    result = run(OLD, ("17", "2026-10-05", "120.00"))
    assert "Row 3, Number: “17” (2026-10-05, 120.00 USD) looks like “0000017”, which is in row 2" in result.output
    assert "2 new" in run(OLD, ("17", "2027-03-01", "55.00")).output


@pytest.mark.parametrize("answer", ["17=0000017", "0000017=17"])
def test_two_rows_of_one_document_are_put_together(run, answer):
    assert "1 new" in run(OLD, ("17", "2026-10-05", "100.00"), options=("--same", answer)).output
    assert numbers() == [answer.partition("=")[2]]


def test_two_versions_of_one_document_must_agree(run):
    result = run(OLD, ("17", "2026-10-05", "120.00"), options=("--same", "17=0000017"))
    assert "is in row 2 already, with another value here" in result.output
    assert numbers() == []


def test_a_file_with_both_has_one_that_is_here_and_one_that_is_new(run):
    run(OLD)
    assert "1 new, 0 changed, 1 unchanged" in run(OLD, ("17", "2027-03-01", "55.00")).output
    assert run(OLD, ("017", "2026-10-05", "55.00")).exit_code == 1


def test_a_void_row_is_asked_about_and_closes_what_it_means(run):
    run(OLD)
    void = line("17", status="Voided")
    assert "“17” (void) looks like “0000017”" in run(void).output
    assert Invoice.get().open_minor == 10000
    run(void, options=("--same", "17=0000017"))
    assert (Invoice.get().is_void, Invoice.get().open_minor) == (True, 0)
    assert run(void).exit_code == 0


def test_a_void_row_that_means_another_document_is_asked_about_once(run):
    run(OLD)
    void = line("17", status="Voided")
    run(void, options=("--new", "17"))
    assert run(void).exit_code == 0
    assert Invoice.get().open_minor == 10000


def test_kinds_and_customers_have_their_own_numbers(run):
    run(OLD)
    assert "1 new" in run(line("17", kind="Credit Memo")).output
    assert "1 new" in run(line("17", customer="C2", total="3.00")).output


@pytest.mark.parametrize("number", ["0000017", "17"])
def test_a_number_that_another_customer_has_is_in_doubt_when_date_and_total_agree(run, number):
    run(OLD)
    result = run(line(number, customer="C2"))
    assert result.exit_code == 1
    assert f"“{number}” (2026-10-05, 100.00 USD) looks like “0000017” of “Harbour Lamps” (C1)" in result.output
    assert "renamed or merged" in result.output and f"--new {number}" in result.output
    assert "1 new" in run(line(number, customer="C2"), options=("--new", number)).output
    assert "1 unchanged" in run(line(number, customer="C2")).output


@pytest.mark.parametrize(
    "changes",
    [{"total": "130.00"}, {"issued": "2026-10-06"}, {"total": "130.00", "issued": "2026-12-06"}, {"status": "Voided"}],
)
def test_number_of_another_customer_is_in_doubt_for_any_date_and_total(run, changes):
    run(OLD)
    row = line("0000017", customer="C2", **changes)
    result = run(row)
    assert result.exit_code == 1 and "looks like “0000017” of “Harbour Lamps” (C1)" in result.output
    assert "open 100.00 USD" in result.output and "The file has it for “Quarry Kiln Ltd” (C2)." in result.output
    assert numbers() == ["0000017"]
    for answer in ("0000017", "all"):
        assert run(row, options=("--new", answer)).exit_code == 0
    assert run(row).exit_code == 0


def test_moved_document_is_voided_for_the_first_customer_and_made_for_the_second(run):
    run(OLD)
    moved = line("0000017", customer="C2", total="130.00")
    assert "import it as Voided for “Harbour Lamps” first" in run(moved).output
    run(line("0000017", status="Voided"))
    assert "1 new" in run(moved).output
    assert [invoice.open_minor for invoice in Invoice.select().order_by(Invoice.id)] == [0, 13000]


def test_customers_with_their_own_numbers_in_one_file_are_not_asked_about(run):
    assert "2 new" in run(line("1"), line("1", customer="C2")).output
    assert "2 unchanged" in run(line("1"), line("1", customer="C2")).output


def test_an_answer_that_can_not_be_read_is_named(run):
    result = run(OLD, options=("--same", "17"))
    assert result.exit_code == 2 and "17 is not like 17=0000017" in result.output


def test_many_spellings_of_one_number_are_refused_without_comparing_them_all(run):
    result = run(*(line("0" * zeros + "17") for zeros in range(101)))
    assert "more than 100 documents of this customer have numbers that differ only in how they are" in result.output
    assert numbers() == []


def test_documents_next_to_each_other_are_not_in_doubt(run):
    rows = [(f"{prefix}{n}",) for prefix in ("INV-", "2026-", "", "A", "B") for n in range(1, 30)]
    assert run(*rows).exit_code == 0
