"""README.md is complete, and what it shows works."""

import re
from pathlib import Path

import pytest

import braintree_emulator
from braintree_emulator import cards, errors, fault_injection, merchant_accounts, sandbox_rules, search, webhooks
from braintree_emulator.__main__ import arguments
from braintree_emulator.endpoints import RULES
from braintree_emulator.server import Dispatcher

FOLDER = Path(braintree_emulator.__file__).parent
README = (FOLDER / "README.md").read_text()
WORDS = set(re.findall(r"[A-Za-z0-9_]+", README))
SPANS = re.findall("([0-9]{5,6})\u2013([0-9]{5,6})", README)
RANGES = {str(code) for first, last in SPANS for code in range(int(first), int(last) + 1)}


def test_the_python_example_works():
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
def test_every_call_is_listed_with_its_name(rule):
    [method] = rule.methods - {"HEAD"}
    path = rule.rule.removeprefix("/merchants/<merchant>")
    assert f"| {method} `{path}` | {rule.endpoint[1]} |" in README


def test_every_fault_and_call_is_listed():
    rows = "".join(line for line in README.splitlines() if line.startswith("| `"))
    assert [name for name in fault_injection.NAMES if f"`{name}`" not in rows] == []
    assert set() == fault_injection.CALLS - WORDS


def test_every_control_is_listed(emulator):
    assert [path for method, path in Dispatcher(emulator).controls if f"| {method} `{path}` |" not in README] == []


def test_every_option_is_listed():
    options = {f"--{name.replace('_', '-')}" for name in vars(arguments([]))}
    assert [option for option in options if f"`{option}`" not in README] == []


def test_every_error_code_test_value_and_webhook_is_listed():
    codes = set(errors.CODES) - RANGES
    assert codes - WORDS == set()
    assert {*cards.DECLINED, *cards.PROCESSOR_FAILURE, *webhooks.KINDS, *merchant_accounts.ACCOUNTS} - WORDS == set()
    assert {*search.TEXT, *search.MULTIPLE, *search.MOMENTS} - WORDS == set()


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("response type is soft_declined for ([^.]*) and from 2109 on", sandbox_rules.SOFT_DECLINES),
        (
            "response text is Braintree's for ([^.]*), the codes of cards",
            {code for code in sandbox_rules.RESPONSE_TEXTS if code.startswith("2")},
        ),
    ],
)
def test_response_codes_are_listed(sentence, codes):
    [listed] = re.findall(sentence, " ".join(README.split()))
    spans = re.findall("([0-9]{4})(?:\u2013([0-9]{4}))?", listed)
    assert {str(code) for first, last in spans for code in range(int(first), int(last or first) + 1)} == codes


def test_this_version_is_in_the_changelog():
    assert f"## {braintree_emulator.__version__}\n" in (FOLDER / "CHANGELOG.md").read_text()
