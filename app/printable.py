"""Checks typed text for control and other invisible characters, quotes it in messages, and checks names of people."""

import re
import unicodedata

from app.email_addresses import as_dots

# Zero-width non-joiner and joiner: Persian and the languages of India spell words with them.
JOINERS = re.compile("[\u200c\u200d]")
# Arabic and Syriac, from Devanagari to Sinhala, Myanmar, Khmer, and Arabic's presentation forms.
JOINED = re.compile("[\u0600-\u077f\u0860-\u0dff\u1000-\u109f\u1780-\u17ff\ufb50-\ufdff\ufe70-\ufefc]")
VIRAMA = 9  # the combining class of the signs that end a consonant in Indic scripts
LONGEST_NAME = 60
LINK = re.compile(r"\w\.\w{2,}|\bwww\b|\w\s+dot\s+\w{2,4}\b|(\d.*){5}", re.IGNORECASE)
# Allowed in names, besides letters, combining marks, digits and spaces.
PUNCTUATION = set(".,'`()&-\u2018\u2019\u00b4\u2010\u2011\u2013\u00b7\u30fb")
# Unicode letters that look like a colon.
COLONS = re.compile("[\u02d0\u02f8\ua4fd]")


def is_printable(text: str) -> bool:
    """Like str.isprintable, but allows joiners between letters of scripts that use them, and after a virama."""
    return visible(text).isprintable()


def quote(text: str) -> str:
    """The start of a text in quotation marks, without control characters and characters that change text direction."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in text[:42])
    return f"“{text[:40]}…”" if len(text) > 41 else f"“{text}”"


def visible(text: str) -> str:
    """`text` without joiners in allowed positions. Joiners that remain are not allowed."""
    return JOINERS.sub(lambda found: "" if has_place(text, found.start()) else found[0], text)


def has_place(text: str, at: int) -> bool:
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    is_after_virama = before and unicodedata.combining(before) == VIRAMA
    return bool(is_after_virama or (is_joined(before) and is_joined(after)))


def is_joined(character: str) -> bool:
    return bool(JOINED.fullmatch(character)) and unicodedata.category(character)[0] in "LM"


def is_personal_name(text: str) -> bool:
    """True for a short text without control or bidi characters, and without parts of a link, an email address or a
    telephone number, also in full-width characters."""
    return len(text) <= LONGEST_NAME and is_printable(text) and not has_link_or_symbol(text)


def has_link_or_symbol(text: str) -> bool:
    plain = as_dots(unicodedata.normalize("NFKC", visible(text)))
    return bool(LINK.search(plain) or COLONS.search(plain)) or not all(map(is_name_character, plain))


def is_name_character(character: str) -> bool:
    return character in PUNCTUATION or unicodedata.category(character)[0] in "LMZ" or character.isdecimal()
