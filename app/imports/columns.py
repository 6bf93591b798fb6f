"""Which column of a file holds which field: by a mapping, the template's names, or names of other systems."""

from difflib import get_close_matches

from app.imports.csv_reader import Source
from app.imports.mapping import NO_MAPPING, Column, Mapping, key
from app.imports.report import HeadingProblem, quote
from app.imports.table import Table

ALIKE = 0.75  # difflib ratio: suggesting a less similar name would only mislead


def match(source: Source, columns: tuple[Column, ...], hints: dict[str, str], mapping: Mapping = NO_MAPPING) -> "Table":
    """The source as a Table of `columns`. Raises FileProblem that names every heading to correct.

    The `mapping` comes first. Then, unless it is complete, the remaining columns are matched by the template's names
    and their aliases.
    """
    places: dict[str, list[int]] = {}
    for index, header in enumerate(source.header):
        places.setdefault(key(header), []).append(index)
    wrong: list[str] = []
    ambiguous: list[tuple[str, str, list[str]]] = []
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
            names = list(dict.fromkeys(source.header[index].strip() for index in named))
            ambiguous += [(column.field, column.title, names)] if len(names) == len(named) else []
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
        raise HeadingProblem("\n".join(wrong), ambiguous)
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
    """The index of the column with `heading`, as a list of one. If it is ambiguous, a message is added to `wrong`."""
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
    """The column's name in a spreadsheet: A, B, … Z, AA."""
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
    return [f"If your file has them under other names, name them: {' '.join(options)}"]
