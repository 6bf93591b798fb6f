"""Amounts and numbers: read when there is one way to read them, refused when there are two."""

import pytest

from app.imports.parsing import Values
from app.imports.report import Problems


@pytest.fixture
def values():
    found = Values(Problems())
    for code in ("USD", "JPY", "KWD", "VND"):
        found.currency(code, "Currency")
    return found


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.50", "USD", 123450),
        ("1234.5", "USD", 123450),
        ("1,234.50", "USD", 123450),
        ("1.234,50", "USD", 123450),
        ("1 234,50", "USD", 123450),
        ("1\u202f234.50", "USD", 123450),
        ("1'234.50", "USD", 123450),
        ("12,5", "USD", 1250),
        ("1,234", "USD", 123400),
        ("1.234.567", "USD", 123456700),
        ("100.0000", "USD", 10000),
        ("12345.000", "USD", 1234500),
        ("$1,298.00", "USD", 129800),
        ("-$50.00", "USD", -5000),
        ("$-50.00", "USD", -5000),
        ("($50.00)", "USD", -5000),
        ("USD 1,250.00", "USD", 125000),
        ("1,250.00 USD", "USD", 125000),
        ("\u22125.00", "USD", -500),
        ("$1", "USD", 100),
        ("\u00a51,200", "JPY", 1200),
        ("$\xa05.00", "USD", 500),
        ("-5.00", "USD", -500),
        ("(5.00)", "USD", -500),
        ("120.00-", "USD", -12000),
        ("$1,234.56-", "USD", -123456),
        ("0", "USD", 0),
        ("", "USD", 0),
        ("999999999.99", "USD", 99999999999),
        ("1000000000.00", "USD", 100000000000),
        ("1500000000", "VND", 1500000000),
        ("1000000000000", "VND", 10**12),
        ("10000000000.00", "USD", 10**12),
        ("1200", "JPY", 1200),
        ("1,200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1.5", "KWD", 1500),
    ],
)
def test_amounts(values, text, currency, minor):
    assert values.amount(text, currency, "Total") == minor
    assert not values.problems


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.000", "USD"),
        ("1,000", "KWD"),
        ("1.000", "JPY"),
        ("12.50", "JPY"),
        ("10.005", "USD"),
        ("1E-9", "USD"),
        ("1_000", "USD"),
        ("\uff11\uff10\uff10", "USD"),
        ("--5", "USD"),
        ("-5-", "USD"),
        ("(5)-", "USD"),
        ("+5.00", "USD"),
        ("1,23,456", "USD"),
        ("\u20ac5", "USD"),
        ("$5", "JPY"),
        ("EUR 5", "USD"),
        ("$5 USD", "USD"),
        ("-$-5", "USD"),
        ("$", "USD"),
        ("($5", "USD"),
        ("$(5)", "USD"),
        ("nan", "USD"),
        ("sNaN", "USD"),
        ("10000000000.01", "USD"),
        ("9" * 400, "USD"),
        (".50", "USD"),
        ("5.", "USD"),
        ("\u0663.\u0660\u0660", "USD"),
        ("²²²²²².22", "USD"),
        ("-", "USD"),
        ("()", "USD"),
        ("1.2.3", "USD"),
        ("( 5 )", "USD"),
    ],
)
def test_no_amounts(values, text, currency):
    assert values.amount(text, currency, "Total") == 0
    assert values.problems.count == 1


@pytest.mark.parametrize(
    ("text", "names_another"),
    [
        ("EUR 5", True),
        ("5 GBP", True),
        ("\u20ac5", True),
        ("C$5", True),
        ("$5 USD", False),
        ("USD 1.2.3", False),
        ("$5.001", False),
        ("12 PCS", False),
        ("EURO 5", False),
        ("x", False),
    ],
)
def test_another_currency_is_named_as_the_reason(values, text, names_another):
    values.amount(text, "USD", "Total")
    assert ("It names another currency." in str(values.problems.first[0])) is names_another


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("40", "40"),
        ("40.0000", "40"),
        ("1.500000", "1.5"),
        ("-2", "-2"),
        ("2,5", "2.5"),
        ("0.000001", "0.000001"),
        ("1,234.5", "1234.5"),
        ("", ""),
    ],
)
def test_decimals(values, text, plain):
    assert values.decimal(text, "Quantity") == plain
    assert not values.problems


@pytest.mark.parametrize("text", ["1,000", "1.1234567", "x", "1e5", "4 pcs", "9999999999999", "\u0663"])
def test_no_decimals(values, text):
    assert values.decimal(text, "Quantity") == ""
    assert values.problems.count == 1


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-11-22", "2026-11-22"),
        ("2026/1/2", "2026-01-02"),
        ("22 Nov 2026", "2026-11-22"),
        ("22-nov-2026", "2026-11-22"),
        ("2026-11-22T00:00:00Z", "2026-11-22"),
        ("2026-11-22 00:00:00", "2026-11-22"),
    ],
)
def test_dates_with_one_meaning_need_no_format(values, text, iso):
    assert values.date(text, "Date") == iso


@pytest.mark.parametrize(
    "text",
    [
        "22 Foo 2026",
        "2026-13-01",
        "0000-01-01",
        "2026-11-22 13:00 or so",
        "2026-11-22 99:00",
        "yesterday",
        "\u0662\u0660\u0662\u0666-11-22",
    ],
)
def test_no_dates(values, text):
    assert values.date(text, "Date") == ""
    assert values.problems.count == 1


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("10000000000.01", "USD", "is too large; the most is 10000000000.00"),
        ("1000000000001", "VND", "is too large; the most is 1000000000000"),
        ("10.005", "USD", "USD has 2 decimals"),
        ("100.0050", "USD", "USD has 2 decimals"),
        ("100.5", "JPY", "JPY has no decimals"),
    ],
)
def test_why_an_amount_is_none(values, text, currency, said):
    values.amount(text, currency, "Total")
    assert said in values.problems.first[0].reason


def test_a_quantity_of_two_meanings_is_asked_about(values):
    values.decimal("1,000", "Quantity")
    assert "can be read in two ways" in values.problems.first[0].reason


@pytest.mark.parametrize("text", ["1026-11-22", "2206-11-22", "9999-12-31"])
def test_years_that_can_not_be_right(values, text):
    assert values.date(text, "Date") == ""
    assert "the year can't be right" in values.problems.first[0].reason


def test_the_other_date_format_is_suggested():
    values = Values(Problems(), "dd/mm/yyyy")
    assert values.date("10/31/2026", "Date") == ""
    assert "--date-format mm/dd/yyyy" in values.problems.first[0].reason


@pytest.mark.parametrize(
    ("mark", "text", "currency", "minor"),
    [
        (",", "1.000", "USD", 100000),
        (",", "1.000", "KWD", 1000000),
        (",", "1,000", "KWD", 1000),
        (".", "1,000", "KWD", 1000000),
        (",", "12,50", "USD", 1250),
        (",", "1.234,56", "USD", 123456),
        (".", "1,000", "USD", 100000),
        (".", "1.000", "KWD", 1000),
    ],
)
def test_decimal_mark_of_the_file_decides_ambiguous_amounts(values, mark, text, currency, minor):
    values.decimal_mark = mark
    assert values.amount(text, currency, "Total") == minor
    assert not values.problems


@pytest.mark.parametrize(("mark", "text"), [(",", "1,000"), (".", "1.000"), ("", "1.000")])
def test_number_that_the_decimal_mark_leaves_ambiguous_is_refused(values, mark, text):
    values.decimal_mark = mark
    assert values.amount(text, "USD", "Total") == 0 and values.problems.count == 1
