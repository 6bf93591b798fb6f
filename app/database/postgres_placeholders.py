"""Converts SQL and values to psycopg's form."""

import re
from collections.abc import Mapping
from functools import lru_cache

# Placeholders are only outside of literals and quoted names. peewee's own queries use %s.
TOKEN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|::|%s|%|\?|:([a-z_]\w*)""", re.IGNORECASE)


def without_nul(params):
    """PostgreSQL's text can't contain NUL, so it is replaced by the replacement character."""
    if isinstance(params, Mapping):
        return {name: shown(value) for name, value in params.items()}
    return params and [shown(value) for value in params]


def shown(value):
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


@lru_cache(2048)
def translated(sql: str) -> str:
    """SQL with psycopg's placeholders instead of SQLite's."""
    return TOKEN.sub(placeholder, sql)


def placeholder(found: re.Match) -> str:
    text, name = found[0], found[1]
    if text == "?":
        return "%s"
    if name:
        return f"%({name})s"
    return text if text == "%s" else text.replace("%", "%%")
