"""Streams several documents as one ZIP file. Only one document at a time is in memory."""

from collections.abc import Callable, Iterable, Iterator

from zipstream import ZIP_DEFLATED, ZipStream

from app.mail.attachments import Attachment

MAX_FILES = 300


def zipped(files: Iterable[tuple[str, Callable[[], bytes]]]) -> ZipStream:
    """`files` are (name, function that returns the content). Duplicate names get a number."""
    archive, used = ZipStream(compress_type=ZIP_DEFLATED), set()
    for name, make in files:
        archive.add(lazy_content(make), unique_name(name, used))
    return archive


def lazy_content(make: Callable[[], bytes]) -> Iterator[bytes]:
    yield make()


def unique_name(name: str, used: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    number, found = 1, name
    while found.casefold() in used:
        number += 1
        found = f"{stem} ({number}){dot}{ending}"
    used.add(found.casefold())
    return found


def content_of(file: Callable[[], Attachment]) -> Callable[[], bytes]:
    return lambda: file().content
