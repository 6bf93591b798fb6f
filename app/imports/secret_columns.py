"""Columns of passwords. Their content is neither stored nor shown, whichever field they are. If a row has the wrong
number of cells, a password may be in any other column: see Problems.withhold."""

import re

from app.imports.mapping import Column, key

SECRET = re.compile(
    r"pass[ _-]?(?:word|wort|code|phrase)|kennwort|\bpwd\b|\bpw\b|mot de passe|contrase|\bsenha\b|wachtwoord"
    r"|l\u00f6senord|adgangskode|has\u0142o|salasana|\bsecret\b",
    re.IGNORECASE,
)
# If the file has a column Give Access, these mean a password, unless the column is one of our fields, like ZIP code.
MAY_BE_SECRET = re.compile(r"\b(?:pin|codes?|keys?|tokens?|credentials?)\b", re.IGNORECASE)


def secret_places(header: list[str], columns: tuple[Column, ...], found: dict[str, tuple[int, ...]]) -> set[int]:
    """Indexes of such columns: by their headings, and by the fields of `columns` that were `found`."""
    headings = [heading[:255].replace("_", " ") for heading in header]
    named = {place for place, heading in enumerate(headings) if SECRET.search(heading)}
    if "give_access" in found or "giveaccess" in map(key, header):
        used = {place for name, places in found.items() if name for place in places}
        named |= {
            place for place, heading in enumerate(headings) if place not in used and MAY_BE_SECRET.search(heading)
        }
    return named.union(*(found.get(column.field, ()) for column in columns if column.is_secret))
