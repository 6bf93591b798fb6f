"""STYLE.md's list of words that are not written: in names, docstrings, comments, templates, product copy and docs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = re.split(r",\s+", re.search(r"refuses these words.*?: ([a-z,\s]+)\.", (ROOT / "STYLE.md").read_text())[1])
ANY_OF_THEM = "|".join(words.replace(" ", r"[\s_]*") for words in LIST)
LISTED = re.compile(rf"(?<![a-z])(?:{ANY_OF_THEM})(?:s|ed|ing)?(?![a-z])")
PLACES = ("app", "templates", "static/js", "braintree_emulator", "tests", "bench", "docs", "*.md")
SUFFIXES = {".py", ".html", ".txt", ".js", ".md"}
EXCEPTED = {"STYLE.md"}


def words_in(text: str) -> list[str]:
    """The listed words of a text, in identifiers of any case too."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return LISTED.findall(parted.lower())


def files() -> dict[str, Path]:
    found = [path for place in PLACES for path in ROOT.glob(place)]
    below = [path for place in found for path in (place.rglob("*") if place.is_dir() else [place])]
    named = {str(path.relative_to(ROOT)): path for path in below if path.suffix in SUFFIXES}
    return {name: path for name, path in named.items() if "vendor/" not in name and name not in EXCEPTED}


def test_words_of_the_list_are_not_written():
    found = {name: sorted(set(words_in(path.read_text()))) for name, path in files().items()}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("form", ["{} pays", "def test_is_{}():", "was{}", "is {}.", "{}_it", "Re: {}ed"])
def test_listed_word_is_found_in_every_form(form):
    assert len(LIST) >= 10
    for word in LIST:
        assert words_in(form.format(word.title())) and words_in(form.format(word.upper())), word


@pytest.mark.parametrize("text", ["amendment", "recommended", "the holder", "whomping", "theirs"])
def test_longer_word_is_not_found(text):
    assert words_in(text) == []
