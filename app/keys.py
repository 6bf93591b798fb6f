"""The portal's secret keys. Each use has a key of its own, which is derived from them (HKDF, RFC 5869)."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LENGTH = 32


@dataclass(frozen=True)
class Keys:
    """SECRET_KEY and SECRET_KEY_FALLBACKS: `secret` makes what is new, and what an `earlier` one made is still read."""

    secret: str = field(repr=False)
    earlier: tuple[str, ...] = field(default=(), repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The newest first."""
        return (self.secret, *self.earlier)

    def of(self, purpose: str) -> list[bytes]:
        """For each secret 32 bytes that say nothing about it, or about those of another purpose. The newest first."""
        return [derived(secret, purpose) for secret in self.secrets]

    def for_signing(self, purpose: str) -> list[str]:
        """For itsdangerous: the last one signs, each verifies."""
        # Earlier releases signed with the secrets themselves.
        return [*reversed(self.secrets), *(key.hex() for key in reversed(self.of(purpose)))]


def derived(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=LENGTH, salt=None, info=purpose.encode()).derive(secret.encode())
