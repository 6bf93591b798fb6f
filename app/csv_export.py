"""Writes CSV files whose texts no spreadsheet reads as formulas, whatever separator it assumes."""

import csv
import io
import json
import re
from collections.abc import Iterable

# In some languages Excel treats full-width and small forms like the ASCII characters.
TRIGGERS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# Spreadsheets ignore these before a formula: quotes, spaces, and zero-width characters.
SKIPPED = '\\s"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff'
# A cell or JSON value that is only a number is not a formula.
NUMBER = r"[-+]?\d+(?:\.\d+)?(?=[,;\t\r\n\]}]|$)"
# A run of skipped characters before a trigger. The lookbehind matches a run only at its start; trying from each of its
# characters would take quadratic time.
TRIGGER = re.compile(f"(?<![{SKIPPED}])([{SKIPPED}]*)(?!{NUMBER})(?=[{TRIGGERS}])")
DEFUSED = re.compile(f"(?<![{SKIPPED}])([{SKIPPED}]*)'(?!{NUMBER})(?=[{TRIGGERS}])")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
TRIGGER_IN_JSON = re.compile(f'(^|[,;"])([{SKIPPED}]*)([{TRIGGERS}])')


def csv_row(cells: Iterable) -> str:
    """One line of a CSV file, with its line ending. Use it for every CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([defused(str(cell)) for cell in cells])
    return buffer.getvalue()


def defused(text: str) -> str:
    """`text` with an apostrophe before each character that could start a formula, whether a spreadsheet splits cells at
    commas, semicolons or tabs, and whether or not it handles quotes. Control characters are removed."""
    return TRIGGER.sub(with_apostrophe, CONTROLS.sub("", text))


def with_apostrophe(run: re.Match) -> str:
    return f"{run[1]}'" if starts_cell(run) else run[1]


def starts_cell(run: re.Match) -> bool:
    # A cell may start at the start of the text and after anything that a spreadsheet may read as a separator or quote.
    start = run.start()
    return start == 0 or run.string[start - 1] in ",;" or any(mark in run[1] for mark in '\t\r\n"')


def undefused(text: str) -> str:
    """The reverse of `defused`, for texts that had no such apostrophes themselves."""
    return DEFUSED.sub(lambda run: run[1] if starts_cell(run) else run[0], text)


def json_cell(facts) -> str:
    """`facts` as JSON that `csv_row` doesn't change: characters that could start a formula are escaped."""
    return JSON_STRING.sub(lambda string: TRIGGER_IN_JSON.sub(escaped, string[0]), json.dumps(facts))


def escaped(found: re.Match) -> str:
    return f"{found[1]}{found[2]}\\u{ord(found[3]):04x}"
