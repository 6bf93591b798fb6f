"""No cell of a CSV file that we write is a formula, whichever separator its reader uses."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.csv_export import CONTROLS, NUMBER, SKIPPED, TRIGGERS, csv_row, defused, json_cell, undefused

ROOT = Path(__file__).resolve().parent.parent
# What a formula is, said in one expression that takes quadratic time.
REFERENCE = re.compile(f'(^|[,;\t\r\n"])([{SKIPPED}]*)(?!{NUMBER})(?=[{TRIGGERS}])')
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b")
INVISIBLE = ' \t\r\n\x00\x0b\x0c\x1f\x85\xa0\u00ad\u200b\u200e\u2028\u2029\u202e\u2060\ufeff"'


def cells_of(line: str, separator: str, quotes: int) -> list[str]:
    """The cells as such a reader has them, without what spreadsheets skip before a formula."""
    rows = csv.reader(io.StringIO(line, newline=""), delimiter=separator, quoting=quotes)
    return [cell.strip(INVISIBLE) for row in rows for cell in row]


# A number alone stays one, and a reader of another separator has the cells after it in the same cell.
NUMBERS_FIRST = re.compile(rf"(?:[-+]?\d+(?:\.\d+)?[{SKIPPED},;]+)+")


def is_formula(cell: str) -> bool:
    rest = NUMBERS_FIRST.sub("", cell, count=1) if NUMBERS_FIRST.match(cell) else cell
    starts = cell.startswith(FORMULA_STARTS) and rest.startswith(FORMULA_STARTS)
    return starts and not rest[1:].rstrip("]}").replace(".", "").isdigit()


def formulas(line: str) -> list[str]:
    found = []
    for separator in ",;\t":
        for quotes in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            found += [cell for cell in cells_of(line, separator, quotes) if is_formula(cell)]
    return found


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "Jo;=cmd|' /C calc'!A0",
        "Jo,=cmd",
        "Jo\t=cmd",
        "Jo\n=cmd",
        "Jo\r=cmd",
        "Jo; =cmd",
        'Jo;"=cmd"',
        'a"=cmd',
        'a;""=cmd',
        " =cmd",
        "\t=cmd",
        "\x00=cmd",
        "Jo;\x00=cmd",
        "\ufeff=cmd",
        "\u200b=cmd",
        "Jo;\u200b+cmd",
        "\xa0=cmd",
        "@SUM(A1)",
        "+cmd",
        "-cmd",
        "-5+cmd",
        "-5 +cmd",
        "Jo;-2+3+cmd",
        "\uff1dcmd",
        "Jo;\uff0bcmd",
        "\uff0dcmd",
        "\uff20cmd",
        "\ufe66cmd",
        "\r=cmd",
        "a\x0b=cmd;=x",
        "\x85=cmd",
        ";;=a;;=b",
        "=;=;=",
    ],
)
def test_no_reader_finds_a_formula(cell):
    for cells in ([cell], ["x", cell], ["x", cell, "y"], [cell, cell], ['"', cell], ["-1", "", cell]):
        assert formulas(csv_row(cells)) == []


@given(st.lists(st.text(alphabet="=+-@;,\t\n\r\"'\x00\ufeff\u200b a1\uff1d", max_size=12), max_size=4))
def test_no_text_becomes_a_formula(cells):
    assert formulas(csv_row(cells)) == []


@given(st.text(alphabet="=+-@;,\t\n\r\"'\x00\ufeff\u200b a1.]\uff1d", max_size=14))
def test_apostrophes_are_where_the_reference_puts_them(cell):
    assert defused(cell) == REFERENCE.sub(r"\1\2'", CONTROLS.sub("", cell))


@pytest.mark.parametrize(
    "cell",
    [
        "-50.00",
        "+5",
        "-5",
        "Cedar Lane",
        "a-b",
        "a = b",
        "maya@cedarlane.example",
        "INV-1, INV-2",
        "2 = two; 3",
        "1,234.50",
    ],
)
def test_other_text_stays_as_it_is(cell):
    assert next(csv.reader([csv_row([cell])])) == [cell]


@pytest.mark.parametrize(
    "facts",
    [
        {"was": "=cmd", "to": "Jo;=cmd"},
        {"name": '";=cmd'},
        {"n": [1, -5], "m": -5},
        {"a": "é, @x \\", "b": "\t=x"},
        {},
    ],
)
def test_facts_keep_their_values(facts):
    line = csv_row(["x", json_cell(facts)])
    assert json.loads(next(csv.reader([line]))[1]) == facts
    assert formulas(line) == []


def test_a_long_cell_takes_linear_time():
    """Limits the processor time of a process of its own; quadratic work would need it many hundred times over."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20));"
        "from app.csv_export import csv_row, json_cell;"
        "long = [start * 100_000 for start in ('\"', '\\n', '\\t ', '\" ', ', ', '-1', '=', '=\"')];"
        "print(len([csv_row([text, json_cell({'a': text})]) for text in long]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout.strip()) == (0, "8"), done.stderr


@given(st.text(alphabet='=+-@1. ,;\t\n"a\uff1d\u200b'))
def test_defused_cell_is_read_back_unchanged(text):
    assert undefused(defused(text)) == text


@pytest.mark.parametrize("text", ["O'Hara", "it's -5", "'a", "'-5", "rock 'n' +roll", "'"])
def test_other_apostrophes_stay(text):
    assert undefused(text) == text
