"""Writes files atomically, and gives files that root creates to the portal's user."""

import contextlib
import os
import re
from pathlib import Path, PurePosixPath

LONGEST_NAME = 100  # in bytes, without the extension
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def safe_name(name: str, otherwise: str) -> str:
    """The name of an uploaded file: the last part of its path, without characters that mislead file systems or readers.
    `otherwise` if nothing is left."""
    stem, dot, ending = cleaned(PurePosixPath(name.replace("\\", "/")).name).rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = shortened(stem)
    return (f"{stem}.{ending[:10]}" if ending else stem) if stem else otherwise


def file_name(*parts: str, ending: str = "pdf") -> str:
    """The name of a file to download, made from `parts`: 'INV-1048 Harbor and Pine Supply.pdf'."""
    words = cleaned(" ".join(part.replace("&", "and") for part in parts if part))
    return f"{shortened(words) or 'document'}.{ending}"


def cleaned(text: str) -> str:
    printable = "".join(sign if sign.isprintable() else "-" for sign in text)
    return " ".join(FORBIDDEN.sub("-", printable).split()).strip(" .")


def shortened(text: str) -> str:
    return text.encode("utf-8", "ignore")[:LONGEST_NAME].decode("utf-8", "ignore").strip(" .")


def give_to_owner_of(model: Path, *made: Path) -> None:
    """If this process is root's, give the files `made` to the owner of `model`, or of the nearest existing folder above
    it. Symbolic links are not followed."""
    if os.geteuid() != 0:
        return
    while not model.exists():
        model = model.parent
    owner = model.stat()
    for path in made:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def write_whole(path: Path, text: str, owner: Path) -> None:
    """Write a small file atomically. It belongs to the owner of the path `owner`, and only they can read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of(owner, draft)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def write_new(path: Path, text: str) -> None:
    """Like `write_whole`, but keeps an existing file, which another process may have written first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    give_to_owner_of(path.parent, draft)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
