"""Bytes at rest that only this portal can read: encrypted with a key that is derived from its secret key."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK, NONCE = b"sealed-1:", 12


class Unreadable(Exception):
    """It was sealed with another secret key, or is damaged."""


def seal(content: bytes, secret_key: str, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return MARK + nonce + _cipher(secret_key, purpose).encrypt(nonce, content, None)


def unseal(kept: bytes, secret_key: str, purpose: str) -> bytes:
    """What was sealed, or `kept` itself if an earlier release has kept it as it was. Raises Unreadable."""
    if not kept.startswith(MARK):
        return kept
    start = len(MARK) + NONCE
    try:
        return _cipher(secret_key, purpose).decrypt(kept[len(MARK) : start], kept[start:], None)
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


def _cipher(secret_key: str, purpose: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key.encode()))
