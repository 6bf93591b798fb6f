"""How passwords are kept: bcrypt of an HMAC, so that any length and any text works."""

import base64
import hashlib
import hmac
import unicodedata

import bcrypt

from app.web.limits import LONGEST_PASSWORD


def hash_password(password: str, pepper: str, rounds: int = 12) -> str:
    """A new bcrypt hash. `pepper` is the portal's secret key; each round more doubles the work."""
    return bcrypt.hashpw(_prehash(password, pepper), bcrypt.gensalt(rounds)).decode("ascii")


def verify(password: str, stored: str, pepper: str) -> bool:
    """Whether `stored` is a hash of `password` under `pepper`."""
    try:
        return bcrypt.checkpw(_prehash(password, pepper), stored.encode("ascii"))
    except ValueError:
        return False


def decoy(rounds: int = 12) -> str:
    """A hash that no password has, and that costs as much to check as a real one."""
    return f"$2b${rounds:02d}${'.' * 53}"


def _prehash(password: str, pepper: str) -> bytes:
    """44 bytes without NUL: bcrypt takes no more than 72, and stops at a NUL.

    NFC, because keyboards differ in how they compose an accented letter. It is quadratic in the number of accents, so
    a text that is longer than any password is left as it is.
    """
    if len(password) <= LONGEST_PASSWORD:
        password = unicodedata.normalize("NFC", password)
    text = password.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(pepper.encode(), text, hashlib.sha256))
