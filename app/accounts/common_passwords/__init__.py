"""The most common passwords of published leaks (README.md)."""

import gzip
from functools import cache
from pathlib import Path

LIST = Path(__file__).parent / "common-passwords.txt.gz"


def is_common(password: str) -> bool:
    """True if the password is in the list. Case is ignored."""
    return password.lower() in commonest()


@cache
def commonest() -> frozenset[str]:
    # Loaded for the first password, because it takes 2 MB.
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().split())
