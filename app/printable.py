"""Text without control characters and other invisible signs, except those that words are written with."""

import re
import unicodedata

# Zero-width non-joiner and joiner: Persian and the languages of India spell words with them.
JOINERS = re.compile("[\u200c\u200d]")
# Arabic and Syriac, from Devanagari to Sinhala, Myanmar, Khmer, and Arabic's presentation forms.
JOINED = re.compile("[\u0600-\u077f\u0860-\u0dff\u1000-\u109f\u1780-\u17ff\ufb50-\ufdff\ufe70-\ufefc]")
VIRAMA = 9  # the combining class of the signs that end a consonant in Indic scripts


def is_printable(text: str) -> bool:
    """Like str.isprintable, but takes joiners between letters of scripts that use them, and after a virama."""
    return visible(text).isprintable()


def visible(text: str) -> str:
    """`text` without the joiners that have a place in it: what is left of them is out of place."""
    return JOINERS.sub(lambda found: "" if has_place(text, found.start()) else found[0], text)


def has_place(text: str, at: int) -> bool:
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    is_after_virama = before and unicodedata.combining(before) == VIRAMA
    return bool(is_after_virama or (is_joined(before) and is_joined(after)))


def is_joined(character: str) -> bool:
    """Whether it is a letter, or a mark on one, of a script that uses joiners."""
    return bool(JOINED.fullmatch(character)) and unicodedata.category(character)[0] in "LM"
