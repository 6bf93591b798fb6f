"""Reads email addresses as people write them: with a name, with quotes, several in one field, or "n/a"."""

import re
import unicodedata
from typing import NamedTuple

LONGEST = 254
LONGEST_FIELD = 1_000
EMAIL = re.compile(r"""[^\s@<>()\[\]\\,;:"]+@[^\s@<>()\[\]\\,;:"]+\.[^\s@<>()\[\]\\,;:"]+""")
# Usual mailbox names. The standard also allows slashes, colons and quotes, with which an address could contain a link.
USUAL = re.compile(r"[\w.%+'&-]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
# What looks like a dot, besides full-width forms: full stops of other scripts, middle dots and some letters.
DOTS = re.compile(
    "[\u00b7\u0387\u0589\u05c5\u0660\u06d4\u06f0\u0701\u0702\u0964\u1362\u166e\u1803\u1809\u2022\u2024\u2027\u22c5"
    "\u2cf9\u2cfe\u3002\ua4f8\ua4fa\ua60e\ua6f3\ufe12\ufe52\uff0e\uff61\U00010a50\U0001d16d]"
)
# fmt: off
PLACEHOLDERS = {
    "-", "--", "---", "\u2013", "\u2014", "_", ".", "..", "...", "?", "0", "x", "xx", "xxx", "n/a", "na", "n.a.", "n.a",
    "n/k", "none", "no email", "no e-mail", "noemail", "nil", "null", "(none)", "(blank)", "(empty)", "empty",
    "unknown", "not available", "not provided", "not applicable", "not known", "tbd", "tba", "kein", "keine", "keins",
    "keine email", "keine e-mail", "unbekannt", "entf\u00e4llt", "k.a.", "k. a.", "aucun", "aucune", "inconnu",
    "ninguno", "sin correo", "desconocido", "s/n", "nessuno", "geen", "onbekend", "ingen", "brak",
}
# fmt: on
NAMED = re.compile(r"[^<>;\n@]*<\s*([^<>\s]+)\s*>")
QUOTED_NAME = re.compile(r'"[^"]*"(?=\s*<)')
LABEL = re.compile(r"^(?:mailto|e-?mail|mail|to|cc|smtp)\s*:\s*", re.IGNORECASE)
AROUND = " \t'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb<>()[]{}.,;:*"
CONJUNCTIONS = {"and", "or", "und", "oder", "et", "y", "e", "en", "&", "+"}


class Addresses(NamedTuple):
    """`found` has the addresses of a field, in lower case, without duplicates. `unreadable` is the first part that is
    not an address, or ''."""

    found: list[str]
    unreadable: str = ""


def is_email(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable() and EMAIL.fullmatch(text) is not None


def is_usual_email(text: str) -> bool:
    """True for an address with a usual mailbox name, which can't contain a link."""
    return is_email(text) and USUAL.fullmatch(text) is not None and as_dots(text) == text


def as_dots(text: str) -> str:
    # Except the middle dot between two l in Catalan, and Arabic digits next to other Arabic characters.
    return DOTS.sub(lambda found: found[0] if is_not_a_dot(text, found.start()) else ".", text)


def is_not_a_dot(text: str, at: int) -> bool:
    around = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    if text[at] == "\u00b7":
        return around.lower() == "ll"
    return text[at].isdecimal() and not around.isascii()


def normal_email(text: str | None) -> str:
    """A typed address in the form in which it is stored: the address alone, in lower case. Text that isn't exactly one
    address is returned unchanged, so that the validator refuses it."""
    typed = (text or "").strip().lower()
    found, unreadable = read_addresses(typed)
    return found[0] if len(found) == 1 and not unreadable else typed


def read_addresses(text: str) -> Addresses:
    """The addresses in `text`. An empty field or a placeholder like "n/a" has none."""
    text = visible(text)
    if not text or text.casefold() in PLACEHOLDERS:
        return Addresses([])
    if len(text) > LONGEST_FIELD:
        return Addresses([], text)
    if "<" in text:
        text = NAMED.sub(r" \1;", QUOTED_NAME.sub(" ", text))
    found = {}
    for part in re.split(r"[;,|\s]+", LABEL.sub("", text)):
        for piece in split_at_slashes(part):
            address = bare(piece)
            if is_email(address):
                found[address] = None
            elif address and address not in CONJUNCTIONS:
                return Addresses(list(found), piece)
    return Addresses(list(found))


def visible(text: str) -> str:
    if not text.isascii() and len(text) <= LONGEST_FIELD:
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def split_at_slashes(part: str) -> list[str]:
    # `a@x/b@x` is two addresses. A slash inside an address is part of it.
    pieces = part.split("/")
    return pieces if all("@" in piece for piece in pieces if piece) else [part]


def bare(piece: str) -> str:
    address = LABEL.sub("", piece.strip(AROUND)).strip(AROUND)
    return address.partition("?")[0].lower() if "@" in address.partition("?")[0] else address.lower()
