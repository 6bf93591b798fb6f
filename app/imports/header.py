"""Which column of a file is which field: by the template's names, or by the names other systems use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

from app.imports.problems import FileProblem, Problems
from app.imports.source import UNREADABLE, Source
from app.imports.values import shown


@dataclass(frozen=True)
class Column:
    """A field, the header of the template for it, and other headers that mean the same.

    `longest` is how many characters a cell may have.
    """

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 255


def key(header: str) -> str:
    """Headers are compared by letters and digits alone: "*Invoice number" is "InvoiceNumber"."""
    return re.sub(r"[^a-z0-9#]", "", header.lstrip("\ufeff").casefold())


def match(source: Source, columns: tuple[Column, ...], hints: dict[str, str] | None = None) -> "Table":
    """The source as a Table of `columns`. Raises FileProblem that names every header to mend."""
    places: dict[str, list[int]] = {}
    for index, header in enumerate(source.header):
        places.setdefault(key(header), []).append(index)
    wrong, found = [], {}
    for column in columns:
        exact = places.get(key(column.title), [])
        named = exact or [index for alias in column.aliases for index in places.get(key(alias), [])]
        if len(named) > 1:
            both = " and ".join(shown(source.header[index]) for index in named)
            wrong.append(f"{both} could each be {column.title}: keep one, and rename or delete the others.")
        elif named:
            found[column.field] = named[0]
        elif column.required:
            wrong.append(f"There is no column {column.title}. {(hints or {}).get(column.field, '')}".strip())
    if wrong:
        wrong += beside_the_header(source.header)
        wrong.append(f"The file's columns are: {', '.join(shown(name) for name in source.header[:50] if name)}")
        raise FileProblem("\n".join(wrong))
    return Table(source, columns, found)


def beside_the_header(header: list[str]) -> list[str]:
    """What may be wrong with a file whose columns are not there."""
    names = [name for name in header if name.strip()]
    if len(names) == 1 and "|" in names[0]:
        return ["Its columns must be separated by commas, semicolons or tabs, not “|”."]
    if len(names) == 1 or (len(header) > 3 and len(names) == 2):
        return ["The first row must name the columns. If a title stands above that row, delete what stands above it."]
    return []


class Table:
    """Rows cut to the wanted columns, in the order of `columns`; a column that is missing gives ""."""

    def __init__(self, source: Source, columns: tuple[Column, ...], found: dict[str, int]):
        self.source, self.columns, self.found = source, columns, found
        self.titles = [source.header[found[c.field]].strip() if c.field in found else c.title for c in columns]

    def has(self, *fields: str) -> bool:
        return any(field in self.found for field in fields)

    def ignored(self, usual: frozenset[str] = frozenset()) -> list[str]:
        """Headers that were not used, but for those whose key is `usual`."""
        used = set(self.found.values())
        return [h.strip() for i, h in enumerate(self.source.header) if i not in used and key(h) and key(h) not in usual]

    def rows(self, problems: Problems) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(row number, cells without spaces around them). Rows with unreadable or huge cells are reported."""
        width = len(self.source.header)
        pick = itemgetter(*[self.found.get(column.field, -1) for column in self.columns])
        shortest_limit = min(column.longest for column in self.columns)
        suspicious, number = self.source.suspicious, 0
        for number, cells in self.source.rows:
            missing = width - len(cells)
            if missing < 0 and any(map(str.strip, cells[width:])):
                problems.add(number, "", f"has {len(cells)} cells, but the header has {width}. "
                                         "A value with a comma in it must be in quotes.")
                continue
            cells[width:] = [""] * (missing + 1 if missing > 0 else 1)
            picked = tuple(map(str.strip, pick(cells)))
            if (suspicious or max(map(len, picked)) > shortest_limit) and self.flawed(number, picked, problems):
                continue
            if any(picked):
                yield number, picked
        if not number:
            raise FileProblem("The file has a header and no rows.")

    def flawed(self, number: int, picked: tuple[str, ...], problems: Problems) -> bool:
        """Report cells that can't be kept; whether there were any."""
        before = problems.count
        for column, title, cell in zip(self.columns, self.titles, picked, strict=True):
            if len(cell) > column.longest:
                problems.add(number, title, f"is {len(cell):,} characters long; {column.longest:,} is the most.")
            elif UNREADABLE.search(cell):
                problems.add(number, title, "holds a character that can't be read. Save the file as “CSV UTF-8”.")
        return problems.count > before
