"""Names that customers type for other people: a name, and nothing that could be read as a message or a link."""

import re
import unicodedata

from app.email_addresses import as_dots
from app.printable import is_printable, visible

LONGEST_NAME = 60
LINK = re.compile(r"\w\.\w{2,}|\bwww\b|\w\s+dot\s+\w{2,4}\b|(\d.*){5}", re.IGNORECASE)
# Beside letters, their marks, digits and spaces.
PUNCTUATION = set(".,'`()&-\u2018\u2019\u00b4\u2010\u2011\u2013\u00b7\u30fb")
# Letters to Unicode that look like a colon.
COLONS = re.compile("[\u02d0\u02f8\ua4fd]")


def is_personal_name(text: str) -> bool:
    """Short, without control or bidi characters, and without parts of a link, an email address or a telephone number,
    also in full-width characters."""
    return len(text) <= LONGEST_NAME and is_printable(text) and not says_more(text)


def says_more(text: str) -> bool:
    plain = as_dots(unicodedata.normalize("NFKC", visible(text)))
    return bool(LINK.search(plain) or COLONS.search(plain)) or not all(map(is_of_names, plain))


def is_of_names(character: str) -> bool:
    return character in PUNCTUATION or unicodedata.category(character)[0] in "LMZ" or character.isdecimal()
