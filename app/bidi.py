"""Right-to-left text inside left-to-right pages and mails: isolated, so that neither turns the other around."""

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
    """An amount or a date as `locale` writes it, to stand in a sentence of ours."""
    return f"{ISOLATE}{text}{END}" if is_right_to_left(locale) else text


def isolated(text: str) -> str:
    """A name or another text of a customer's, to stand in a sentence of ours."""
    return f"{ISOLATE}{text}{END}" if RIGHT_TO_LEFT.search(text) else text


def bdi(text: str) -> str:
    return Markup("<bdi>{}</bdi>").format(text) if RIGHT_TO_LEFT.search(text or "") else text
