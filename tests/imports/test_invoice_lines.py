"""Lines come to the total of their document, and what is no line never becomes one."""

from pathlib import Path

import pytest

from app.models import Invoice, InvoiceLine

CASES = Path(__file__).parent / "cases"
HEADER = "Label,Customer number,Number,Date,Due date,Currency,Total,Tax,Description,Quantity,Unit price,Line amount\n"
LAMP = ",C1,INV1,2026-10-05,2026-11-04,USD,100.00,,Lamp,2,40.00,80.00\n,,,,,,,,Shade,1,20.00,20.00\n"
DESK = ",C2,INV2,2026-10-06,2026-11-05,USD,50.00,,Desk,1,50.00,50.00\n"


@pytest.fixture
def run(flask_import, write):
    flask_import("customers", CASES / "customers.csv")

    def _run(text, *options, header=HEADER):
        return flask_import("invoices", write("invoices.csv", header + text), *options)

    return _run


def lines() -> list[tuple[str, str, int]]:
    return [
        (line.invoice.number, line.description, line.amount_minor)
        for line in InvoiceLine.select().order_by(InvoiceLine.invoice, InvoiceLine.position)
    ]


def test_a_total_row_is_left_out_and_said(run, flask_import):
    result = flask_import("invoices", CASES / "03-total-row.csv")
    assert "2 new" in result.output
    assert "Rows that are sums, titles or notes, and were left out: row 4 (“TOTAL”)." in result.output
    assert lines() == [("INV1", "Lamp", 10000), ("INV2", "Shade", 5000)]


OTHERS = {
    "a grand total": ",,,,,,150.00,,Grand Total:,,,150.00",
    "a sum in the first column": "TOTAL,,,,,,150.00,,,,,",
    "a sum in the number's column": ",,Overall Total,,,,150.00,,,,,",
    "a sum of a group": "Total for Quarry Kiln Ltd,,,,,,50.00,,,,,",
    "a sum of a group without for": ",Total Quarry Kiln Ltd,,,,,50.00,,,,,",
    "a sum in German": ",,,,,,,,Zwischensumme,,,50.00",
    "a sum of all lines without a word": ",,,,,,,,,,,150.00",
    "a sum of all totals without a word": ",,,,,,150.00,,,,,",
    "an opening balance": ",,,,,,,,Opening balance,,,99.00",
    "an opening balance with a date": ",C1,,2026-10-01,,,99.00,,Opening balance,,,",
    "a heading of a group": ",Quarry Kiln Ltd,,,,,,,,,,",
    "a heading in the number's column": ",,91 or more days past due,,,,,,,,,",
    "a footer": ",,Page 1 of 3,,,,,,,,,",
    "a footer with the basis": ',,"Accrual Basis Thursday, 05 November 2026 10:00 AM",,,,,,,,,',
    "a date of printing": ",,,,,,,,Printed on 2026-11-05,,,",
}


@pytest.mark.parametrize("blank", ["", ",,,,,,,,,,,\n", "\n\n"])
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_row_that_is_neither_document_nor_line_is_left_out(run, other, blank):
    result = run(LAMP + DESK + blank + other + "\n")
    assert result.exit_code == 0, result.output
    assert "were left out: row " in result.output
    assert lines() == [("INV1", "Lamp", 8000), ("INV1", "Shade", 2000), ("INV2", "Desk", 5000)]
    assert [(i.number, i.total_minor) for i in Invoice.select()] == [("INV1", 10000), ("INV2", 5000)]


def test_sums_between_documents_are_left_out(run):
    between = ",,,,,,,,Subtotal,,,100.00\n,,INV1,,,,,,Subtotal,,,100.00\n,Quarry Kiln Ltd,,,,,,,,,,\n"
    result = run(LAMP + between + DESK)
    assert "left out: row 4 (“Subtotal”), row 5 (“Subtotal”), row 6 (“Quarry Kiln Ltd”)." in result.output
    assert len(lines()) == 3


@pytest.mark.parametrize(
    "other",
    [
        ",,,,,,149.00,8.00,,,,",  # amounts alone that add up nothing
        ",C1,,2026-10-07,2026-11-07,USD,99.00,,Chair,1,99.00,99.00",  # its number was forgotten
        ",,INV3,,,,99.00,,Chair,1,99.00,99.00",
    ],
)
def test_ambiguous_row_is_refused(run, other):
    assert run(LAMP + DESK + other + "\n").exit_code == 1
    assert Invoice.select().count() == 0


@pytest.mark.parametrize("description", ["Total station", "Total care kit", "Printed envelopes", "Page 2 design"])
def test_a_line_may_be_called_like_a_sum(run, description):
    text = LAMP.replace("100.00", "130.00", 1) + f",,,,,,,,{description},1,30.00,30.00\n"
    assert "left out" not in run(text).output
    assert lines()[-1] == ("INV1", description, 3000)


def test_a_line_of_text_alone_stays(run):
    run(LAMP + ",,,,,,,,Delivered to the back door,,,\n")
    assert lines()[-1] == ("INV1", "Delivered to the back door", 0)


def test_a_customer_may_be_called_total(run, flask_import, write):
    flask_import("customers", write("c.csv", "Customer number,Name\nTotal Wine,Total Wine\n"))
    run(LAMP.replace("C1", "Total Wine").replace("\n,,", "\n,Total Wine,"))
    assert len(lines()) == 2


# Lines against the total


def test_totals_that_are_those_of_lines_are_refused_with_the_numbers(run, flask_import):
    result = flask_import("invoices", CASES / "04-line-totals-as-total.csv")
    assert result.exit_code == 1
    assert "Row 2, Total: 40.00 USD of “0000019” is not what its 3 lines come to (120.00 USD)." in result.output
    assert "name it Line amount" in result.output and "--lines-differ keep" in result.output
    assert Invoice.select().count() == 0


def test_lines_may_differ_from_the_total_if_accepted(run, flask_import):
    result = flask_import("invoices", CASES / "04-line-totals-as-total.csv", "--lines-differ", "keep")
    assert "Documents whose lines don't add up to their total, kept as they are: 0000019." in result.output
    assert Invoice.get().total_minor == 4000


@pytest.mark.parametrize(
    ("total", "tax", "kept"),
    [
        ("100.00", "", True),
        ("108.00", "8.00", True),
        ("100.00", "8.00", True),
        ("100.02", "", True),
        ("100.03", "", False),
        ("99.97", "", False),
        ("108.00", "", False),
        ("108.05", "8.00", False),
    ],
)
def test_a_minor_unit_per_line_and_the_tax_may_lie_between(run, total, tax, kept):
    result = run(LAMP.replace("100.00,,Lamp", f"{total},{tax},Lamp"))
    assert (result.exit_code == 0) == kept


def test_sum_of_lines_with_tax_is_reported(run):
    result = run(LAMP.replace("100.00,,Lamp", "120.00,8.00,Lamp"))
    assert "120.00 USD of “INV1” is not what its 2 lines come to (100.00 USD; with Tax 108.00 USD)." in result.output


def test_shipping_and_a_discount_of_the_document_are_lines(run):
    header = HEADER.replace("Label", "Shipping,Invoice discount")
    rows = LAMP.replace("100.00,,Lamp", "105.00,,Lamp").replace(",C1", "15.00,10.00,C1").replace("\n,,", "\n,,,")
    assert run(rows, header=header).exit_code == 0
    assert lines()[2:] == [("INV1", "Shipping", 1500), ("INV1", "Discount", -1000)]
    assert "1 unchanged" in run(rows, header=header).output


def test_lines_of_one_document_that_are_apart_are_added_up(run):
    text = LAMP.splitlines()[0] + "\n" + DESK + LAMP.splitlines()[0].replace("Lamp,2,40.00,80.00", "Shade,1,20,20.00")
    assert run(text + "\n").exit_code == 0


def test_a_credit_memo_and_its_lines_have_one_sign(run):
    header = HEADER.replace("Label", "Type")
    memo = "Credit Memo,C1,CM1,2026-10-05,,USD,-100.00,,Lamp,1,100.00,-{}\n"
    assert run(memo.format("90.00"), header=header).exit_code == 1
    assert run(memo.format("100.00"), header=header).exit_code == 0


def test_a_file_without_lines_leaves_those_that_are_here(run):
    run(LAMP)
    header = "Customer number,Number,Date,Due date,Currency,Total\n"
    run("C1,INV1,2026-10-05,2026-11-04,USD,90.00\n", "--lines-differ", "keep", header=header)
    assert (Invoice.get().total_minor, len(lines())) == (9000, 2)


TOTAL_ALONE = "Customer number,Number,Date,Due date,Currency,Total\n"


def test_known_lines_must_come_to_a_total_that_a_file_without_lines_changes(run):
    run(LAMP)
    result = run("C1,INV1,2026-10-05,2026-11-04,USD,90.00\n", header=TOTAL_ALONE)
    assert result.exit_code == 1
    assert "Row 2, Total: 90.00 USD of “INV1” is not what its 2 known lines come to (100.00 USD)." in result.output
    assert "--lines-differ keep" in result.output and Invoice.get().total_minor == 10000


def test_known_tax_may_lie_between_known_lines_and_the_total(run):
    run(LAMP.replace("100.00,,Lamp", "108.00,8.00,Lamp"))
    assert run("C1,INV1,2026-10-05,2026-11-04,USD,100.00\n", header=TOTAL_ALONE).exit_code == 0
    taxed = TOTAL_ALONE.replace("Total", "Total,Tax")
    assert run("C1,INV1,2026-10-05,2026-11-04,USD,100.00,9.00\n", header=taxed).exit_code == 0
    assert run("C1,INV1,2026-10-05,2026-11-04,USD,110.00,9.00\n", header=taxed).exit_code == 1


def test_total_that_was_kept_is_not_asked_about_again(run):
    run(LAMP)
    text = "C1,INV1,2026-10-05,2026-11-04,USD,90.00\n"
    assert run(text, "--lines-differ", "keep", header=TOTAL_ALONE).exit_code == 0
    assert "1 unchanged" in run(text, header=TOTAL_ALONE).output
