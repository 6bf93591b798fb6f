"""Names in the order that readers of English expect, the same on every database: by a key that is compared as bytes.

Accents and case don't count, nor do quotes, apostrophes and points; other signs part words; numbers have their size.
Among names that are alike in that, the spelling decides.
"""

import re
import unicodedata

LONGEST = 200  # characters of each part: an index of PostgreSQL holds 2,700 bytes
# Letters that Unicode doesn't take apart.
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
UNHEARD = re.compile("['\u2018\u2019\u02bb\u02bc\u00b4`.]")
SIGNS = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\d+")
BEFORE_ALL = "\x01"  # so that a name comes before those that begin with it


def sort_key_of(name: str) -> str:
    """Never empty."""
    return words_of(name) + BEFORE_ALL + name[:LONGEST]


def words_of(name: str) -> str:
    """What decides first; names that readers take for the same have it in common. Empty for a name of signs alone."""
    text = unicodedata.normalize("NFKD", UNHEARD.sub("", name[:LONGEST]))
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).translate(LETTERS)
    words = SIGNS.sub(" ", text).strip()
    return NUMBER.sub(sized, words)[:LONGEST]


def sized(number: re.Match) -> str:
    """Its digits behind how many there are: 9 comes before 10."""
    digits = "".join(str(unicodedata.decimal(sign)) for sign in number[0]).lstrip("0")
    return f"{len(digits):03}{digits}"
