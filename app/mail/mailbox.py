"""The mailbox that bounces come to: an IMAP folder, or a Maildir on this machine. Only unread reports are looked at,
and each is marked as read."""

import imaplib
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 15
MOST = 50
LONGEST = 256 * 1024


class MailboxUnreachable(Exception):
    """It can't be read at the moment."""


def reports(url: str) -> Iterator[bytes]:
    """The beginnings of at most MOST unread messages; each is marked as read when the next one is asked for. Raises
    MailboxUnreachable."""
    try:
        yield from maildir_reports(Path(url)) if url.startswith("/") else imap_reports(url)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxUnreachable(f"{type(error).__name__}: {error}") from None


def maildir_reports(folder: Path) -> Iterator[bytes]:
    for path in sorted((folder / "new").iterdir())[:MOST]:
        with path.open("rb") as file:
            yield file.read(LONGEST)
        os.replace(path, folder / "cur" / f"{path.name}:2,S")


def imap_reports(url: str) -> Iterator[bytes]:
    connection = connected(url)
    try:
        _, found = connection.uid("SEARCH", "UNSEEN", "HEADER", "Content-Type", '"multipart/report"')
        for number in (found[0] or b"").decode().split()[:MOST]:
            _, parts = connection.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
            yield next((part[1] for part in parts if isinstance(part, tuple)), b"")
            connection.uid("STORE", number, "+FLAGS", r"(\Seen)")
    finally:
        connection.logout()


def connected(url: str) -> imaplib.IMAP4:
    """Logged in, in the folder that the URL names, or the inbox."""
    parts = urlsplit(url)
    if parts.scheme == "imaps":
        connection = imaplib.IMAP4_SSL(parts.hostname, parts.port or 993, timeout=TIMEOUT_SECONDS,
                                       ssl_context=ssl.create_default_context())
    else:
        connection = imaplib.IMAP4(parts.hostname, parts.port or 143, timeout=TIMEOUT_SECONDS)
    login = "\0".join(("", unquote(parts.username), unquote(parts.password))).encode()
    try:
        connection.authenticate("PLAIN", lambda _challenge: login)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        answer, text = connection.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if answer != "OK":
            raise imaplib.IMAP4.error(f"no folder {folder}: {text[0]!r}")
    except (OSError, imaplib.IMAP4.error):
        connection.shutdown()
        raise
    return connection
