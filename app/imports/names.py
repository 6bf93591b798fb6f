"""Names of customers, compared without what people and programs write differently."""

import unicodedata


def plain_name(name: str) -> str:
    """The same whatever its capitals, its spaces and how its accents are composed."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def by_plain_name(pairs) -> dict[str, list[int]]:
    """{plain name: ids} of (name, ids)."""
    found: dict[str, list[int]] = {}
    for name, ids in pairs:
        found.setdefault(plain_name(name), []).extend(ids)
    return found
