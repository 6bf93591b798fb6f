"""Which headings of a file hold which field, as chosen by a person or defined for another system."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from app.imports.csv_reader import MAX_COLUMNS

LONGEST_OPTION = 200


@dataclass(frozen=True)
class Column:
    """A field, its heading in the template, and other headings with the same meaning.

    `longest` is the maximum number of characters of a cell. A required field may be missing if the field `instead` is
    there, which is then the only one that is searched; or if a person mapped the field `same_as`, whose column is then
    used for both. Cells of a column that `is_secret` are never stored or shown.
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
    """`fields` has the headings of each field; texts of several headings are joined. `unused` headings hold no field.

    If it `is_complete`, no other headings are searched, and the `optional` fields may be missing. `translate` (table,
    rows, problems) converts rows of (row number, cells) to our own words, if necessary. `group_field` is the field that
    a group heading (a row with only its first cell) sets for the rows below it.
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
    """The Mapping from options like "Name=Customer number", or "Amount=" for a column that is not used.

    Raises ValueError with the most similar field of ours.
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
    """Only letters and digits: "*Invoice number" equals "InvoiceNumber" and "invoice_number"."""
    return re.sub(r"[^\w#]|_", "", unicodedata.normalize("NFKC", header[:255]).lstrip("\ufeff").casefold())


def heading_counter(*layouts: tuple[Column, ...], also: tuple[str, ...] = ()):
    """A function for open_source that counts how many names a row of headings contains."""
    known = {key(name) for columns in layouts for column in columns for name in (column.title, *column.aliases)}
    known |= {key(name) for name in also}
    return lambda cells: len({key(cell) for cell in cells[:MAX_COLUMNS]} & known - {""})
