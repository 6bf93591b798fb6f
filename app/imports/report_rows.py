"""Rows that reports add to their records: sums, headings of groups and pages, and what stands at the foot."""

import re

SUM = re.compile(r"(?:(?:over|sub|grand)[ -]?(?:all)?[ -]*)?(?:totals?|summe|gesamt\w*|total g\w+)\b.*", re.IGNORECASE)
SUM_ALONE = re.compile(
    r"(?:(?:over|sub|grand)[ -]?(?:all)?[ -]*)?(?:totals?|summe|gesamt\w*)"
    r"(?:[: ]+\d[\d,. ]*)?(?: (?:customers?|records?|rows?|contacts?))?:?",
    re.IGNORECASE,
)
FOOT = re.compile(
    r"\d{1,2}:\d{2}|\b(?:cash|accrual) basis\b|\bpage \d+\b|^(?:printed|generated|exported|created|"
    r"report|as of|end of report|\d+ (?:records?|rows?|customers?))\b",
    re.IGNORECASE,
)
LONGEST = 255
TEXTS = {"description", "memo", "bill_to"}


class ReportRows:
    """Tells the rows of `table` that are no records. What may be a record, or a line of one, is never left out."""

    def __init__(self, table):
        places = {column.field: place for place, column in enumerate(table.columns)}
        self.is_documents = "issued_on" in places
        self.number = places["number"]
        self.other = places["issued_on" if self.is_documents else "name"]
        self.header, self.heads = table.source.header, table.titles
        self.texts = {index for field in TEXTS for index in table.found.get(field, ())}
        self.above: list[str] = []  # the cells of the record above
        self.number_columns = set(table.found.get("number", ()))

    def may_be(self, picked: tuple[str, ...]) -> bool:
        """A quick look: records have both a number and a date, or both a number and a name."""
        number, other = picked[self.number], picked[self.other]
        return not number or not other or number == self.heads[self.number] or number == other

    def text_of(self, cells: list[str], picked: tuple[str, ...]) -> str:
        """What the row says first, if it is one of these rows; else ""."""
        filled = [(index, cell.strip()) for index, cell in enumerate(cells) if cell.strip()]
        if not filled:
            return ""
        index, text = filled[0]
        if len(text) > LONGEST:
            return ""
        if len(filled) > 1 and all(self.header[index].strip() == cell for index, cell in filled):
            return text  # the headings again, as on the next page
        is_one = (
            self.is_none(index, text, picked, len(filled))
            if self.is_documents
            else (SUM_ALONE.fullmatch(text) or (len(filled) == 1 and FOOT.search(text)))
        )
        return text if is_one else ""

    def is_none(self, index: int, text: str, picked: tuple[str, ...], count: int) -> bool:
        """Whether a row that starts with `text` is no document and no line of one."""
        if index in self.texts or picked[self.number] not in ("", text) or picked[self.other] not in ("", text):
            return False
        if self.above and self.above[index].strip() == text:
            return False  # a line that repeats its customer, who may be called Total Wine
        if SUM.fullmatch(text):
            return True
        return count == 1 and (index not in self.number_columns or " " in text)
