"""The portal's secret keys. Each purpose has its own key, which is derived from them (HKDF, RFC 5869)."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LENGTH = 32


@dataclass(frozen=True)
class Keys:
    """SECRET_KEY and SECRET_KEY_FALLBACKS. `secret` encrypts and signs. Values of `earlier` keys can still be read."""

    secret: str = field(repr=False)
    earlier: tuple[str, ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The newest first."""
        return (self.secret, *self.earlier)

    def of(self, purpose: str) -> list[bytes]:
        """A derived key of 32 bytes for each secret, newest first."""
        return [derived(secret, purpose) for secret in self.secrets]

    def for_signing(self, purpose: str) -> list[str]:
        """Keys for itsdangerous, which signs with the last one and verifies with all."""
        # Earlier releases signed with the secrets themselves.
        return [*reversed(self.secrets), *(key.hex() for key in reversed(self.of(purpose)))]


def derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=purpose.encode()).derive(secret.encode())
