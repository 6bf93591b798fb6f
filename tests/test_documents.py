"""What documents and comments say about the code is so."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("app", "bench", "bin", "braintree_emulator", "deploy", "docs", "migrations", "static", "templates", "tests")
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")] + list(ROOT.glob("*.*"))
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES if path.is_file()]
# A path in a text: from the top of the repository, or from a folder in it.
PATH = re.compile(r"(?<![\w/.:>-])[a-z_][a-z0-9_-]*(?:/[a-z0-9_.-]+)+\.(?:py|html|txt|js|css|md|typ)\b")
OURS = re.compile(r"(?!.*vendor/.*\.(js|css|txt|LICENSE)$).*\.(py|md|html|js|css|txt|toml|yml|typ)")


def test_every_file_that_a_text_names_exists():
    known = {name[start:] for name in NAMES for start in (0, *(slash.end() for slash in re.finditer("/", name)))}
    named = {(name, path) for name in NAMES if OURS.fullmatch(name) for path in PATH.findall((ROOT / name).read_text())}
    assert {(name, path) for name, path in named if path not in known} == set()
