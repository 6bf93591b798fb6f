"""Rows among the lines that are no lines: sums and balances named in the description, and amounts that add up others.

Rows whose other cells give them away are left out before, see report_rows.
"""

import re

from app.imports.problems import Problems
from app.imports.values import Values

SUM = re.compile(
    r"(?:(?:grand|overall|report|net|page|running)[ -]*)?(?:sub[ -]*)?totals?|sums?|grand sum|gesamt|totale|totaal|suma"
    r"|(?:gesamt|zwischen)?summe|(?:sous[ -])?total(?: g\u00e9n\u00e9ral)?|razem|totalt"
    r"|(?:sub)?total (?:for|of|due|open|outstanding|amount|balance|all)\b.*|summe f\u00fcr .*"
    r"|(?:opening|beginning|closing|ending|starting|previous) balance.*|balance (?:brought|carried|b/f|c/f).*"
    r"|(?:brought|carried) forward",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"page:? \d+ of \d+|seite \d+ von \d+|.*\b(?:accrual|cash) basis\b.*"
    r"|(?:printed|generated|exported) (?:on|at|by) .*",
    re.IGNORECASE,
)
TOTAL = 11


class SumRows:
    """Given every document and line, it finds the rows that are neither. `shared` and `line` are as in
    DocumentReader, amounts minor units as written.
    """

    def __init__(self):
        self.values = Values(Problems())  # of its own: an amount that can't be read is no problem here
        self.totals = self.lines = self.documents = 0

    def add_document(self, total: int) -> None:
        self.totals += total
        self.documents += 1

    def add_line(self, amount: int) -> None:
        self.lines += amount

    def text_of(self, shared: tuple[str, ...], line: tuple[str, ...], head) -> str:
        """What such a row says, or "" for any other. `head` is the document above, or None."""
        number, above = shared[3], head.cells[3] if head else ""
        if number and number != above:
            return ""
        description = line[0].strip(" :=*-")
        if description:
            is_footer = not number and not any((*shared, *line[1:])) and FOOTER.fullmatch(description)
            return line[0] if SUM.fullmatch(description) or is_footer else ""
        return "" if number or head is None or any(shared[:TOTAL]) else self.sum_of(shared, line, head)

    def sum_of(self, shared: tuple[str, ...], line: tuple[str, ...], head) -> str:
        """The amount of a row without words that adds up several documents, or the lines of one."""
        if shared[TOTAL]:
            return shared[TOTAL] if self.adds_up(shared[TOTAL], head, [self.totals] * (self.documents > 1)) else ""
        sums = [self.lines] * (self.documents > 1) + [sum(each[3] for each in head.lines)] * (len(head.lines) > 1)
        return line[3] if not any(line[:3]) and self.adds_up(line[3], head, sums) else ""

    def adds_up(self, text: str, head, sums: list[int]) -> bool:
        before = self.values.problems.count
        if head.currency:
            self.values.currency(head.currency, "")
        minor = self.values.amount(text, head.currency, "") if head.currency and text else 0
        return self.values.problems.count == before and minor != 0 and minor in sums
