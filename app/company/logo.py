"""Validates a logo. It must be a PNG or JPEG picture, which is detected by its content, not by its file name."""

import hashlib
import struct
from dataclasses import dataclass

MAX_BYTES, MAX_PIXELS = 200 * 1024, 2_000
PNG_START, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
JPEG_START, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
# The start-of-frame markers, which have the size. C4, C8 and CC are not among them.
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
NO_FILE = "Choose a picture"
NOT_A_PICTURE = "The file is not a whole PNG or JPEG picture. Save it as one of these and choose it again"


class LogoError(ValueError):
    """The message says what to do."""


@dataclass(frozen=True)
class Logo:
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:20]


def read_logo(content: bytes) -> Logo:
    """Raises LogoError unless `content` is a complete PNG or JPEG picture within the limits."""
    if not content:
        raise LogoError(NO_FILE)
    if len(content) > MAX_BYTES:
        raise LogoError(f"The picture has more than {MAX_BYTES // 1024} KB. Choose a smaller one")
    is_png = content.startswith(PNG_START)
    size = png_size(content) if is_png else jpeg_size(content)
    if size is None:
        raise LogoError(NOT_A_PICTURE)
    if not all(1 <= side <= MAX_PIXELS for side in size):
        raise LogoError(f"The picture has {size[0]:,} by {size[1]:,} pixels. {MAX_PIXELS:,} each way is the maximum")
    return Logo(content, "image/png" if is_png else "image/jpeg")


def png_size(content: bytes) -> tuple[int, int] | None:
    """(width, height). None if it is not a complete PNG."""
    if content[12:16] != b"IHDR" or not content.endswith(PNG_END):
        return None
    return struct.unpack(">II", content[16:24])


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """(width, height). None if it is not a complete JPEG."""
    if not content.startswith(JPEG_START) or not content.endswith(JPEG_END):
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None
