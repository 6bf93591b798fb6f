"""Which spellings may be one number, as a table."""

import pytest

from app.number_spellings import FAINT, LIKELY, SURE, spellings


def need(one: str, other: str) -> int | None:
    """How many of date and total must agree before the two are asked about; None if they are two numbers."""
    found = [
        max(a.need, b.need) for a in spellings(one) for b in spellings(other) if a.key == b.key and (a.form or b.form)
    ]
    return min(found, default=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0000017", "17"),
        ("17", "17.0"),
        ("17", "17.00"),
        ("17", "'17"),
        ("17", "’17"),
        ("17", '="0017"'),
        ("17", "#17"),
        ("17", "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT SEVEN}"),
        ("17", "\N{ARABIC-INDIC DIGIT ONE}7"),
        ("17", "17 -"),
        ("17", "17\u00a0"),
        ("17", "\u200b17"),
        ("1700", "1,700"),
        ("1700", "1.700"),
        ("1700", "1\u202f700"),
        ("1700", "1'700"),
        ("1234567", "1,234,567.00"),
        ("100000", "100000.0"),
        ("INV-17", "INV 17"),
        ("INV-17", "inv-17"),
        ("INV-17", "INV\N{EN DASH}17"),
        ("INV-17", "INV\N{MINUS SIGN}17"),
        ("INV-17", "INV17"),
        ("INV-17", "INV-0017"),
        ("INV-17", "INV\u00a017"),
        ("INV-17", "INV-17-"),
        ("INV-17", "Inv. 17"),
        ("2026/0017", "2026/17"),
        ("2026-17", "2026/17"),
        ("CAF\u00c9-1", "CAFE\u0301-1"),
    ],
)
def test_one_number_in_two_spellings(one, other):
    assert need(one, other) == need(other, one) == SURE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0E+05", "100000"),
        ("1E05", "100000"),
        ("1e+5", "100000"),
        ("1,7E+03", "1700"),
        ("1.10", "1.1"),
        ("10-17", "17-Oct"),
        ("10-17", "Oct-17"),
        ("10-17", "2026-10-17"),
        ("10/17", "10/17/2026"),
        ("17.10", "17.10.2026"),
        ("2026-10", "Oct-26"),
        ("2026-10", "2026-10-01"),
        ("10-17-26", "10/17/2026"),
        ("MAR17", "17-Mar"),
        ("SEPT-2", "2-Sep"),
        ("10-17", "2026-10-17 00:00:00"),
        ("12345678901234567", "12345678901234500"),
    ],
)
def test_a_number_that_a_spreadsheet_may_have_made_of_another(one, other):
    assert need(one, other) == need(other, one) == LIKELY


@pytest.mark.parametrize(("one", "other"), [("INV-17", "17"), ("0017", "INV 17"), ("2026-17", "INV-2026-17")])
def test_a_number_without_its_prefix(one, other):
    assert need(one, other) == FAINT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("17", "18"),
        ("17", "170"),
        ("1-17", "117"),
        ("INV-17", "CM-17"),
        ("INV-17A", "INV-17B"),
        ("2026-1", "2026-10"),
        ("10-17", "17-10"),
        ("12345678901234567", "12345678901234568"),
        ("17", ""),
        ("", "-x"),
        ("1.2", "12"),
        ("A-17", "B-0017"),
        ("100", "1E5"),
        ("MAR-17", "MAR-18"),
    ],
)
def test_two_numbers(one, other):
    assert need(one, other) is None


def test_the_longest_number_is_taken_apart():
    for number in ("9" * 255, "\N{PARENTHESIZED NUMBER TWENTY}" * 255, "1e99", "\ufdfa" * 255, "1 " * 127):
        assert spellings(number)
