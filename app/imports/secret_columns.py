"""Columns of passwords: what is in them is neither kept nor shown, whichever field they are."""

import re

from app.imports.mapping import Column

SECRET = re.compile(
    r"pass[ _-]?(?:word|wort|code|phrase)|kennwort|\bpwd\b|\bpw\b|mot de passe|contrase|\bsenha\b|wachtwoord"
    r"|l\u00f6senord|adgangskode|has\u0142o|salasana|\bsecret\b",
    re.IGNORECASE,
)


def secret_places(header: list[str], columns: tuple[Column, ...], found: dict[str, tuple[int, ...]]) -> set[int]:
    """Where such columns are: by their headings, and by what was `found` in which field of `columns`."""
    named = {place for place, heading in enumerate(header) if SECRET.search(heading[:255])}
    return named.union(*(found.get(column.field, ()) for column in columns if column.is_secret))
