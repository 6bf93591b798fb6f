"""`flask import invoices FILE` with our own template."""

from datetime import date

import pytest

from app.models import Invoice, InvoiceLine

HEADER = (
    "Type,Customer number,Number,Date,Due date,Currency,PO number,Terms,Memo,Total,Tax,Amount paid,Credits,"
    "Description,Quantity,Unit price,Line amount\n"
)
THREE = (
    HEADER
    + """\
Invoice,77,INV-1,2026-11-03,2026-12-03,USD,CL-2214,Net 30,Flour,3240.00,190.00,900.00,40.00,"Bread flour
25 kg",40,46.50,1860.00
,,,,,,,,,,,,,Rye flour,32,28.75,
,,INV-1,,,,,,,,,,,Freight,,,270.00
,77,INV-2,2026-11-04,2026-12-04,JPY,,,,120000,0,,,,,,
Credit Memo,77,CM-1,2026-11-05,,USD,,,Damaged,-50.00,,-20.00,,Rye flour,1,50,-50.00
"""
)


@pytest.fixture
def run(flask_import, write, cedar):
    def _run(text, *options):
        return flask_import("invoices", write("invoices.csv", text), *options)

    return _run


def invoice(number) -> Invoice:
    return Invoice.get(Invoice.number == number)


def rows(*, number="INV-1", **changes) -> str:
    values = {
        "Customer number": "77",
        "Number": number,
        "Date": "2026-11-03",
        "Due date": "2026-12-03",
        "Currency": "USD",
        "Total": "100.00",
        **changes,
    }
    return ",".join(values) + "\n" + ",".join(f'"{value}"' for value in values.values()) + "\n"


def test_rows_of_one_number_are_one_invoice_with_lines(run):
    assert "3 new, 0 changed, 0 unchanged" in run(THREE).output
    found = invoice("INV-1")
    assert (found.total_minor, found.tax_minor, found.paid_elsewhere_minor, found.credited_minor) == (
        324000,
        19000,
        90000,
        4000,
    )
    assert (found.open_minor, found.is_paid) == (230000, False)
    assert (found.issued_on, found.due_on) == (date(2026, 11, 3), date(2026, 12, 3))
    assert (found.po_number, found.terms, found.memo) == ("CL-2214", "Net 30", "Flour")
    lines = list(found.lines.order_by(InvoiceLine.position).tuples())
    assert [line[3:7] for line in lines] == [
        ("Bread flour\n25 kg", "40", "46.5", 186000),
        ("Rye flour", "32", "28.75", 92000),
        ("Freight", "", "", 27000),
    ]


def test_currencies_have_their_own_decimals(run):
    run(THREE)
    assert (invoice("INV-2").currency, invoice("INV-2").total_minor) == ("JPY", 120000)


def test_a_negative_credit_memo_becomes_positive(run):
    run(THREE)
    memo = invoice("CM-1")
    assert (memo.kind, memo.total_minor, memo.paid_elsewhere_minor, memo.open_minor) == (
        "credit_memo",
        5000,
        2000,
        3000,
    )
    assert memo.due_on == date(2026, 11, 5)
    assert memo.lines.get().amount_minor == 5000


def test_the_same_file_twice_changes_nothing(run, database):
    run(THREE)
    before = (
        database.execute_sql("SELECT * FROM invoice").fetchall(),
        database.execute_sql("SELECT * FROM invoice_line").fetchall(),
    )
    assert "0 new, 0 changed, 3 unchanged" in run(THREE).output
    assert before == (
        database.execute_sql("SELECT * FROM invoice").fetchall(),
        database.execute_sql("SELECT * FROM invoice_line").fetchall(),
    )


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("Due date", "2027-01-01", "due_on", date(2027, 1, 1)),
        ("Total", "250.00", "open_minor", 25000),
        ("Amount paid", "100.00", "is_paid", True),
        ("Credits", "30.00", "open_minor", 7000),
        ("Memo", "New", "memo", "New"),
    ],
)
def test_a_changed_cell_changes_the_invoice_and_keeps_its_address(run, column, value, field, expected):
    run(rows())
    public_id = invoice("INV-1").public_id
    assert "0 new, 1 changed, 0 unchanged" in run(rows(**{column: value})).output
    assert getattr(invoice("INV-1"), field) == expected
    assert invoice("INV-1").public_id == public_id


def test_a_changed_line_replaces_the_lines(run):
    run(THREE)
    assert "0 new, 1 changed, 2 unchanged" in run(THREE.replace("32,28.75,", "16,57.50,")).output
    assert [line.quantity for line in invoice("INV-1").lines] == ["40", "16", ""]


def test_columns_that_are_not_there_stay_as_they_are(run):
    run(THREE)
    run(rows(Total="3240.00"))
    found = invoice("INV-1")
    assert (found.memo, found.tax_minor, found.paid_elsewhere_minor, found.lines.count()) == ("Flour", 19000, 90000, 3)
    assert found.open_minor == 230000


def test_amount_due_gives_what_was_paid(run):
    run(rows(**{"Amount Remaining": "60.00"}))
    assert (invoice("INV-1").paid_elsewhere_minor, invoice("INV-1").open_minor) == (4000, 6000)


def test_amounts_that_contradict_each_other_are_refused(run):
    result = run(rows(**{"Amount due": "60.00", "Amount paid": "10.00", "Credits": "10.00"}))
    assert "Row 2, Total: 100.00 does not go with Amount paid 10.00, Credits 10.00, Amount due 60.00" in result.output


@pytest.mark.parametrize("changes", [{}, {"Amount paid": ""}, {"Amount due": ""}, {"Amount paid": "100.00"}])
@pytest.mark.parametrize("status", ["Paid", "PAID IN FULL"])
def test_paid_without_amounts_is_settled_in_full(run, changes, status):
    run(rows(Status="Open"))
    text = rows(Status=status, **changes)
    assert "1 changed" in run(text).output
    assert (invoice("INV-1").paid_elsewhere_minor, invoice("INV-1").is_paid) == (10000, True)
    assert "1 unchanged" in run(text).output


def test_status_paid_with_credits_means_the_rest_was_paid(run):
    run(rows(Status="Paid", Credits="30.00"))
    assert (invoice("INV-1").paid_elsewhere_minor, invoice("INV-1").credited_minor) == (7000, 3000)


@pytest.mark.parametrize("changes", [{"Amount due": "60.00"}, {"Amount paid": "40.00"}, {"Amount paid": "0"}])
def test_paid_with_something_left_is_refused(run, changes):
    result = run(rows(Status="Paid", **changes))
    assert result.exit_code == 1
    assert "Row 2, Status: “Paid” does not go with " in result.output and " left to pay" in result.output


def test_open_invoices_beside_paid_ones_keep_what_they_have(run):
    run(rows(**{"Amount paid": "10.00", "Credits": "5.00"}))
    both = rows(Status="Open") + ",".join(["77", "INV-2", "2026-11-03", "2026-12-03", "USD", "5.00", "Paid"]) + "\n"
    assert "1 new, 0 changed, 1 unchanged" in run(both).output
    assert (invoice("INV-1").open_minor, invoice("INV-2").open_minor) == (8500, 0)


def test_drafts_and_voided_documents_are_left_out_and_counted(run):
    text = (
        "Status," + rows() + "Paid,77,INV-9,2026-11-03,2026-12-03,USD,5\nVoided,77,INV-8,2026-11-03,2026-12-03,USD,5\n"
    )
    result = run(text.replace('\n"77"', '\nDraft,"77"'))
    assert "1 new" in result.output
    assert "Left out: 1 not approved yet.\nLeft out: 1 voided." in result.output
    assert [found.number for found in Invoice.select()] == ["INV-9"]


def test_an_invoice_that_was_voided_since_is_closed(run):
    run(rows(**{"Status": "Open", "Amount paid": "10.00"}))
    voided = rows(**{"Status": "Voided"})
    assert "0 new, 1 changed" in run(voided).output
    assert (invoice("INV-1").open_minor, invoice("INV-1").credited_minor, invoice("INV-1").is_paid) == (0, 9000, True)
    assert "0 new, 0 changed" in run(voided).output


def test_a_number_that_was_voided_and_used_again_stays_open(run):
    both = "Status," + rows().replace('\n"77"', '\nVoided,"77"') + "Open," + rows().splitlines()[1] + "\n"
    assert "1 new" in run(both).output
    assert invoice("INV-1").open_minor == 10000
    assert "0 new, 0 changed, 1 unchanged" in run(both).output


def test_rows_of_one_invoice_may_be_apart_when_they_agree(run):
    first, other = rows(Description="One"), rows(number="INV-2", Description="Two").splitlines()[1]
    again = rows(Description="Three").splitlines()[1]
    run(f"{first}{other}\n{again}\n")
    assert [line.description for line in invoice("INV-1").lines.order_by(InvoiceLine.position)] == ["One", "Three"]
    assert "0 new, 0 changed, 2 unchanged" in run(f"{first}{other}\n{again}\n").output


def test_a_number_that_returns_with_other_values_is_refused(run):
    far = rows() + rows(number="INV-2").splitlines()[1] + "\n" + rows(Total="99.00").splitlines()[1]
    assert "Row 4, Total: “INV-1” is in row 2 already, with another value here." in run(far).output
    near = rows() + rows(Total="99.00").splitlines()[1]
    assert "Row 3, Total: “99.00” is not what row 2 says for the same “INV-1”: “100.00”." in run(near).output
    assert Invoice.select().count() == 0


def test_an_unknown_customer_is_named(run):
    result = run(rows(**{"Customer number": "78"}))
    assert result.exit_code == 1
    assert "Row 2, Customer number: There is no customer “78”. Import the customers first." in result.output


def test_dropped_zeros_are_guessed_at(run, cedar):
    cedar.number = "0078"
    cedar.save()
    assert "There is “0078”" in run(rows(**{"Customer number": "78"})).output


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Date", "2026-02-30", "is not a day in the calendar"),
        ("Date", "", "Date: is empty"),
        ("Date", "99999", "a spreadsheet's count of days"),
        ("Date", "########", "too narrow"),
        ("Due date", "26-10-28", "can be read with the day or the month first"),
        ("Currency", "XYZ", "is not a currency"),
        ("Currency", "$", "is not a currency"),
        ("Total", "", "Total: is empty"),
        ("Total", "-5.00", "is negative. If it is a credit, write Credit Memo"),
        ("Total", "€100.00", "It names another currency"),
        ("Total", "1.000", "It can be read in two ways"),
        ("Total", "10.005", "is not an amount in USD"),
        ("Total", "1E3", "is not an amount in USD"),
        ("Total", "٣.00", "is not an amount in USD"),
        ("Total", "#VALUE!", "error of the spreadsheet"),
        ("Total", "9223372036854775808", "is too large"),
        ("Currency", "", "Currency: is empty"),
        ("Amount paid", "-1.00", "is negative: money went back"),
        ("Amount due", "-1.00", "is negative: more is paid and credited than the total"),
        ("Tax", "-1.00", "is negative"),
        ("Number", "1.23E+11", "was shortened by the spreadsheet"),
        ("Number", "#N/A", "is an error of the spreadsheet"),
        ("Number", "", "is empty"),
        ("Memo", "x" * 4001, "is 4,001 characters; the maximum is 4,000"),
        ("Memo", "a\x00b", "contains a character that can't be read"),
        ("Quantity", "1.1234567", "at most 6 decimals"),
        ("Type", "Journal", "is not a type"),
        ("Status", "Mystery", "is not a status"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_written(run, column, value, said):
    bad = rows(**{column: value})
    result = run(bad)
    assert result.exit_code == 1
    assert f"Row 2, {column}: " in result.output
    assert said in result.output
    assert Invoice.select().count() == 0


def test_currency_may_be_said_for_the_whole_file(run):
    text = "\n".join(",".join(cell for i, cell in enumerate(line.split(",")) if i != 4) for line in rows().splitlines())
    assert "say the currency of the file: --currency USD" in run(text).output
    assert run(text, "--currency", "eur").exit_code == 0
    assert invoice("INV-1").currency == "EUR"
    assert run(text, "--currency", "$").exit_code == 2


def test_dates_that_can_be_read_in_two_ways_are_asked_about(run):
    text = rows(**{"Date": "03/04/2026", "Due date": "4/5/2026"})
    result = run(text)
    assert result.exit_code == 1
    assert "Row 2, Date: “03/04/2026” can be read with the day or the month first." in result.output
    run(text, "--date-format", "dd/mm/yyyy")
    assert invoice("INV-1").issued_on == date(2026, 4, 3)
    assert "1 changed" in run(text, "--date-format", "mm/dd/yyyy").output
    assert invoice("INV-1").due_on == date(2026, 4, 5)


def test_due_before_its_own_date_is_a_warning_only(run):
    assert "Documents that are due before their own date: 1." in run(rows(**{"Due date": "2026-01-01"})).output


def test_missing_and_doubled_headers_are_named(run):
    missing = run("Customer number,Number,Due date\n77,1,2026-01-01\n").output
    assert "There is no column Date." in missing
    assert "There is no column Total." in missing
    doubled = run("Total," + rows().replace("\n", "\n1,", 1)).output
    assert "“Total” (column A) and “Total” (column G) could each be Total" in doubled


def test_names_of_other_systems_are_understood(run):
    text = (
        "Document Number,Type,Tran Date,Due Date/Receive By,Entity,Currency,Gross Amount,Amount Remaining,Subsidiary\n"
        "N-1,CustInvc,2026-11-03,2026-12-03,77,USD,10.00,4.00,9\n"
    )
    assert "Columns that were not used: Subsidiary." in run(text).output
    assert invoice("N-1").open_minor == 400


@pytest.mark.parametrize("total", ["3240.00", "10.00"])
def test_a_document_without_a_number_is_named_not_swallowed_by_the_one_above(run, total):
    forgotten = f"Invoice,77,,2026-11-03,2026-12-03,USD,CL-2214,Net 30,Flour,{total},190.00,900.00,40.00,,,,\n"
    result = run(THREE.partition(",,,,,,,,,,,,,Rye")[0] + forgotten)
    assert result.exit_code == 1 and "Number is empty" in result.output.replace(":", "")
    assert Invoice.select().count() == 0


def test_a_negative_total_is_said_once(run):
    result = run(rows(Total="-5.00"))
    assert "Problems: 1." in result.output


def test_a_credit_memo_has_one_sign(run):
    result = run(rows(Type="Credit Memo", Total="-25.00", **{"Amount paid": "10.00"}))
    assert "Amount paid: “10.00” has another sign than the total." in result.output


def test_a_block_that_comes_twice_is_taken_once(run):
    one, two = THREE.splitlines()[1:5], THREE.splitlines()[5]
    text = "\n".join([*THREE.splitlines(), *one, two])
    result = run(text)
    assert "3 new" in result.output
    assert "Documents that come twice in the file with the same lines, and were taken once: 2." in result.output
    assert (invoice("INV-1").lines.count(), invoice("CM-1").lines.count()) == (3, 1)
    assert "3 unchanged" in run(text).output


def test_problems_of_the_whole_file_are_reported_together(run):
    header = "Customer number,Number,Date,Due date,Total\n"
    result = run(header + "77,INV-1,03/04/2026,04/05/2026,x\n77,,2026-01-01,4/5/2026,5\n")
    assert "--currency USD" in result.output and "--date-format dd/mm/yyyy" in result.output
    assert "Row 3, Number: is empty." in result.output
    assert result.output.count("with the day or the month first") == 1


def test_open_documents_that_the_file_does_not_have_are_counted(run):
    run(THREE)
    result = run(rows(Total="3240.00"))
    assert "Open here, of the same customers, and not in the file: 2." in result.output
    assert "not in the file" not in run(THREE).output


def test_more_paid_than_the_total_is_refused(run):
    result = run(rows(**{"Amount paid": "100.01"}))
    assert "Row 2, Total: Amount paid 100.01 is more than the total, 100.00." in result.output


def test_amounts_are_read_in_the_style_of_the_file(run):
    header = "Customer number,Number,Date,Due date,Currency,Total\n"
    rows = '77,A,2026-11-03,2026-12-03,EUR,"1.000"\n77,B,2026-11-03,2026-12-03,EUR,"1.234,56 €"\n'
    run(header + rows)
    assert (invoice("A").total_minor, invoice("B").total_minor) == (100000, 123456)
    mixed = run(header + rows.replace("77,A", "77,C") + "77,D,2026-11-03,2026-12-03,EUR,12.50\n")
    assert "Row 2, Total: “1.000” is not an amount in EUR. It can be read in two ways" in mixed.output


@pytest.mark.parametrize(
    ("status", "is_paid"),
    [
        ("Invoice : Open", False),
        ("past_due", False),
        ("Invoice : Paid In Full", True),
        ("fully-paid", True),
    ],
)
def test_statuses_of_other_systems_are_understood_in_any_file(run, status, is_paid):
    run(rows(Status=status))
    assert invoice("INV-1").is_paid == is_paid


@pytest.mark.parametrize("status", ["Partially Paid", "Partly Paid", "PartiallyPaid", "partial", "partly_paid"])
def test_partial_payment_without_an_amount_is_asked_about(run, status):
    result = run(rows(Status=status))
    assert f"Row 2, Status: “{status}” doesn't say how much was paid. Add a column Amount due" in result.output
    assert Invoice.select().count() == 0
    run(rows(**{"Status": status, "Amount due": "40.00"}))
    assert invoice("INV-1").open_minor == 4000


@pytest.mark.parametrize(("option", "minor"), [(",", 125000), (".", 125)])
@pytest.mark.parametrize("total", ["1.250", "$1.250", "1.250 $"])
def test_amount_that_can_be_read_in_two_ways_is_asked_about(run, option, minor, total):
    result = run(rows(Total=total))
    assert result.exit_code == 1
    assert "--decimal . or --decimal ," in result.output and "can be read in two ways" in result.output
    assert run(rows(Total=total), "--decimal", option).exit_code == 0
    assert invoice("INV-1").total_minor == minor


@pytest.mark.parametrize(("option", "quantity"), [(",", "1.25"), (".", "1250")])
def test_quantity_is_read_with_the_decimals_that_are_said(run, option, quantity):
    text = rows(Total="5.00", Quantity="1,250", **{"Line amount": "5.00"})
    assert "--decimal . or --decimal ," in run(text).output
    run(text, "--decimal", option)
    assert invoice("INV-1").lines.get().quantity == quantity
