"""What the browser sends about an upload: the file, answers, and the choice of columns."""

import hashlib

from app.files import safe_name
from app.imports.choices import Choices
from app.imports.csv_reader import MAX_COLUMNS
from app.imports.mapping import Column
from app.imports.parsing import DATE_FORMATS, Values
from app.imports.portal_payments import MADE_HERE_CHOICES
from app.imports.report import Problems, quote
from app.imports.survey import CUSTOMERS, INVOICES, PAYMENTS
from app.models.base import parse_id
from app.printable import is_printable
from app.web.limits import LARGEST_UPLOAD

KIND_CHOICES = {
    "": "Detect it from the headings",
    CUSTOMERS: "Customers",
    INVOICES: "Invoices and credit memos",
    PAYMENTS: "Payments received",
}
NO_FILE = "Choose a file."
TOO_LARGE = (
    f"The file has more than {LARGEST_UPLOAD // 1024**2} MB. Split it, and import the parts one after the other."
)
EMPTY = "The file is empty. Choose another one."
JOINED = {"address", "bill_to", "memo", "description"}  # may be the text of several columns
TOPICS = {
    "same": ("same", "new"),
    "new": ("new",),
    "closed": ("reopen", "keep"),
    "email": ("email",),
    "another": ("another", "counted"),
}
FOR_ALL = ("same", "new", "reopen", "keep", "email", "another", "counted")


INCOMPLETE = "The form is not complete. Open the page again."
MAX_CORRECTED = 2_000


class UploadError(ValueError):
    """The text says what is wrong with the upload, and what to do."""


def read_upload(file) -> tuple[str, bytes, str]:
    """(name, bytes, SHA-256) of an uploaded file. Raises UploadError."""
    if not file or not file.filename:
        raise UploadError(NO_FILE)
    content = file.read(LARGEST_UPLOAD + 1)
    if len(content) > LARGEST_UPLOAD:
        raise UploadError(TOO_LARGE)
    if not content:
        raise UploadError(EMPTY)
    return safe_name(file.filename, "file"), content, hashlib.sha256(content).hexdigest()


def read_answers(form, choices: Choices, found: dict) -> dict[str, str]:
    """Copy the submitted answers into `choices`. Returns {field: what is wrong}. `found` are the questions on the
    page."""
    errors = {}
    for name, allowed in (
        ("date_format", tuple(DATE_FORMATS)),
        ("decimal", (".", ",")),
        ("made_here", MADE_HERE_CHOICES),
    ):
        value = form.get(name, "")
        if value in ("", *allowed):
            setattr(choices, name, value)
    if (code := form.get("currency", "").strip()) != choices.currency:
        problems = Problems()
        choices.currency = Values(problems).currency(code, "") if code else ""
        if problems:
            errors["currency"] = problems.first[0].reason
    choices.keep_lines = form.get("lines") == "keep"
    choices.for_all = [word for word in FOR_ALL if word in form.getlist("all")]
    for key in form.getlist("take_back"):
        answer, _, number = key.partition(":")
        choices.take_back(answer, number)
    for (name, _title, headings), place in zip(found.get("twofold", []), form.getlist("which"), strict=False):
        chosen = parse_id(place)
        if chosen is not None and chosen < len(headings):
            choices.columns |= {one: name if at == chosen else "" for at, one in enumerate(headings)}
    sheet = form.get("sheet", "")
    if sheet != choices.sheet and sheet in [name for name, _rows in found.get("sheets", [])]:
        choices.choose_sheet(sheet)
        return errors
    asked = [question for question in found.get("questions", []) if question["topic"] in TOPICS]
    for question, answer in zip(asked, form.getlist("answer"), strict=False):
        if answer in TOPICS[question["topic"]]:
            choices.answer(answer, question["number"], question["other"])
    return errors


def read_corrections(form, choices: Choices, shown: dict[int, list[str]], secret: set[int]) -> str:
    """Copy changed cells, and rows to leave out, into `choices`. Returns what is wrong. `shown` are the cells of
    each row as the page showed them; it has no fields for cells at the `secret` indexes."""
    places, texts = form.getlist("place"), form.getlist("cell")
    if len(places) != len(texts):
        return INCOMPLETE
    left_out = {number for row in form.getlist("leave_out") if (number := parse_id(row)) in shown}
    changed: dict[str, dict[str, str]] = {}
    for place, text in zip(places, texts, strict=True):
        row, _, at = place.partition(":")
        number, index = parse_id(row), parse_id(at)
        cells = shown.get(number or 0)
        if cells is None or index is None or index >= MAX_COLUMNS or index in secret:
            return INCOMPLETE
        text = "\n".join(text.splitlines())
        before = cells[index] if index < len(cells) else ""
        if number not in left_out and text != shown_text(before):
            if not all(map(is_printable, text.split("\n"))):
                return f"Row {number:,}: {quote(text)} contains a character that can't be read. Type it again."
            changed.setdefault(str(number), {})[str(index)] = text
    kept = len(choices.left_out) + sum(map(len, choices.corrected.values()))
    if kept + len(left_out) + sum(map(len, changed.values())) > MAX_CORRECTED:
        return f"At most {MAX_CORRECTED:,} cells and rows can be corrected here. Correct the others in the file."
    for row, cells_of_row in changed.items():
        choices.corrected[row] = choices.corrected.get(row, {}) | cells_of_row
    choices.left_out = sorted({*choices.left_out, *left_out})
    return "" if changed or left_out else "Nothing was changed. Correct a cell, leave a row out, or choose Cancel."


def shown_text(cell: str) -> str:
    """A cell's text as a form field can hold it."""
    return "\n".join(
        "".join(sign if is_printable(sign) else "\ufffd" for sign in line) for line in cell.strip().splitlines()
    )


def read_columns(form, file_columns: list[dict], ours: tuple[Column, ...]) -> tuple[dict[str, str], str]:
    """({heading: field}, what is wrong) of the chosen columns, in the order of the file."""
    known = {column.field: column.title for column in ours}
    chosen = form.getlist("field")
    if len(chosen) != len(file_columns) or any(name and name not in known for name in chosen):
        return {}, "Choose a field for each column, or “Not used”."
    fields: dict[str, str] = {}
    for place, (column, name) in enumerate(zip(file_columns, chosen, strict=True), 1):
        if name and not column["heading"]:
            return {}, f"Column {place} has no heading in the file. Give it one there, or choose “Not used”."
        if name and name not in JOINED and name in fields.values():
            return {}, f"{known[name]} is chosen for two columns. Choose it for one, and “Not used” for the other."
        if column["heading"]:
            fields[column["heading"]] = name or fields.get(column["heading"], "")
    return fields, ""
