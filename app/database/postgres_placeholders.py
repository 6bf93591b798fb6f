"""SQL with psycopg's placeholders, and values as PostgreSQL takes them."""

import re
from collections.abc import Mapping
from functools import lru_cache

# Only what is outside of literals and quoted names is a placeholder. peewee's own queries have %s.
TOKEN = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|::|%s|%|\?|:([a-z_]\w*)""", re.IGNORECASE)


def without_nul(params):
    """PostgreSQL's text has no NUL: the sign for what can't be shown stands for it."""
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
