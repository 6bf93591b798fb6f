"""Email cells as people keep them."""

import pytest

from app.email_addresses import normal_email, read_addresses
from app.models import Customer
from tests.imports.conftest import CASES

A, B = "a@x.example", "b@x.example"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (A, [A]),
        (f" {A} ", [A]),
        ("PAY@X.EXAMPLE", ["pay@x.example"]),
        (f"\xa0{A}\u200b", [A]),
        (f"\ufeff{A}", [A]),
        ("a\u200b@x.example", [A]),
        (f"{A}; {B}", [A, B]),
        (f"{A}, {B}", [A, B]),
        (f"{A},{B};", [A, B]),
        (f"{A}\n{B}", [A, B]),
        (f"{A}\r\n{B}", [A, B]),
        (f"{A}/{B}", [A, B]),
        (f"{A} / {B}", [A, B]),
        (f"{A} | {B}", [A, B]),
        (f"{A} {B}", [A, B]),
        (f"{A} and {B}", [A, B]),
        (f"{A}; {A.upper()}", [A]),
        (f"Ada Wick <{A}>", [A]),
        (f"<{A}>", [A]),
        (f'"Wick, Jr." <{A}>', [A]),
        (f"Wick, Ada <{A}>", [A]),
        (f"Wick, Ada <{A}>; Ben <{B}>", [A, B]),
        (f"Wick, Ada <{A}>, Ben <{B}>", [A, B]),
        (f'"Ada; Wick" <{A}>, {B}', [A, B]),
        (f"mailto:{A}", [A]),
        (f"MAILTO: {A}", [A]),
        (f"mailto:{A}?subject=Hi", [A]),
        (f"Ada <mailto:{A}>", [A]),
        (f"{A}.", [A]),
        (f"{A},", [A]),
        (f"'{A}", [A]),
        (f"'{A}'", [A]),
        (f'"{A}"', [A]),
        (f"“{A}”", [A]),
        (f"({A})", [A]),
        ("a+b@x.example", ["a+b@x.example"]),
        ("o'brien@x.example", ["o'brien@x.example"]),
        ("ana@bücher.example", ["ana@bücher.example"]),
        ("ana@bu\u0308cher.example", ["ana@bücher.example"]),
        ("a/b@x.example", ["a/b@x.example"]),
        ("Email: a@x.example", [A]),
        ("n/a", []),
        ("N/A", []),
        ("none", []),
        ("-", []),
        ("--", []),
        ("unknown", []),
        ("keine", []),
        ("null", []),
        ("0", []),
        ("\u2013", []),
        (" \xa0", []),
        ("NULL", []),
    ],
)
def test_addresses_that_are_read(text, found):
    assert read_addresses(text) == (found, "")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a@x", "a@x"),
        ("ada", "ada"),
        (f"{A}; ben", "ben"),
        ("ada wick@x.example", "ada"),
        ("#N/A", "#N/A"),
        ("a@@x.example", "a@@x.example"),
        (f"{A} (home)", "(home)"),
        ("a@x example", "a@x"),
    ],
)
def test_invalid_address_is_reported(text, part):
    assert read_addresses(text).unreadable == part


def test_long_text_is_not_taken_apart():
    assert read_addresses(f"{A}," * 200).unreadable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f" {A.upper()} ", A),
        (f"Ada <{A}>", A),
        (f"mailto:{A}", A),
        (f"{A}; {B}", f"{A}; {B}"),
        ("None", "none"),
        (None, ""),
    ],
)
def test_a_typed_address_is_kept_alone(typed, kept):
    assert normal_email(typed) == kept


def test_the_case_of_cells_as_people_keep_them(flask_import):
    result = flask_import("customers", CASES / "08-emails.csv")
    assert "8 new" in result.output
    assert {c.number: c.email for c in Customer.select()} == {
        "M1": A,
        "M2": A,
        "M3": "ada@x.example",
        "M5": "",
        "M6": A,
        "M7": "",
        "M8": "pay@x.example",
        "M9": A,
    }
    assert (
        f"Rows with several email addresses: 2. The first is the customer's. Give the others access on the "
        f"customer's record: row 2 (M1) {B}; row 3 (M2) {B}."
    ) in result.output
    assert "Emails like “n/a”, which were left empty: 2." in result.output
    assert "0 new, 0 changed, 8 unchanged" in flask_import("customers", CASES / "08-emails.csv").output


def test_unreadable_address_is_reported_with_row_and_value(flask_import, write):
    result = flask_import("customers", write("c.csv", f"Customer number,Name,Email\n1,Ann,{A}\n2,Bo,{A}; bo@\n"))
    assert f"Row 3, Email: “{A}; bo@” is not an email address: “bo@”." in result.output
    assert Customer.select().count() == 0
