"""Sort keys of names. Compared as bytes, they give the order that English readers expect, on every database.

Accents, case, quotes, apostrophes and periods are ignored. Other punctuation separates words. Numbers are sorted by
value. Names with the same words are sorted by their spelling.
"""

import re
import unicodedata

LONGEST = 200  # characters of each part, since an index entry of PostgreSQL may have 2,700 bytes
# Letters that Unicode normalization doesn't decompose.
LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "ł": "l",
        "ŋ": "n",
        "ŧ": "t",
        "þ": "th",
    }
)
IGNORED = re.compile("['\u2018\u2019\u02bb\u02bc\u00b4`.]")
SEPARATORS = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+")
SORTS_FIRST = "\x01"  # so that a name comes before longer names that begin with it


def sort_key_of(name: str) -> str:
    """The sort key, which is never empty."""
    return words_of(name) + SORTS_FIRST + name[:LONGEST]


def words_of(name: str) -> str:
    """The part of the key that decides first. It is the same for names that differ only in spelling, and empty for a
    name without letters and digits."""
    text = unicodedata.normalize("NFKD", IGNORED.sub("", name[:LONGEST]))
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(LETTERS)
    words = SEPARATORS.sub(" ", text).strip()
    return NUMBER.sub(sized, words)[:LONGEST]


def sized(number: re.Match) -> str:
    """The digits after their count, so that 9 comes before 10."""
    digits = "".join(str(unicodedata.decimal(sign)) for sign in number[0]).lstrip("0")
    return f"{len(digits):03}{digits}"
