"""Several documents as one ZIP file, made while it is sent: only one document at a time is in memory."""

from collections.abc import Callable, Iterable, Iterator

from zipstream import ZIP_DEFLATED, ZipStream

from app.mail.attachments import Attachment

MOST_FILES = 300


def zipped(files: Iterable[tuple[str, Callable[[], bytes]]]) -> ZipStream:
    """Of (name, what makes its content). Names that come twice get a number."""
    archive, used = ZipStream(compress_type=ZIP_DEFLATED), set()
    for name, make in files:
        archive.add(made(make), unused(name, used))
    return archive


def made(make: Callable[[], bytes]) -> Iterator[bytes]:
    yield make()


def unused(name: str, used: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    number, found = 1, name
    while found.casefold() in used:
        number += 1
        found = f"{stem} ({number}){dot}{ending}"
    used.add(found.casefold())
    return found


def content_of(file: Callable[[], Attachment]) -> Callable[[], bytes]:
    return lambda: file().content
