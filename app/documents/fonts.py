"""The fonts of PDF files, and text that they can display. Fonts come from PyPI and font_files/, so that every server
has the same ones."""

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

from app.bidi import isolated

PACKAGES = (
    "fontpkg_figtree",
    "fontpkg_noto_sans",
    "fontpkg_ibm_plex_sans_arabic",
    "justmytype_intl_rtl",
    "justmytype_intl_sea",
    "justmytype_intl_south_asia",
    "justmytype_intl_cjk",
    "justmytype_intl_africa",
)
OWN = Path(__file__).parent / "font_files"
# Without Noto Sans Arabic, whose text can't be copied from a PDF file: it draws a letter with several glyphs.
FIRST = ("Figtree", "Noto Sans", "IBM Plex Sans Arabic")
# Each of these draws the same Han character in another shape.
HAN = {"ja": "Noto Sans JP", "zh_Hans": "Noto Sans SC", "zh_Hant": "Noto Sans TC", "ko": "Noto Sans KR"}
KANA, HANGUL = re.compile("[\u3040-\u30ff]"), re.compile("[\u1100-\u11ff\uac00-\ud7af]")
TRADITIONAL = ("zh_Hant", "zh_TW", "zh_HK", "zh_MO")
# Joiners and characters for text direction need no glyph. Other invisible characters are removed.
INVISIBLE = frozenset("\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069")
DROPPED = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
MISSING = "\N{WHITE SQUARE}"
LONGEST_WORD = re.compile(r"\S{31,}")
BREAK, BREAK_EVERY = "\u200b", 10


@cache
def fonts() -> typst.Fonts:
    folders = [*map(folder, PACKAGES), OWN]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def folder(package: str) -> Path:
    return Path(find_spec(package).submodule_search_locations[0])


@cache
def coverage() -> dict[str, int]:
    """{character: a bit for each font that has it}. Takes about half a second, once per process."""
    found: dict[int, int] = {}
    for bit, path in enumerate(sorted({font.path for font in fonts().fonts() if "Italic" not in font.path})):
        with TTFont(path, lazy=True) as font:
            for code in font.getBestCmap():
                found[code] = found.get(code, 0) | 1 << bit
    return {chr(code): bits for code, bits in found.items()}


def families(text: str, locale: str) -> list[str]:
    """The font names for a document with `text`, in order of preference."""
    language = "ja" if KANA.search(text) else "ko" if HANGUL.search(text) else "zh_Hans"
    if language == "zh_Hans" and locale.startswith(TRADITIONAL):
        language = "zh_Hant"
    others = sorted({font.family for font in fonts().fonts()} - {*FIRST, *HAN.values()})
    return [*FIRST, *others, *sorted(HAN.values(), key=lambda name: name != HAN[language])]


def displayable(text: str) -> str:
    """`text` as the fonts can display it: characters without a glyph become squares, control characters are removed,
    and very long words get break opportunities."""
    text = DROPPED.sub("", text).replace("\u2028", "\n").replace("\u2029", "\n")
    shown = "".join(cluster if has_font(cluster) else MISSING for cluster in clusters(text))
    shown = LONGEST_WORD.sub(lambda word: breakable(word[0]), shown)
    return "\n".join(map(isolated, shown.split("\n")))


def clusters(text: str) -> list[str]:
    """Each character with its combining marks, which must come from the same font."""
    found: list[str] = []
    for character in text:
        if character in "\t\r\n" or unicodedata.category(character) == "Cc":
            found += ["\n"] if character == "\n" else [" "] if character == "\t" else []
        elif found and unicodedata.category(character)[0] == "M" and not found[-1].isspace():
            found[-1] += character
        else:
            found.append(character)
    return found


def has_font(cluster: str) -> bool:
    bits, known = -1, coverage()
    for character in cluster:
        if character not in INVISIBLE and character != "\n":
            bits &= known.get(character, 0)
    return bits != 0


def breakable(word: str) -> str:
    parts = clusters(word)
    return BREAK.join("".join(parts[at : at + BREAK_EVERY]) for at in range(0, len(parts), BREAK_EVERY))
