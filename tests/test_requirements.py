"""What is installed is what requirements*.in ask for, as requirements*.txt pin it."""

import json
import re
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def wanted(file: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pinned(file: str) -> dict[str, tuple[Requirement, list[str]]]:
    """{name: (its line, its hashes)}"""
    text = re.sub(r"^ *#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE).replace("\\\n", "")
    entries = [(Requirement(line.partition("--hash")[0]), HASH.findall(line)) for line in text.splitlines()]
    return {canonicalize_name(entry.name): (entry, hashes) for entry, hashes in entries}


def applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def everything_of(requirements: list[Requirement]) -> set[str]:
    """The names of what these need on this machine, and what that needs, as the installed packages say."""
    seen: set[tuple[str, str]] = set()
    todo = [(one.name, extra) for one in requirements if applies(one) for extra in ("", *one.extras)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        needs = [Requirement(text) for text in distribution(name).requires or []]
        todo += [(one.name, more) for one in needs if applies(one, extra) for more in ("", *one.extras)]
    return {canonicalize_name(name) for name, _extra in seen}


RUN, CHECKS = pinned("requirements.txt"), pinned("requirements-dev.txt")


@pytest.mark.parametrize(
    ("sources", "pins"),
    [(["requirements.in"], RUN), (["requirements.in", "requirements-dev.in"], CHECKS)],
    ids=["run", "checks"],
)
def test_the_pinned_packages_are_those_of_the_in_files_and_what_they_need(sources, pins):
    here = {name for name, (entry, _hashes) in pins.items() if applies(entry)}
    assert everything_of([one for source in sources for one in wanted(source)]) == here, "run make requirements"


@pytest.mark.parametrize("name", CHECKS)
def test_a_package_is_pinned_to_one_version_with_hashes(name):
    entry, hashes = CHECKS[name]
    assert len(entry.specifier) == 1 and str(entry.specifier).startswith("==") and hashes
    if applies(entry):
        assert entry.specifier.contains(version(name), prereleases=True), f"{version(name)} is installed"
    if name in RUN:
        assert RUN[name][0].specifier == entry.specifier and RUN[name][1] == hashes


def test_checks_run_with_the_versions_of_the_portal():
    assert RUN.keys() <= CHECKS.keys()


def test_sbom_names_every_package_with_its_license_and_every_bundled_file():
    made = subprocess.run([sys.executable, ROOT / "bin/sbom.py"], capture_output=True, text=True, check=True).stdout
    parts = json.loads(made)["components"]
    packages = {part["name"]: part for part in parts if part.get("purl", "").startswith("pkg:pypi/")}
    assert packages.keys() == {name for name, (entry, _hashes) in RUN.items() if applies(entry)}
    assert [part["name"] for part in parts if not part["licenses"]] == []
    assert all(part["version"] == version(name) for name, part in packages.items())
    listed = {file["name"] for part in parts for file in part.get("components", [])}
    bundled = [*ROOT.glob("static/vendor/**/*.js"), *ROOT.glob("static/fonts/*.woff2")]
    bundled += ROOT.glob("app/documents/font_files/*.ttf")
    assert listed == {str(path.relative_to(ROOT)) for path in bundled}
