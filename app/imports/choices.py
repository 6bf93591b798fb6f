"""An administrator's choices for an upload, as they are stored in its run: how to read it, answers, columns."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from app.imports.answers import ALL, Answers
from app.imports.csv_reader import Corrections
from app.imports.invoice_options import InvoiceOptions
from app.imports.mapping import Mapping
from app.imports.payments import PaymentOptions

MAX_PROBLEMS = 10_000  # of a preview
REASON = "Reason"  # the additional heading in the file of bad rows


@dataclass
class Choices:
    """`same` maps numbers of the file to numbers here; the other lists are numbers of the file. `for_all` are
    answers of forms.FOR_ALL that apply to every question of their kind. `another` and `counted` are unclear
    payments. `corrected` is {row: {index of the cell: its text}}, with strings as keys; `left_out` are rows.
    `columns` is {heading: field, or "" for a column that is left out}, for the `sheet` of a workbook; `mapping` is
    the name it was saved under."""

    currency: str = ""
    date_format: str = ""
    decimal: str = ""
    made_here: str = ""
    keep_lines: bool = False
    same: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    kept_closed: list[str] = field(default_factory=list)
    new_customers: list[str] = field(default_factory=list)
    another: list[str] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    for_all: list[str] = field(default_factory=list)
    corrected: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: list[int] = field(default_factory=list)
    sheet: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    mapping: str = ""

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Choices":
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    def answer(self, answer: str, number: str, other: str) -> None:
        if answer == "same":
            self.same[number] = other
        elif number not in (numbers := self._lists()[answer]):
            numbers.append(number)

    def given(self) -> list[tuple[str, str, str]]:
        """(answer, number in the file, number here or "") of each single answer."""
        same = [("same", number, other) for number, other in self.same.items()]
        return same + [(answer, number, "") for answer, numbers in self._lists().items() for number in numbers]

    def take_back(self, answer: str, number: str) -> None:
        if answer == "row":
            self.left_out = [row for row in self.left_out if str(row) != number]
        elif answer == "cell":
            row, _, place = number.partition(":")
            if self.corrected.get(row, {}).pop(place, None) is not None and not self.corrected[row]:
                del self.corrected[row]
        elif answer == "same":
            self.same.pop(number, None)
        elif number in (numbers := self._lists().get(answer, [])):
            numbers.remove(number)

    def choose_sheet(self, sheet: str) -> None:
        """Forgets choices for any other sheet."""
        self.sheet, self.columns, self.mapping, self.corrected, self.left_out = sheet, {}, "", {}, []

    def forget_corrections(self, places: set[int], rows: set[int]) -> None:
        """Forget corrections that must not be stored: of the cells at these indexes, and of these rows."""
        self.corrected = {row: cells for row, cells in self.corrected.items() if int(row) not in rows}
        for row, cells in list(self.corrected.items()):
            for place in places:
                if cells.pop(str(place), None) is not None and not cells:
                    del self.corrected[row]

    def corrections(self) -> Corrections:
        cells = {int(row): {int(at): text for at, text in cells.items()} for row, cells in self.corrected.items()}
        return Corrections(self.sheet, cells, frozenset(self.left_out))

    def _lists(self) -> dict[str, list[str]]:
        of_documents = {"new": self.new, "reopen": self.reopened, "keep": self.kept_closed}
        return {**of_documents, "email": self.new_customers, "another": self.another, "counted": self.counted}

    def mapped(self) -> Mapping:
        by_field: dict[str, tuple[str, ...]] = {}
        for heading, name in self.columns.items():
            if name:
                by_field[name] = (*by_field.get(name, ()), heading)
        return Mapping(by_field, tuple(heading for heading, name in self.columns.items() if not name))

    def invoice_options(self, now: datetime) -> InvoiceOptions:
        everything = {name: frozenset({ALL} if name in self.for_all else ()) for name in ("reopen", "keep")}
        return InvoiceOptions(
            currency=self.currency,
            date_format=self.date_format or None,
            decimal=self.decimal or None,
            made_here=self.made_here or None,
            answers=Answers(
                self.same,
                frozenset(self.new + self.new_customers),
                "same" in self.for_all,
                "new" in self.for_all,
                frozenset(self.reopened) | everything["reopen"],
                frozenset(self.kept_closed) | everything["keep"],
            ),
            mapping=self.mapped(),
            allow_line_differences=self.keep_lines,
            most_problems=MAX_PROBLEMS,
            corrected=self.corrections(),
            now=now,
        )

    def payment_options(self, now: datetime) -> PaymentOptions:
        return PaymentOptions(
            currency=self.currency,
            date_format=self.date_format or None,
            decimal=self.decimal or None,
            mapping=self.mapped(),
            another=frozenset([*self.another, *([ALL] if "another" in self.for_all else [])]),
            counted=frozenset([*self.counted, *([ALL] if "counted" in self.for_all else [])]),
            most_problems=MAX_PROBLEMS,
            corrected=self.corrections(),
            now=now,
        )

    def customer_options(self) -> dict[str, Any]:
        new = (*self.new_customers, *([ALL] if "email" in self.for_all else []))
        return {
            "mapping": self.mapped(),
            "new": new,
            "most_problems": MAX_PROBLEMS,
            "corrected": self.corrections(),
        }
