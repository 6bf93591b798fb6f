"""Which columns of a file hold which fields, as a person or a recognized system says."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

LONGEST = 200


@dataclass(frozen=True)
class Mapping:
    """`fields` has the headings of each field; the texts of several are joined. `unused` headings hold none.

    When it `is_complete`, no other headings are looked for, and the `optional` fields may be missing. `translate`
    (table, rows, problems) turns rows of (row number, cells) into rows of our own words, if they need it.
    """

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    is_complete: bool = False
    translate: Callable | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for headings in self.fields.values() for heading in headings) + self.unused

    def with_changes(self, other: "Mapping") -> "Mapping":
        """This mapping where `other`, a person's, doesn't say otherwise."""
        said = set(other.headings)
        kept = {name: tuple(h for h in headings if h not in said) for name, headings in self.fields.items()}
        fields = {name: headings for name, headings in kept.items() if headings and name not in other.fields}
        return replace(self, fields=fields | other.fields, unused=self.unused + other.unused)


NO_MAPPING = Mapping()


def read_mapping(options: tuple[str, ...], columns) -> Mapping:
    """The Mapping of options like "Name=Customer number", or "Amount=" for a column that is not to be used.

    Raises ValueError with the nearest of our fields.
    """
    fields, unused = {}, []
    titles = {column.title.casefold(): column for column in columns}
    for option in options:
        heading, equals, title = option[:LONGEST].rpartition("=")
        heading, title = heading.strip(), title.strip()
        if not equals or not heading:
            raise ValueError(f'“{option[:LONGEST]}” names no column and field. Write it like "Name=Customer number".')
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
