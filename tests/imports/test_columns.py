"""The row of headings, what reports put around their records, and --map."""

import pytest

from app.models import Customer, Invoice

PLAIN = "Customer number,Number,Date,Due date,Currency,Total\n"
ONE = "77,INV-1,2026-11-03,2026-12-03,USD,5.00\n"
TWO = "77,INV-2,2026-11-03,2026-12-03,USD,7.00\n"


@pytest.fixture
def run(flask_import, write, cedar):
    def _run(text, *options):
        return flask_import("invoices", write("invoices.csv", text), *options)

    return _run


def numbers():
    return sorted(number for (number,) in Invoice.select(Invoice.number).tuples())


@pytest.mark.parametrize(
    "above",
    [
        "Larch Supply Co\nInvoices\n\n",
        "Larch Supply Co,,,,,\n",
        '"Invoices, paid and open","a, b"\n,\n',
        "Customer,All\nStatus,Open\n\n",
        "\n\n",
        "x\n" * 18,
    ],
)
def test_titles_above_the_headings_are_skipped_and_said(run, above):
    result = run(above + PLAIN + ONE + TWO)
    assert numbers() == ["INV-1", "INV-2"]
    assert ("Rows above the headings that were skipped" in result.output) == bool(above.strip())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_that_of_the_headings_not_of_the_title(run, delimiter):
    run("Larch, Supply, Co, of Bath, Maine, and Co\n\n" + (PLAIN + ONE).replace(",", delimiter))
    assert numbers() == ["INV-1"]


def test_rows_are_still_counted_as_a_spreadsheet_counts(run):
    assert "Row 5, Total: is empty." in run("Title\n\n" + PLAIN + ONE + TWO.replace("7.00", "")).output


@pytest.mark.parametrize(
    "row",
    [
        "TOTAL,,,,,12.00",
        "Overall Total,,,,,12.00",
        "Grand total:,,,,,12.00",
        ",,Total,,,12.00",
        "Total for 77,,,,,12.00",
        ",Total,,,,12.00",
        "Sub-total,,,,,12.00",
        "Summe,,,,,12.00",
        "Gesamtsumme,,,,,12.00",
        "Subtotal,,,USD,,12.00",
        "Harbour Lamps,,,,,",
        ",Page 3,,,,",
        "Printed by Ada,,,,,",
        '"Saturday, Nov 28, 2026 09:15:00 AM GMT-5 - Accrual Basis",,,,,,,',
        PLAIN.strip(),
    ],
)
@pytest.mark.parametrize("place", [1, 2])
def test_rows_that_are_no_records_are_left_out_and_named(run, row, place):
    rows = [ONE, TWO]
    rows.insert(place, row + "\n")
    result = run(PLAIN + "".join(rows))
    assert numbers() == ["INV-1", "INV-2"]
    assert f"Rows that are sums, titles or notes, and were left out: row {place + 2} (“" in result.output


@pytest.mark.parametrize(
    "row",
    [
        "77,INV-3,,2026-12-03,USD,5.00",
        "77,Total,2026-11-03,2026-12-03,USD,",
        "INV-3,,,,USD,9.00",
        ",INV-3,,,,",
        "77,,2026-11-03,2026-12-03,USD,9.00",
    ],
)
def test_a_record_with_something_missing_is_reported_not_left_out(run, row):
    result = run(PLAIN + ONE + row + "\n")
    assert result.exit_code == 1 and "Row 3, " in result.output
    assert numbers() == []


def test_a_line_that_is_called_total_is_a_line(run):
    header = PLAIN.strip() + ",Description,Line amount\n"
    run(header + ONE.strip() + ",Flour,2.00\n,,,,,,Total cleaning,3.00\n,,,,,,Just words,\n")
    assert [line.description for line in Invoice.get().lines] == ["Flour", "Total cleaning", "Just words"]


def test_rows_of_a_customers_report_that_are_no_customers(flask_import, write):
    text = (
        "Larch Supply Co\nCustomer Contact List\n\nCustomer number,Name,Email\n1,Total Foods,\n2,Ann,\n"
        'TOTAL,,\n\n"Saturday, Nov 28, 2026 09:15:00 AM",,\n'
    )
    result = flask_import("customers", write("c.csv", text))
    assert [c.name for c in Customer.select().order_by(Customer.id)] == ["Total Foods", "Ann"]
    assert "left out: row 7 (“TOTAL”), row 9 (“Saturday, Nov 28, 2026 09:15:00 AM”)." in result.output


@pytest.mark.parametrize(
    "header",
    [
        "customer_number,NUMBER,date,due-date,currency,total",
        "\ufeff Customer  Number ,Number,Date,Due Date,Currency,TOTAL",
        "*Customer number,*Number,*Date,*Due date,Currency:,Total*",
        "Customer.Number,Number,Date,Due_Date,Currency,(Total)",
    ],
)
def test_headings_match_ignoring_spaces_case_and_punctuation(run, header):
    run(header + "\n" + ONE)
    assert numbers() == ["INV-1"]


def test_map_names_the_columns_of_any_file(run):
    options = ("--map", "Client code=Customer number", "--map", "ref = number", "--map", "Amount=Total")
    result = run("Client code,Ref,Date,Due date,Currency,Amount,Shelf,Shelf\n" + ONE.strip() + ",1,2\n", *options)
    assert numbers() == ["INV-1"]
    assert "Columns that were not used: Shelf.\n" in result.output


def test_map_chooses_between_columns_and_leaves_them_out(run):
    text = "Customer number,Number,Date,Due date,Currency,Total,Balance,Open balance\n" + ONE.strip() + ",1.00,2.00\n"
    said = run(text).output
    assert "“Balance” (column G) and “Open balance” (column H) could each be Amount due" in said
    assert 'say which one it is: --map "Balance=Amount due"' in said
    run(text, "--map", "Open balance=Amount due", "--map", "Balance=")
    assert Invoice.get().open_minor == 200


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("Nope=Total", "There is no column “Nope” in the file."),
        ("Totl=Total", "Nearest: “total”."),
        ("Total=Totl", "“Totl” is not one of our fields. Nearest: Total"),
        ("Total=", "There is no column Total."),
        ("Total", 'Write it like "Name=Customer number"'),
        ("=Total", "names no column and field"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_the_nearest(run, option, said):
    result = run(PLAIN + ONE, "--map", option)
    assert result.exit_code and said in result.output
    assert numbers() == []


def test_a_field_mapped_twice_is_refused(run):
    result = run(PLAIN + ONE, "--map", "Number=Total", "--map", "Total=Total")
    assert result.exit_code == 2 and "Total is mapped twice" in result.output


def test_missing_columns_come_with_the_option_that_names_them(run):
    said = run("Buyer,No.,Date,Due date,Currency,Total\n" + ONE).output
    assert "There is no column Customer number." in said
    assert 'say so: --map "…=Customer number" --map "No.=Number"' in said or '--map "…=Number"' in said
    assert "The file's columns are: “Buyer”, “No.”" in said


PARTNERS = "Number,Partner Display,Invoice/Bill Date,Due Date,Untaxed Amount Signed,Total Signed,Status"
AUDIT = "Type,Acct Ref,Department Code,Date,Reference,Details,Net Amount,Tax Amount"


@pytest.mark.parametrize(
    ("header", "said", "unsaid"),
    [
        (
            PARTNERS,
            ('--map "…=Customer number"', '--map "Invoice/Bill Date=Date"', '--map "…=Total"'),
            ("Total Signed=", "If the column “Amount”"),
        ),
        (
            AUDIT,
            ('--map "…=Customer number"', '--map "…=Total"'),
            ("Department Code=", "Details=", "Due date", "“Amount”"),
        ),
        ("Customer number,Number,Date,Amount", ("If the column “Amount” is the total",), ()),
    ],
)
def test_help_for_missing_columns_names_only_what_is_near(run, header, said, unsaid):
    output = run(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n").output
    assert all(text in output for text in said), output
    assert not any(text in output for text in unsaid), output


def test_due_date_follows_from_the_terms_or_the_date_or_stays(run):
    def due():
        return [str(invoice.due_on) for invoice in Invoice.select().order_by(Invoice.number)]

    without, terms = "Customer number,Number,Date,Currency,Total", ("77,INV-1,{},USD,5.00", "77,INV-2,{},USD,5.00")
    run(f"{without},Terms\n" + "\n".join((terms[0] + ",Net 30", terms[1] + ",")).format("2026-11-03", "2026-11-03"))
    assert due() == ["2026-12-03", "2026-11-03"]
    assert "2 unchanged" in run(f"{without}\n" + "\n".join(terms).format("2026-11-03", "2026-11-03")).output
    run(f"{without}\n" + "\n".join(terms).format("2026-11-04", "2026-11-04"))
    assert due() == ["2026-12-03", "2026-11-04"]


def test_column_of_the_name_is_asked_about(upload, page, press, database):
    url = upload("Customer number,Company name,Full name,Email\nC-1,Quarry Kiln,Nia Brook,n@x.example\n")
    text = page(url)
    assert (
        "Which column is Name?" in text and ">Company name: Quarry Kiln<" in text and ">Full name: Nia Brook<" in text
    )
    assert "or say below which one it is" in text and "--map" not in text and "A question keeps the file" in text
    assert 'value="name" selected' not in page(f"{url}/columns")
    press(url, "answers", which="9")
    assert "Which column is Name?" in page(url)
    press(url, "answers", which="0")
    assert "1 new" in page(url)
    press(url, "apply")
    assert Customer.get(number="C-1").name == "Quarry Kiln"
