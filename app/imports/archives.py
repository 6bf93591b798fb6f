"""ZIP files. Their directory is checked before anything is unpacked."""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from app.imports.report import FileProblem, quote

MAX_MEMBERS = 5_000
MAX_UNPACKED = 512 << 20
MAX_RATIO = 200  # of a member that is larger than RATIO_FROM
RATIO_FROM = 1 << 20
LONGEST_DIRECTORY = 4 << 20
LONGEST_NAME = 255
TAIL = 66_000  # the end record and its longest comment
DRIVE = re.compile(r"[A-Za-z]:")
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
WITHOUT_DOCUMENTS = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def open_archive(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """The ZIP in `file`. Raises FileProblem if it is damaged, encrypted or too large, or has unsafe names."""
    check_directory(file, name)
    try:
        archive = zipfile.ZipFile(file)
    except UNREADABLE as error:
        raise damaged(name) from error
    check_members(archive.infolist(), name)
    return archive


def check_directory(file: BinaryIO, name: str) -> None:
    # zipfile would read all of it into memory.
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise damaged(name)
    count, length = struct.unpack("<HL", tail[end + 10 : end + 16])
    locator = tail[end - 20 : end] if end >= 20 else b""
    if locator.startswith(b"PK\x06\x07"):
        file.seek(min(struct.unpack("<Q", locator[8:16])[0], size))
        record = file.read(56)
        if len(record) < 56:
            raise damaged(name)
        count, length = struct.unpack("<QQ", record[32:48])
    if count > MAX_MEMBERS or length > LONGEST_DIRECTORY:
        raise FileProblem(f"{name} contains more than {MAX_MEMBERS:,} files. Split it into several.")


def check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        count = f"{len(members):,} files; the maximum is {MAX_MEMBERS:,}"
        raise FileProblem(f"{name} contains {count}. Split it into several.")
    seen: dict[str, str] = {}
    for member in members:
        inside = quote(member.filename)
        if wrong := unsafe_name(member):
            raise FileProblem(
                f"{name} contains a file named {inside}, {wrong}. Make the ZIP again, with plain file names."
            )
        same = unicodedata.normalize("NFC", member.filename).casefold()
        if same in seen:
            both = f"{quote(seen[same])} and {inside}" if seen[same] != member.filename else f"two files named {inside}"
            raise FileProblem(f"{name} contains {both}, which many systems take for one file. Keep one of them.")
        seen[same] = member.filename
        if member.flag_bits & 0x41:
            raise FileProblem(f"{name} is protected by a password ({inside}). Make it again without one.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileProblem(f"{name}: {inside} is compressed in a way that can't be read. Make an ordinary ZIP.")
        if member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise FileProblem(
                f"{name}: {inside} would unpack to {megabytes(member.file_size)}, more than {MAX_RATIO} times its "
                "size. Make the file again."
            )
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise FileProblem(f"{name} would unpack to more than {megabytes(MAX_UNPACKED)}. Split it into several.")


def unsafe_name(member: zipfile.ZipInfo) -> str:
    name = member.orig_filename
    if name.startswith(("/", "\\")) or DRIVE.match(name):
        return "which begins at the root of a disk"
    if ".." in re.split(r"[/\\]", name):
        return "which leads out of the ZIP"
    if "\\" in name or not name.isprintable() or len(name) > LONGEST_NAME:
        return "which is no plain file name"
    return "which is a link" if stat.S_ISLNK(member.external_attr >> 16) else ""


def documents_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members, without folders and files that operating systems add."""
    return [
        member
        for member in archive.infolist()
        if not member.is_dir() and not any(part in member.filename for part in WITHOUT_DOCUMENTS)
    ]


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, name: str) -> bytes:
    """The content of a member, at most `most` bytes."""
    if member.file_size > most:
        raise FileProblem(
            f"{name}: {quote(member.filename)} is {megabytes(member.file_size)}; the maximum is {megabytes(most)}."
        )
    try:
        with archive.open(member) as file:
            content = file.read(most + 1)
    except UNREADABLE as error:
        raise damaged(name, member.filename) from error
    return content


def stem(filename: str) -> str:
    return PurePosixPath(filename).stem.strip()


def damaged(name: str, member: str = "") -> FileProblem:
    where = f"{name}: {quote(member)}" if member else name
    return FileProblem(f"{where} is damaged or incomplete. Make the file again, and upload all of it.")


def megabytes(size: int) -> str:
    return f"{max(size, 1 << 20) >> 20:,} MB"
