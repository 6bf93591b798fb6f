"""Encryption with keys that are derived from the portal's secret keys, one for each purpose."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys import Keys

MARK, NONCE = b"sealed-1:", 12


class Unreadable(Exception):
    """The value was encrypted with another secret key, or is damaged."""


def seal(content: bytes, keys: Keys, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return MARK + nonce + AESGCM(keys.of(purpose)[0]).encrypt(nonce, content, None)


def unseal(kept: bytes, keys: Keys, purpose: str) -> bytes:
    """The decrypted content, or `kept` itself if an earlier release stored it unencrypted. Raises Unreadable."""
    if not kept.startswith(MARK):
        return kept
    start = len(MARK) + NONCE
    for key in keys.of(purpose):
        try:
            return AESGCM(key).decrypt(kept[len(MARK) : start], kept[start:], None)
        except (InvalidTag, ValueError):
            continue
    raise Unreadable


def encrypt(text: str, keys: Keys, purpose: str) -> str:
    return fernets(keys, purpose)[0].encrypt(text.encode()).decode()


def decrypt(kept: str, keys: Keys, purpose: str) -> str:
    """Raises Unreadable."""
    try:
        return MultiFernet(fernets(keys, purpose)).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def fernets(keys: Keys, purpose: str) -> list[Fernet]:
    return [Fernet(base64.urlsafe_b64encode(key)) for key in keys.of(purpose)]
