"""Rows of reports that are no records: totals, headings of groups and pages, and footers."""

import re
from typing import Any

from app.imports.parsing import Values
from app.imports.report import FileProblem, Problems, quote

TOTAL = r"(?:(?:over|sub|grand)[ -]?(?:all)?[ -]*)?(?:totals?|summe|gesamt\w*)"
TOTAL_ROW = re.compile(rf"{TOTAL}\b.*", re.IGNORECASE)
TOTAL_ALONE = re.compile(rf"{TOTAL}(?:[: ]+\d[\d,. ]*)?(?: (?:customers?|records?|rows?|contacts?))?:?", re.IGNORECASE)
COUNT = re.compile(r"[\d., ]*")
FOOTER_ROW = re.compile(
    r"\d{1,2}:\d{2}|\b(?:cash|accrual) basis\b|\bpage \d+\b|^(?:printed|generated|exported|created|"
    r"report|as of|end of report|\d+ (?:records?|rows?|customers?))\b",
    re.IGNORECASE,
)
LONGEST = 255
TEXTS = {"description", "memo", "bill_to"}


class ReportRows:
    """Recognizes the rows of `table` that are no records. Rows that may be a record, or a line of one, are never
    skipped."""

    def __init__(self, table):
        places = {column.field: place for place, column in enumerate(table.columns)}
        dated = [name for name in ("issued_on", "received_on") if name in places]
        self.is_documents = bool(dated)
        self.number = places["number"]
        self.other = places[dated[0] if dated else "name"]
        self.header, self.titles = table.source.header, table.titles
        self.texts = {index for field in TEXTS for index in table.found.get(field, ())}
        self.above: list[str] = []  # the cells of the record above
        self.number_columns = set(table.found.get("number", ()))
        self.secret = table.secret

    def may_be(self, wanted: tuple[str, ...]) -> bool:
        # Records have a number and a date, or a number and a name.
        number, other = wanted[self.number], wanted[self.other]
        is_record = number and other and number not in (self.titles[self.number], other)
        return not is_record or (not self.is_documents and self.is_sum(wanted))

    def is_sum(self, wanted: tuple[str, ...]) -> bool:
        # "Total" followed only by counts is no customer.
        number, other = wanted[self.number], wanted[self.other]
        return bool(
            COUNT.fullmatch(other)
            and TOTAL_ALONE.fullmatch(number)
            and COUNT.fullmatch("".join(wanted).replace(number, ""))
        )

    def text_of(self, cells: list[str], wanted: tuple[str, ...]) -> str:
        """The row's first text, if it is no record; otherwise ""."""
        filled = [(index, cell.strip()) for index, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return ""
        index, text = filled[0]
        if len(text) > LONGEST or index in self.secret:
            return ""
        if len(filled) > 1 and all(self.header[index].strip() == cell for index, cell in filled):
            return text  # the headings again, as on the next page
        is_one = (
            self.is_no_record(index, text, wanted, len(filled))
            if self.is_documents
            else (TOTAL_ALONE.fullmatch(text) or (len(filled) == 1 and FOOTER_ROW.search(text)))
        )
        return text if is_one else ""

    def is_no_record(self, index: int, text: str, wanted: tuple[str, ...], count: int) -> bool:
        if index in self.texts or wanted[self.number] not in ("", text) or wanted[self.other] not in ("", text):
            return False
        if self.above and self.above[index].strip() == text:
            return False  # a line that repeats its customer, who may be called Total Wine
        if TOTAL_ROW.fullmatch(text):
            return True
        return count == 1 and (index not in self.number_columns or " " in text)


GROUP_END = re.compile(r"total for (.+?)(?: with sub-?\w+)?", re.IGNORECASE)


class GroupHeadings:
    """Fills the field `field` of rows from the group headings above them; nested groups are joined with ":".

    "Total for X" ends the group X. Raises FileProblem if a group doesn't end, because it could include rows of the next
    one.
    """

    def __init__(self, table, field: str):
        self.place = next(place for place, column in enumerate(table.columns) if column.field == field)
        self.open: list[str] = []
        self.unended: dict[str, int] = {}  # the groups that rows were read in, with the first row

    def see(self, cells: list[str]) -> None:
        text = cells[0].strip()
        if ended := GROUP_END.fullmatch(text):
            while self.open:
                name = self.open.pop()
                if name == ended[1]:
                    self.unended.pop(name, None)
                    break
        elif text and not any(map(str.strip, cells[1:])):
            self.open.append(text)

    def completed(self, row: int, wanted: tuple[str, ...]) -> tuple[str, ...]:
        # An empty row stays empty.
        if wanted[self.place] or not self.open or not any(wanted):
            return wanted
        for name in self.open:
            self.unended.setdefault(name, row)
        return (*wanted[: self.place], ":".join(self.open), *wanted[self.place + 1 :])

    def finish(self) -> None:
        for name, row in self.unended.items():
            raise FileProblem(
                f"Row {row:,} is below the heading {quote(name)}, and no row “Total for {quote(name)[1:-1]}” ends that "
                "group. Export the report with totals, or with a column for the customer's name."
            )


TOTAL_LINE = re.compile(
    r"(?:(?:grand|overall|report|net|page|running)[ -]*)?(?:sub[ -]*)?totals?|sums?|grand sum|gesamt|totale|totaal|suma"
    r"|(?:gesamt|zwischen)?summe|(?:sous[ -])?total(?: g\u00e9n\u00e9ral)?|razem|totalt"
    r"|(?:sub)?total (?:for|of|due|open|outstanding|amount|balance|all)\b.*|summe f\u00fcr .*"
    r"|(?:opening|beginning|closing|ending|starting|previous) balance.*|balance (?:brought|carried|b/f|c/f).*"
    r"|(?:brought|carried) forward",
    re.IGNORECASE,
)
FOOTER_LINE = re.compile(
    r"page:? \d+ of \d+|seite \d+ von \d+|.*\b(?:accrual|cash) basis\b.*"
    r"|(?:printed|generated|exported) (?:on|at|by) .*",
    re.IGNORECASE,
)


class TotalLines:
    """Finds total rows among the lines. Feed it every document's total and every line, as minor units as written."""

    def __init__(self):
        self.values = Values(Problems())  # of its own: an amount that can't be read is no problem here
        self.totals = self.lines = self.documents = 0

    def add_document(self, total: int) -> None:
        self.totals += total
        self.documents += 1

    def add_line(self, amount: int) -> None:
        self.lines += amount

    def text_of(self, cells: Any, head: Any) -> str:
        """The text of a total row, or "" for any other row. `head` is the document above, or None."""
        if cells.number and cells.number != (head.cells.number if head else ""):
            return ""
        if description := cells.description.strip(" :=*-"):
            is_footer = FOOTER_LINE.fullmatch(description) and not any(cells._replace(description=""))
            return cells.description if TOTAL_LINE.fullmatch(description) or is_footer else ""
        if cells.number or head is None or any(cells[: cells._fields.index("total")]):
            return ""
        return self.sum_of(cells, head)

    def sum_of(self, cells: Any, head: Any) -> str:
        if cells.total:
            return cells.total if self.adds_up(cells.total, head, [self.totals] * (self.documents > 1)) else ""
        if cells.description or cells.quantity or cells.unit_price:
            return ""
        sums = [self.lines] * (self.documents > 1)
        sums += [sum(line.amount_minor for line in head.lines)] * (len(head.lines) > 1)
        return cells.line_amount if self.adds_up(cells.line_amount, head, sums) else ""

    def adds_up(self, text: str, head: Any, sums: list[int]) -> bool:
        before = self.values.problems.count
        if head.currency:
            self.values.currency(head.currency, "")
        minor = self.values.amount(text, head.currency, "") if head.currency and text else 0
        return self.values.problems.count == before and minor != 0 and minor in sums
