"""The commonest passwords of published leaks (README.md)."""

import gzip
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "common-passwords.txt.gz"


def is_common(password: str) -> bool:
    """Whether the password is in the list, however its letters are capitalized."""
    return password.lower() in commonest()


@cache
def commonest() -> frozenset[str]:
    # Read for the first password: it takes 2 MB.
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().split())
