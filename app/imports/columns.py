"""Which column of a file is which field: by a mapping, the template's names, or names of other systems."""

import re
import unicodedata
from collections import Counter, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from operator import itemgetter
from typing import Any

from app.csv_export import undefused
from app.imports.csv_reader import MOST_COLUMNS, UNREADABLE, Source
from app.imports.report import FileProblem, HeadingProblem, Problems, quote
from app.imports.total_rows import GroupHeadings, ReportRows

LONGEST_OPTION = 200


@dataclass(frozen=True)
class Mapping:
    """`fields` has the headings of each field; the texts of several are joined. `unused` headings hold none.

    When it `is_complete`, no other headings are looked for, and the `optional` fields may be missing. `translate`
    (table, rows, problems) turns rows of (row number, cells) into rows of our own words, if they need it.
    `group_field` is what the heading of a group, a row with its first cell alone, says for the rows below it.
    """

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    is_complete: bool = False
    translate: Callable | None = None
    group_field: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for headings in self.fields.values() for heading in headings) + self.unused

    def with_changes(self, other: "Mapping") -> "Mapping":
        said = set(other.headings)
        kept = {name: tuple(h for h in headings if h not in said) for name, headings in self.fields.items()}
        fields = {name: headings for name, headings in kept.items() if headings and name not in other.fields}
        return replace(self, fields=fields | other.fields, unused=self.unused + other.unused)


NO_MAPPING = Mapping()


def read_mapping(options: tuple[str, ...], columns) -> Mapping:
    """The Mapping of options like "Name=Customer number", or "Amount=" for a column that is not to be used.

    Raises ValueError with the nearest of our fields.
    """
    fields: dict[str, tuple[str, ...]] = {}
    unused = []
    titles = {column.title.casefold(): column for column in columns}
    for option in options:
        heading, equals, title = option[:LONGEST_OPTION].rpartition("=")
        heading, title = heading.strip(), title.strip()
        if not equals or not heading:
            raise ValueError(
                f'“{option[:LONGEST_OPTION]}” names no column and field. Write it like "Name=Customer number".'
            )
        if not title:
            unused.append(heading)
        elif column := titles.get(title.casefold()):
            if column.field in fields:
                raise ValueError(f"{column.title} is mapped twice: to “{fields[column.field][0]}” and “{heading}”.")
            fields[column.field] = (heading,)
        else:
            near = get_close_matches(title.casefold(), titles, 3, 0.4)
            nearest = f"Nearest: {', '.join(titles[name].title for name in near)}. " if near else ""
            raise ValueError(
                f"“{title}” is not one of our fields. {nearest}"
                f"All of them: {', '.join(column.title for column in columns)}."
            )
    return Mapping(fields, tuple(unused))


@dataclass(frozen=True)
class Column:
    """A field, the header of the template for it, and other headers that mean the same.

    `longest` is how many characters a cell may have. A required field may be missing if `instead` is there, which is
    looked for then alone; or if `same_as` was mapped by a person: then its column is this one's too.
    """

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 255
    instead: str = ""
    same_as: str = ""


Rows = Iterator[tuple[int, Any]]  # (row number, a named tuple of the cells without spaces around them)
ALIKE = 0.75  # of difflib: a nearest name that isn't near would only mislead


def key(header: str) -> str:
    # Letters and digits alone: "*Invoice number" is "InvoiceNumber" and "invoice_number".
    return re.sub(r"[^\w#]|_", "", unicodedata.normalize("NFKC", header[:255]).lstrip("\ufeff").casefold())


def heading_counter(*layouts: tuple[Column, ...], also: tuple[str, ...] = ()):
    # What open_source counts: how many names a row of headings has.
    known = {key(name) for columns in layouts for column in columns for name in (column.title, *column.aliases)}
    known |= {key(name) for name in also}
    return lambda cells: len({key(cell) for cell in cells[:MOST_COLUMNS]} & known - {""})


def match(source: Source, columns: tuple[Column, ...], hints: dict[str, str], mapping: Mapping = NO_MAPPING) -> "Table":
    """The source as a Table of `columns`. Raises FileProblem that names every header to correct.

    What `mapping` says comes first; then, unless it is complete, the template's names and their aliases, on the
    columns that are left.
    """
    places: dict[str, list[int]] = {}
    for index, header in enumerate(source.header):
        places.setdefault(key(header), []).append(index)
    wrong: list[str] = []
    found: dict[str, tuple[int, ...]] = {}
    for name, headings in mapping.fields.items():
        found[name] = tuple(index for heading in headings for index in single_column(source, places, heading, wrong))
    taken = {index for indexes in found.values() for index in indexes}
    taken |= {index for heading in mapping.unused for index in places.get(key(heading), [])}
    replaced = set()
    for column in columns:
        if column.field in found or (mapping.is_complete and column.field in mapping.optional):
            replaced |= {column.instead} if column.field in found else set()
            continue
        named = [] if mapping.is_complete or column.field in replaced else columns_called(column, places, taken)
        if len(named) > 1:
            wrong.append(ambiguous_column(source, column, named))
        elif named:
            found[column.field] = (named[0],)
            replaced.add(column.instead)
        elif column.same_as in mapping.fields:
            found[column.field] = found[column.same_as]
    for column in columns:
        is_there = {column.field, column.instead} & set(found) or column.field in mapping.optional
        if column.required and not is_there and not any(f" {column.title}:" in text for text in wrong):
            wrong.append(f"There is no column {column.title}. {hints.get(column.field, '')}".strip())
    if wrong:
        wrong += header_hints(source, columns, found)
        wrong.append(f"The file's columns are: {', '.join(quote(name) for name in source.header[:50] if name)}")
        raise HeadingProblem("\n".join(wrong))
    return Table(source, columns, {field: indexes for field, indexes in found.items() if indexes}, mapping)


def ambiguous_column(source: Source, column: Column, named: list[int]) -> str:
    same = len({source.header[index].strip() for index in named}) == 1
    which = "" if same else f", or say which one it is: {suggested_mapping(source.header[named[0]], column.title)}"
    return (
        f"{both_columns(source, named)} could each be {column.title}: keep one, and rename or delete the others{which}."
    )


def columns_called(column: Column, places: dict[str, list[int]], taken: set[int]) -> list[int]:
    exact = [index for index in places.get(key(column.title), []) if index not in taken]
    return exact or [
        index
        for alias in dict.fromkeys(map(key, column.aliases))
        for index in places.get(alias, [])
        if index not in taken
    ]


def single_column(source: Source, places: dict[str, list[int]], heading: str, wrong: list[str]) -> list[int]:
    """Where the file has `heading`, as a list of one; what is in doubt goes to `wrong`."""
    named = places.get(key(heading), [])
    if len(named) > 1:
        same = [index for index in named if source.header[index].strip() == heading.strip()]
        if len(same) == 1:
            return same
        both = both_columns(source, named)
        wrong.append(f"{both} are both called {quote(heading)}: keep one, and rename or delete the others.")
    elif not named:
        near = get_close_matches(heading.casefold(), [name.casefold() for name in source.header[:200]], 1)
        nearest = f" Nearest: {quote(near[0])}." if near else ""
        wrong.append(f"There is no column {quote(heading)} in the file.{nearest}")
    return named[:1]


def both_columns(source: Source, indexes: list[int]) -> str:
    return " and ".join(f"{quote(source.header[index])} (column {column_letters(index)})" for index in indexes)


def column_letters(index: int) -> str:
    # As a spreadsheet calls it: A, B, … Z, AA.
    name = ""
    while index >= 0:
        name, index = chr(ord("A") + index % 26) + name, index // 26 - 1
    return name


def suggested_mapping(heading: str, title: str) -> str:
    return f'--map "{quote(heading.strip())[1:-1]}={title}"'


def header_hints(source: Source, columns: tuple[Column, ...], found: dict) -> list[str]:
    header = source.header
    names = [name for name in header if name.strip()]
    if len(names) == 1 and "|" in names[0]:
        return ["Its columns must be separated by commas, semicolons or tabs, not “|”."]
    if len(names) == 1 or (len(header) > 3 and len(names) == 2):
        return ["A row must name the columns, within the first 20 rows of the file."]
    used = {index for indexes in found.values() for index in indexes}
    rest = {key(name): name for index, name in enumerate(header[:200]) if index not in used and key(name)}
    missing = [column for column in columns if column.required and not {column.field, column.instead} & set(found)]
    if not missing or not rest:
        return []
    options = []
    for column in missing:
        names = [key(name) for name in (column.title, *column.aliases)]
        near = next((near[0] for name in names if (near := get_close_matches(name, rest, 1, ALIKE))), "")
        options.append(suggested_mapping(rest.pop(near) if near else "…", column.title))
    return [f"If columns of yours hold them under other names, say so: {' '.join(options)}"]


class Table:
    """Rows cut to the wanted `columns`, as named tuples of their fields; a column that is missing gives "".

    `found` has the indexes of each field's columns; the texts of several are joined. `left_out` are the rows that
    are no records, as (row, text).
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
        self.left_out: list[tuple[int, str]] = []
        self.remarks: Counter[str] = Counter()

    def has(self, *fields: str) -> bool:
        return any(field in self.found for field in fields)

    def title(self, field: str) -> str:
        return next(title for title, column in zip(self.titles, self.columns, strict=True) if column.field == field)

    def ignored(self, usual: frozenset[str] = frozenset()) -> list[str]:
        # Headers that were not used, each once, but for those whose key is `usual`.
        used = {index for indexes in self.found.values() for index in indexes}
        names = {
            h.strip(): None
            for i, h in enumerate(self.source.header)
            if i not in used and key(h) and key(h) not in usual
        }
        return list(names)

    def rows(self, problems: Problems) -> Rows:
        """(row number, cells without spaces around them). Rows with unreadable or huge cells are reported; rows
        that are no records are left out."""
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
        for number, cells in self.source.rows():
            missing = width - len(cells)
            if missing < 0 and any(map(str.strip, cells[width:])):
                problems.add(
                    number,
                    "",
                    f"has {len(cells)} cells, but the header has {width}. "
                    "A value with a comma in it must be in quotes.",
                )
                continue
            cells[width:] = [""] * (missing + 1 if missing > 0 else 1)
            picked = tuple(map(str.strip, pick(cells)))
            if joined:
                picked = with_joined(picked, cells, joined)
            if "'" in "".join(picked):
                picked = tuple(map(undefused, picked))
            if groups:
                picked = groups.completed(number, picked)
            if report_rows.may_be(picked) and (text := report_rows.text_of(cells, picked)):
                self.left_out.append((number, text))
                if groups:
                    groups.see(cells)
                continue
            if (suspicious or max(map(len, picked)) > shortest_limit) and self.flawed(number, picked, problems):
                continue
            if any(picked):
                report_rows.above = cells
                yield number, make_cells(picked)
        if not number:
            raise FileProblem("The file has a header and no rows.")
        if groups:
            groups.finish()

    def flawed(self, number: int, picked: tuple[str, ...], problems: Problems) -> bool:
        before = problems.count
        for column, title, cell in zip(self.columns, self.titles, picked, strict=True):
            if len(cell) > column.longest:
                problems.add(number, title, f"is {len(cell):,} characters long; {column.longest:,} is the most.")
            elif UNREADABLE.search(cell):
                problems.add(number, title, "holds a character that can't be read. Save the file as “CSV UTF-8”.")
        return problems.count > before

    def notes(self) -> list[str]:
        """What the reader of a report should know about rows that were left out, and about their words.

        `remarks` counts documents by a status of the other system, which does not keep customers from paying.
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


def with_joined(picked: tuple[str, ...], cells: list[str], joined: list[tuple[int, tuple[int, ...]]]) -> tuple:
    # Each text once, with ": " between them.
    changed = list(picked)
    for place, indexes in joined:
        changed[place] = ": ".join(dict.fromkeys(filter(None, (cells[index].strip() for index in indexes))))
    return tuple(changed)
