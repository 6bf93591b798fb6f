"""Isolates right-to-left text in left-to-right pages and emails, so that neither reorders the other."""

import re
from functools import lru_cache

from babel import Locale
from markupsafe import Markup

ISOLATE, END = "\u2068", "\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE: <bdi> as characters
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc]")


@lru_cache(64)
def is_right_to_left(locale: str) -> bool:
    return Locale.parse(locale).character_order == "right-to-left"


def isolated_for(locale: str, text: str) -> str:
    """A formatted amount or date of `locale`, isolated for use in an English sentence."""
    return f"{ISOLATE}{text}{END}" if is_right_to_left(locale) else text


def isolated(text: str) -> str:
    """A name or another text from a customer, isolated for use in an English sentence."""
    return f"{ISOLATE}{text}{END}" if RIGHT_TO_LEFT.search(text) else text


def bdi(text: str) -> str:
    return Markup("<bdi>{}</bdi>").format(text) if RIGHT_TO_LEFT.search(text or "") else text
