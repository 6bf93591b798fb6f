"""Encryption of the seeds of authenticator apps: the database alone is not enough to make codes."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.models import User


class SeedUnreadable(Exception):
    """It was encrypted with another secret key."""


def encrypt_seed(seed: str, secret_key: str) -> str:
    return _fernet(secret_key).encrypt(seed.encode()).decode()


def decrypt_seed(stored: str, secret_key: str) -> str:
    """Raises SeedUnreadable."""
    try:
        return _fernet(secret_key).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SeedUnreadable from error


def encrypt_clear_seeds(secret_key: str) -> None:
    """Encrypt what earlier releases kept as it is: 32 characters, where a Fernet token has 120."""
    for user in User.with_clear_seed():
        User.update(totp_secret=encrypt_seed(user.totp_secret, secret_key)).where(
            User.id == user.id, User.totp_secret == user.totp_secret
        ).execute()


def _fernet(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"two-factor seeds").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
