"""CSV files that no spreadsheet takes for formulas, with whatever separator it splits them."""

import csv
import io
import json
import re
from collections.abc import Iterable

# Excel of some languages takes the wide and small forms for the ASCII ones.
TRIGGERS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# Spreadsheets drop or skip these before a formula: quotes, spaces, and characters without a width.
SKIPPED = '\\s"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff'
# A number alone is no formula: up to the end of its cell, or of its JSON.
NUMBER = r"[-+]?\d+(?:\.\d+)?(?=[,;\t\r\n\]}]|$)"
# One run of skipped characters before a trigger. Each run is read once, from its start: reading it again from each of
# its characters takes quadratic time.
TRIGGER = re.compile(f"(?<![{SKIPPED}])([{SKIPPED}]*)(?!{NUMBER})(?=[{TRIGGERS}])")
DEFUSED = re.compile(f"(?<![{SKIPPED}])([{SKIPPED}]*)'(?!{NUMBER})(?=[{TRIGGERS}])")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
TRIGGER_IN_JSON = re.compile(f'(^|[,;"])([{SKIPPED}]*)([{TRIGGERS}])')


def csv_row(cells: Iterable) -> str:
    """One line of a CSV file, with its line end. Use it for every CSV file that this product writes."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([defused(str(cell)) for cell in cells])
    return buffer.getvalue()


def defused(text: str) -> str:
    """`text` with an apostrophe before each character that would start a formula where cells are separated by
    commas, semicolons or tabs, by a reader that knows quotes or one that doesn't. Control characters are dropped."""
    return TRIGGER.sub(with_apostrophe, CONTROLS.sub("", text))


def with_apostrophe(run: re.Match) -> str:
    return f"{run[1]}'" if starts_cell(run) else run[1]


def starts_cell(run: re.Match) -> bool:
    # A cell may start where the text starts, and after all that some reader takes for a separator or a quote.
    start = run.start()
    return start == 0 or run.string[start - 1] in ",;" or any(mark in run[1] for mark in '\t\r\n"')


def undefused(text: str) -> str:
    """The text that `defused` made `text` of, if that one had no such apostrophes itself."""
    return DEFUSED.sub(lambda run: run[1] if starts_cell(run) else run[0], text)


def json_cell(facts) -> str:
    """`facts` as JSON that passes through `csv_row` unchanged: it is escaped where it would start a formula."""
    return JSON_STRING.sub(lambda string: TRIGGER_IN_JSON.sub(escaped, string[0]), json.dumps(facts))


def escaped(found: re.Match) -> str:
    return f"{found[1]}{found[2]}\\u{ord(found[3]):04x}"
