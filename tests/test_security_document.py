"""docs/security.md answers every requirement of ASVS 5.0, levels 1 and 2, with a test that exists or a reason."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/security.md").read_text()
ROW = re.compile(r"^\| (V[0-9.]+) \| (L[12]) \| (\w[\w ]*) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)
STATES = ("Met", "Partly", "Not met", "Operator")
# The level of each requirement of a section of ASVS 5.0.0, from the first on.
LEVELS = {
    "V1.1": "22",
    "V1.2": "1111122223",
    "V1.3": "112222222223",
    "V1.4": "222",
    "V1.5": "123",
    "V2.1": "122",
    "V2.2": "112",
    "V2.3": "12223",
    "V2.4": "23",
    "V3.1": "3",
    "V3.2": "113",
    "V3.3": "12223",
    "V3.4": "11222233",
    "V3.5": "11122333",
    "V3.6": "3",
    "V3.7": "22333",
    "V4.1": "12233",
    "V4.2": "23333",
    "V4.3": "22",
    "V4.4": "1222",
    "V5.1": "2",
    "V5.2": "112333",
    "V5.3": "113",
    "V5.4": "222",
    "V6.1": "122",
    "V6.2": "111111112222",
    "V6.3": "11223333",
    "V6.4": "112233",
    "V6.5": "22222333",
    "V6.6": "2223",
    "V6.7": "33",
    "V6.8": "2222",
    "V7.1": "222",
    "V7.2": "1111",
    "V7.3": "22",
    "V7.4": "11222",
    "V7.5": "223",
    "V7.6": "22",
    "V8.1": "1233",
    "V8.2": "1123",
    "V8.3": "133",
    "V8.4": "23",
    "V9.1": "111",
    "V9.2": "1222",
    "V10.1": "22",
    "V10.2": "223",
    "V10.3": "22223",
    "V10.4": "1111122222233333",
    "V10.5": "22222",
    "V10.6": "22",
    "V10.7": "222",
    "V11.1": "2233",
    "V11.2": "22233",
    "V11.3": "11233",
    "V11.4": "1222",
    "V11.5": "23",
    "V11.6": "23",
    "V11.7": "33",
    "V12.1": "12233",
    "V12.2": "11",
    "V12.3": "22223",
    "V13.1": "2333",
    "V13.2": "222223",
    "V13.3": "2233",
    "V13.4": "1222233",
    "V14.1": "22",
    "V14.2": "12223333",
    "V14.3": "122",
    "V15.1": "12233",
    "V15.2": "12233",
    "V15.3": "1222222",
    "V15.4": "3333",
    "V16.1": "2",
    "V16.2": "22222",
    "V16.3": "2222",
    "V16.4": "222",
    "V16.5": "2223",
    "V17.1": "23",
    "V17.2": "22223333",
    "V17.3": "22",
}


def asked() -> dict[str, str]:
    """{requirement: its level}, of levels 1 and 2."""
    return {
        f"{section}.{number}": f"L{level}"
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, 1)
        if level != "3"
    }


def rows() -> list[tuple[str, str, str, str, str]]:
    """(requirement, level, state, text, tests)"""
    return ROW.findall(TEXT.partition("### What does not apply")[0])


@cache
def functions_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / "tests" / file
    return path.is_file() and (not name or name in functions_in(path))


def test_every_requirement_is_answered_once():
    without = re.findall(r"V[0-9]+\.[0-9]+\.[0-9]+", TEXT.partition("### What does not apply")[2])
    answered = [*(row[0] for row in rows()), *without]
    assert len(asked()) == 253 and Counter(answered) == Counter(list(asked()))
    assert {row[0]: row[1] for row in rows()} == {one: asked()[one] for one, *_rest in rows()}


def test_every_named_test_exists():
    named = {test for *_rest, tests in rows() for test in re.findall("`([^`]+)`", tests)}
    assert len(named) > 80 and {test for test in named if not exists(test)} == set()


def test_what_is_met_has_a_test_or_says_how_and_the_rest_a_reason():
    assert {row[2] for row in rows()} == set(STATES)
    bare = [one for one, _level, state, text, tests in rows() if not text and not (state == "Met" and tests)]
    assert bare == []


def test_counts_are_those_of_the_table():
    found = Counter(state for _one, _level, state, *_rest in rows())
    said = re.sub(r"\s+", " ", TEXT)
    counts = "{Met} are met, {Partly} partly, {Not met} not**, and {Operator} are up to".format(**found)
    assert f"{len(rows())} apply: **{counts}" in said
