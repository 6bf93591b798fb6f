"""A file with known columns: its rows as named tuples of our fields."""

import re
from collections import Counter, namedtuple
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any

from app.csv_export import undefused
from app.imports.csv_reader import UNREADABLE, Source
from app.imports.mapping import Column, Mapping, key
from app.imports.report import FileProblem, Problems, quote
from app.imports.secret_columns import secret_places
from app.imports.total_rows import GroupHeadings, ReportRows

LONGEST_NUMBER = 255
BREAK = re.compile("[\t\n\r\u2028\u2029]")
ODD = re.compile(f"'|{BREAK.pattern}")
Rows = Iterator[tuple[int, Any]]  # (row number, a named tuple of the cells without spaces around them)


class Table:
    """Rows reduced to the wanted `columns`, as named tuples of their fields; a missing column gives "".

    `found` has the indexes of each field's columns; texts of several are joined. `left_out` are rows that are no
    records, as (row, text). `on_unread` is called with the number of a record that can't be read. Passwords are at the
    `secret` indexes.
    """

    def __init__(
        self,
        source: Source,
        columns: tuple[Column, ...],
        found: dict[str, tuple[int, ...]],
        mapping: Mapping,
    ):
        self.source, self.columns, self.found, self.mapping = source, columns, found, mapping
        make_type: Any = namedtuple
        self.cells_type = make_type("Cells", [column.field for column in columns])
        self.titles = [source.header[found[c.field][0]].strip() if c.field in found else c.title for c in columns]
        self.secret = secret_places(source.header, columns, found)
        self.left_out: list[tuple[int, str]] = []
        self.remarks: Counter[str] = Counter()
        self.on_unread: Callable[[str], None] = lambda _number: None

    def has(self, *fields: str) -> bool:
        return any(field in self.found for field in fields)

    def title(self, field: str) -> str:
        return next(title for title, column in zip(self.titles, self.columns, strict=True) if column.field == field)

    def ignored(self, usual: frozenset[str] = frozenset()) -> list[str]:
        """Headers that were not used, each once, except those whose key is `usual`."""
        used = {index for indexes in self.found.values() for index in indexes}
        names = {
            h.strip(): None
            for i, h in enumerate(self.source.header)
            if i not in used and key(h) and key(h) not in usual
        }
        return list(names)

    def rows(self, problems: Problems) -> Rows:
        """(row number, cells without surrounding spaces). Rows with unreadable or too long cells are reported; rows
        that are no records are skipped."""
        rows = self._rows(problems)
        return self.mapping.translate(self, rows, problems) if self.mapping.translate else rows

    def _rows(self, problems: Problems) -> Rows:
        width = len(self.source.header)
        pick = itemgetter(*[self.found.get(column.field, (-1,))[0] for column in self.columns])
        joined = [
            (place, self.found[column.field])
            for place, column in enumerate(self.columns)
            if len(self.found.get(column.field, ())) > 1
        ]
        shortest_limit = min(column.longest for column in self.columns)
        make_cells = self.cells_type._make
        suspicious, number, report_rows = self.source.suspicious, 0, ReportRows(self)
        groups = GroupHeadings(self, self.mapping.group_field) if self.mapping.group_field else None
        for number, cells in self.withholding(problems):
            missing = width - len(cells)
            if missing < 0 and any(map(str.strip, cells[width:])):
                self.report_too_long(number, cells, problems)
                continue
            cells[width:] = [""] * (missing + 1 if missing > 0 else 1)
            wanted = tuple(map(str.strip, pick(cells)))
            if joined:
                wanted = with_joined(wanted, cells, joined)
            if ODD.search("".join(wanted)):
                wanted = tuple(map(as_typed, self.columns, wanted))
            if groups:
                wanted = groups.completed(number, wanted)
            if report_rows.may_be(wanted) and (text := report_rows.text_of(cells, wanted)):
                self.left_out.append((number, text))
                if groups:
                    groups.see(cells)
                continue
            if (suspicious or max(map(len, wanted)) > shortest_limit) and self.has_bad_cells(number, wanted, problems):
                continue
            if any(wanted):
                report_rows.above = cells
                yield number, make_cells(wanted)
        if not number:
            raise FileProblem("The file has a header and no rows.")
        if groups:
            groups.finish()

    def withholding(self, problems: Problems) -> Iterator[tuple[int, list[str]]]:
        width = len(self.source.header)
        for number, cells in self.source.rows():
            if self.secret and len(cells) != width:
                problems.withhold(number)
            yield number, cells

    def report_too_long(self, number: int, cells: list[str], problems: Problems) -> None:
        width = len(self.source.header)
        reason = f"has {len(cells)} cells, but the header has {width}. A value with a comma in it must be in quotes."
        problems.add(number, "", f"{reason}{self.not_left_out(number)}")
        if "number" in self.found:  # which the comma may have moved
            place = self.found["number"][0]
            self.report_unread(cells[place : place + 1 + len(cells) - width])

    def report_unread(self, numbers: Iterable[str]) -> None:
        for text in map(str.strip, numbers):
            if text and len(text) <= LONGEST_NUMBER and not UNREADABLE.search(text):
                self.on_unread(text)

    def has_bad_cells(self, number: int, wanted: tuple[str, ...], problems: Problems) -> bool:
        before, also = problems.count, self.not_left_out(number)
        for column, title, cell in zip(self.columns, self.titles, wanted, strict=True):
            if len(cell) > column.longest:
                problems.add(number, title, f"is {len(cell):,} characters; the maximum is {column.longest:,}.{also}")
            elif UNREADABLE.search(cell):
                reason = "contains a character that can't be read. Save the file as “CSV UTF-8”."
                problems.add(number, title, f"{reason}{also}")
        if problems.count > before:
            self.report_unread(cell for cell, one in zip(wanted, self.columns, strict=True) if one.field == "number")
        return problems.count > before

    def not_left_out(self, number: int) -> str:
        # It is unknown which document the row belongs to.
        return " It can't be left out: correct it." if number in self.source.corrected.left_out else ""

    def notes(self) -> list[str]:
        """Notes for the report about rows that were left out, and about statuses.

        `remarks` counts documents by a status of the other system that does not keep customers from paying.
        """
        found = list(self.source.origin.notes)
        if above := [text for text in self.source.heading.above if text]:
            found.append(f"Rows above the headings that were skipped: {', '.join(map(quote, above[:5]))}.")
        if self.left_out:
            named = ", ".join(f"row {row:,} ({quote(text)})" for row, text in self.left_out[:20])
            more = f" and {len(self.left_out) - 20:,} more" if len(self.left_out) > 20 else ""
            found.append(f"Rows that are sums, titles or notes, and were left out: {named}{more}.")
        found += [
            f"Documents with the status {quote(word)}, which customers can see and pay: {count:,}. If they "
            "should not, import them as Voided."
            for word, count in self.remarks.items()
        ]
        return found


def on_one_line(column: Column, cell: str) -> str:
    return cell if column.is_multiline or not BREAK.search(cell) else " ".join(cell.split())


def as_typed(column: Column, cell: str) -> str:
    return cell if column.is_secret else undefused(on_one_line(column, cell))


def with_joined(wanted: tuple[str, ...], cells: list[str], joined: list[tuple[int, tuple[int, ...]]]) -> tuple:
    """Each text once, joined with ": "."""
    changed = list(wanted)
    for place, indexes in joined:
        changed[place] = ": ".join(dict.fromkeys(filter(None, (cells[index].strip() for index in indexes))))
    return tuple(changed)
