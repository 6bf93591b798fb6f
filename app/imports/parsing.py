"""Reading cells as amounts, decimals, dates and currencies. Ambiguous cells are refused, never guessed."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from app import money
from app.imports import dates
from app.imports.amounts import NEGATIVE, THOUSANDS, amount_advice, bare, decimal_mark, is_ambiguous, plain
from app.imports.dates import YEARS, DateSurvey, Numeric
from app.imports.extractor import NO_RESULT
from app.imports.report import Problems, Question, quote

DATE_FORMATS = {"yyyy-mm-dd": "ymd", "dd/mm/yyyy": "dmy", "mm/dd/yyyy": "mdy"}
FIRST = {"dmy": "day", "mdy": "month"}
NAME_MARK = "Or name the decimal mark of the file: --decimal . or --decimal ,"
AMOUNT_FIELDS = ("total", "tax", "paid", "credits", "due", "line_amount", "amount")
EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", NO_RESULT}
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d{2,}", re.IGNORECASE | re.ASCII)
YES, NO = {"yes", "y", "true", "t", "1"}, {"no", "n", "false", "f", "0"}
NOT_TENDER = re.compile("X(?!AF|CD|OF|PF|CG)")


class Values:
    """Reads cells. A cell that can't be read is reported and returns a harmless value, so that reading continues.

    `shift` moves every date; the demo company uses it to stay current. `decimal` is the decimal mark of the file, "."
    or ",", if a person has named it.
    """

    def __init__(
        self,
        problems: Problems,
        date_format: str | None = None,
        shift: timedelta = timedelta(),
        decimal: str | None = None,
    ):
        self.problems = problems
        self.order = DATE_FORMATS[date_format] if date_format else None
        self.shift = shift
        self.row = 0
        self.notes: list[str] = []
        self.decimal_mark, self.is_sure = decimal or "", bool(decimal)
        self._has_asked = False
        self._survey = DateSurvey()
        self._dates: dict[str, str] = {}
        self._decimals: dict[str, int | None] = {}

    def report(self, column: str, reason: str, question: Question | None = None, command: str = "") -> None:
        self.problems.add(self.row, column, reason, question, command)

    def date(self, text: str, column: str) -> str:
        """The ISO date of a cell, or "" if it is none."""
        try:
            return self._dates[text]
        except KeyError:
            pass
        if column in self._survey.serial and (iso := dates.from_serial(text)):
            return (date.fromisoformat(iso) + self.shift).isoformat()
        iso = self._read_date(text, column)
        if iso and len(self._dates) < 10_000:
            self._dates[text] = iso
        return iso

    def date_if_clear(self, text: str) -> str:
        quiet = Values(Problems(), shift=self.shift)
        quiet.order = self.order
        return quiet.date(text, "")

    def _read_date(self, text: str, column: str) -> str:
        parts = self._date_parts(text, column)
        if parts == ():
            return ""
        if parts is None:
            self.report(column, f"{quote(text)} is not a date. {date_advice(text)}")
            return ""
        if parts[0] not in YEARS:
            self.report(column, f"{quote(text)}: the year can't be right. {YEARS[0]} to {YEARS[-1]} are read.")
            return ""
        try:
            return (date(*parts) + self.shift).isoformat()
        except (ValueError, OverflowError):
            self.report(column, f"{quote(text)} is not a day in the calendar.{self._other_format(text)}")
            return ""

    def _other_format(self, text: str) -> str:
        # The date may exist if day and month are swapped.
        read = dates.parse(text)
        if not isinstance(read, Numeric) or not read.order() or read.order() == self.order:
            return ""
        if self._survey.order == self.order and self.order:
            row, other = self._survey.seen[self.order]
            return f" The file has the {FIRST[self.order]} first, as in row {row:,}: {quote(other)}."
        return f" Is the file written otherwise? --date-format {'mm/dd' if self.order == 'dmy' else 'dd/mm'}/yyyy"

    def _date_parts(self, text: str, column: str) -> tuple[int, ...] | None:
        read = dates.parse(text) if len(text) <= dates.LONGEST else None
        if not isinstance(read, Numeric):
            return read
        if self.order not in ("dmy", "mdy") and not (self.order == "ymd" and read.is_short):
            self._ask_for_format(text, column)
            return ()
        return read.parts(self.order)

    def detect_formats(self, table) -> None:
        """Find out how the file's columns write dates and amounts. The option --date-format takes precedence."""
        marks: set[str] = set()
        amounts = [table.found[name][0] for name in AMOUNT_FIELDS if table.has(name)]
        places = {
            table.title(name): table.found[name][0]
            for name in ("issued_on", "due_on", "received_on")
            if table.has(name)
        }
        self._survey = survey = dates.survey(observed(table.source.rows(), amounts, marks), places)
        if not self.is_sure:
            self.decimal_mark = marks.pop() if len(marks) == 1 else ""
        if not self.order and survey.order:
            self.order = survey.order
            row, text = survey.seen[survey.order]
            self.notes.append(
                f"Dates were read with the {FIRST[self.order]} first, as row {row:,} is written: "
                f"{quote(text)}. If that is wrong, say --date-format."
            )
        for column, (row, text) in survey.serial.items():
            iso = dates.from_serial(text)
            self.notes.append(
                f"The dates of {column} are a spreadsheet's count of days: {text} in row {row:,} was read as {iso}."
            )

    def _ask_for_format(self, text: str, column: str) -> None:
        # Ask once, because one answer applies to the whole file.
        if not self._has_asked:
            if len(self._survey.seen) > 1:
                both = " and ".join(
                    f"{quote(text)} in row {row:,} only with the {FIRST[order]} first"
                    for order, (row, text) in sorted(self._survey.seen.items(), key=lambda one: one[1])
                )
                self.report(
                    column,
                    f"The file's dates are written in two ways: {both} is a date. Write all of them "
                    "in one way, like 2026-11-22.",
                )
            else:
                self.report(
                    column,
                    f"{quote(text)} can be read with the day or the month first.",
                    Question("date_format"),
                    "Say which: --date-format dd/mm/yyyy or --date-format mm/dd/yyyy.",
                )
        self._has_asked = True

    def currency(self, text: str, column: str) -> str:
        """The ISO 4217 code of a cell, or "" if it is none."""
        code = text.upper()
        if not code:
            self.report(column, "is empty. Write the three-letter code of the currency, like USD or EUR.")
            return ""
        if code in self._decimals:
            return code
        if not re.fullmatch("[A-Z]{3}", code) or code not in money.CURRENCIES or NOT_TENDER.match(code):
            self.report(column, f"{quote(text)} is not a currency. Write its three-letter code, like USD or EUR.")
            return ""
        self._decimals[code] = money.exponent(code)
        return code

    def amount(self, text: str, currency: str, column: str) -> int:
        """Minor units, negative with a minus sign or in parentheses; 0 for an empty cell."""
        if text[-3:-2] == "." and 3 < len(text) <= 12 and text.isascii() and self._decimals.get(currency) == 2:
            digits = text[:-3] + text[-2:]  # the usual case, eight times as fast as the careful way
            if digits.isdigit():
                return int(digits)
        return self._careful_amount(text, currency, column) if text else 0

    def _careful_amount(self, text: str, currency: str, column: str) -> int:
        decimals = self._decimals.get(currency)
        if decimals is None:
            return 0
        number = bare(text, currency)
        negative = NEGATIVE.fullmatch(number)
        digits = plain(negative[1] or negative[2] if negative else number, decimals, self.decimal_mark, self.is_sure)
        whole, _, fraction = (digits or "").partition(".")
        if fraction and not fraction[decimals:].strip("0"):
            fraction = fraction[:decimals]
        if not whole or len(fraction) > decimals:
            ambiguous = not self.is_sure and is_ambiguous(number) and not text.startswith("#")
            advice = amount_advice(text, decimals, currency, ambiguous)
            asked = (Question("decimal"), NAME_MARK) if ambiguous else (None, "")
            self.report(column, f"{quote(text)} is not an amount in {currency}. {advice}", *asked)
            return 0
        digits = (whole + fraction.ljust(decimals, "0")).lstrip("0") or "0"
        if len(digits) > len(str(money.MAX_MINOR)) or int(digits) > money.MAX_MINOR:
            most = money.to_decimal(money.MAX_MINOR, currency)
            self.report(column, f"{quote(text)} is too large; the most is {most:f} {currency}.")
            return 0
        return -int(digits) if negative else int(digits)

    def decimal(self, text: str, column: str) -> str:
        """A number with at most 6 decimals, as plain text without trailing zeros; "" for an empty cell."""
        if not text or (text.isdigit() and text.isascii() and len(text) <= 12):
            return text
        digits = plain(text.removeprefix("-"), None, self.decimal_mark if self.is_sure else "", self.is_sure) or ""
        whole, _, fraction = digits.partition(".")
        fraction = fraction.rstrip("0")
        if THOUSANDS.fullmatch(text.removeprefix("-")) and not self.is_sure:
            self.report(
                column,
                f"{quote(text)} can be read in two ways. Write it like 1000 or like 1.5.",
                Question("decimal"),
                NAME_MARK,
            )
            return ""
        if not whole or len(whole) > 12 or len(fraction) > 6:
            self.report(column, f"{quote(text)} is not a number with at most 6 decimals. Write it like 12.5.")
            return ""
        sign = "-" if text.startswith("-") else ""
        return f"{sign}{whole}.{fraction}" if fraction else sign + whole

    def yes_or_no(self, text: str, column: str) -> bool | None:
        """None for an empty cell, or for one that is reported."""
        word = text.casefold()
        if word and word not in YES and word not in NO:
            self.report(column, f"{quote(text)} is neither Yes nor No.")
        return True if word in YES else False if word in NO else None

    def identifier(self, text: str, column: str) -> str:
        # A spreadsheet may have changed it.
        if "+" in text and SHORTENED.fullmatch(text):
            self.report(
                column,
                f"{quote(text)} was shortened by the spreadsheet. Format the column as text, "
                "and export the file again.",
            )
        elif text[:1] == "#" and (text in EXCEL_ERRORS or not text.strip("#")):
            self.report(column, f"{quote(text)} is an error of the spreadsheet, not a value.")
        return text


def observed(rows: Iterator[tuple[int, list[str]]], places: list[int], marks: set[str]):
    """Yields `rows` unchanged, and adds the decimal marks of the amounts at `places` to `marks`."""
    for number, cells in rows:
        if len(marks) < 2:
            for place in places:
                if place < len(cells) and (found := decimal_mark(cells[place])):
                    marks.add(found)
        yield number, cells


def date_advice(text: str) -> str:
    if text.startswith("#"):
        return "The spreadsheet's column is too narrow or the cell has an error: correct it there."
    if dates.SERIAL.fullmatch(text):
        return (
            "It looks like a spreadsheet's count of days, but other dates of the column are not: format the column "
            "as a date, and export again."
        )
    return "Write it like 2026-11-22."
