"""Which headings of a file hold which field, as a person or the layout of another system says."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from app.imports.csv_reader import MOST_COLUMNS

LONGEST_OPTION = 200


@dataclass(frozen=True)
class Column:
    """A field, the header of the template for it, and other headers that mean the same.

    `longest` is how many characters a cell may have. A required field may be missing if `instead` is there, which is
    looked for then alone; or if `same_as` was mapped by a person: then its column is this one's too. The cells of one
    that `is_secret` are never kept or shown.
    """

    field: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 255
    instead: str = ""
    same_as: str = ""
    is_multiline: bool = False
    is_secret: bool = False


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


def key(header: str) -> str:
    """Letters and digits alone: "*Invoice number" is "InvoiceNumber" and "invoice_number"."""
    return re.sub(r"[^\w#]|_", "", unicodedata.normalize("NFKC", header[:255]).lstrip("\ufeff").casefold())


def heading_counter(*layouts: tuple[Column, ...], also: tuple[str, ...] = ()):
    """What open_source counts: how many names a row of headings has."""
    known = {key(name) for columns in layouts for column in columns for name in (column.title, *column.aliases)}
    known |= {key(name) for name in also}
    return lambda cells: len({key(cell) for cell in cells[:MOST_COLUMNS]} & known - {""})
