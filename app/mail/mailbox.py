"""Reads the mailbox for bounces: an IMAP folder, or a Maildir on this machine. Only unread mail from mail systems is
read, and each message is marked as read."""

import imaplib
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.mail.compose import one_line
from app.mail.transport import describe

TIMEOUT_SECONDS = 15
MAX_MESSAGES = 50
LONGEST = 256 * 1024
LONGEST_REASON = 300
PORTS = {"imaps": 993, "imap": 143}
# Reports and other mail from mail systems. IMAP's OR is followed by its two operands.
REPORTS = (
    "UNSEEN",
    "OR",
    "HEADER",
    "Content-Type",
    '"multipart/report"',
    "OR",
    "FROM",
    '"mailer-daemon"',
    "OR",
    "FROM",
    '"postmaster"',
    "OR",
    "FROM",
    '"MicrosoftExchange"',
    "OR",
    "HEADER",
    "Return-Path",
    '"<>"',
    "HEADER",
    "X-Failed-Recipients",
    '""',
)


class MailboxUnreachable(Exception):
    """The mailbox can't be read at the moment; the text says why, without a password."""


class NotLoggedIn(Exception):
    """The server rejected the user name or password."""


def reports(url: str) -> Iterator[bytes]:
    """The beginnings of at most MAX_MESSAGES unread messages. Each is marked as read when the next one is requested.
    Raises MailboxUnreachable."""
    try:
        yield from maildir_reports(Path(url)) if url.startswith("/") else imap_reports(url)
    except (OSError, imaplib.IMAP4.error, NotLoggedIn, UnicodeError) as error:
        raise MailboxUnreachable(f"{location(url)}: {reason_of(error)}"[:LONGEST_REASON]) from None


def location(url: str) -> str:
    parts = urlsplit(url)
    return url if url.startswith("/") else f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"


def reason_of(error: Exception) -> str:
    if isinstance(error, NotLoggedIn):
        return f"it refused the name or password ({server_message(error)})"
    if isinstance(error, FileNotFoundError):
        return "there is no such Maildir folder"
    if isinstance(error, PermissionError):
        return "the portal may not read this folder"
    if isinstance(error, imaplib.IMAP4.abort):
        return f"the connection was lost ({server_message(error)})"
    if isinstance(error, imaplib.IMAP4.error):
        return server_message(error)
    return describe(error)


def server_message(error: Exception) -> str:
    answer = error.args[0] if error.args else ""
    return one_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer))


def maildir_reports(folder: Path) -> Iterator[bytes]:
    for path in sorted((folder / "new").iterdir())[:MAX_MESSAGES]:
        with path.open("rb") as file:
            yield file.read(LONGEST)
        os.replace(path, folder / "cur" / f"{path.name}:2,S")


def imap_reports(url: str) -> Iterator[bytes]:
    connection = connect(url)
    try:
        _, found = connection.uid("SEARCH", *REPORTS)
        for number in (found[0] or b"").decode().split()[:MAX_MESSAGES]:
            _, parts = connection.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST}>)")
            yield next((part[1] for part in parts if isinstance(part, tuple)), b"")
            connection.uid("STORE", number, "+FLAGS", r"(\Seen)")
    finally:
        connection.logout()


def connect(url: str) -> imaplib.IMAP4:
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: imaplib.IMAP4
    if parts.scheme == "imaps":
        connection = imaplib.IMAP4_SSL(
            host,
            parts.port or PORTS["imaps"],
            timeout=TIMEOUT_SECONDS,
            ssl_context=ssl.create_default_context(),
        )
    else:
        connection = imaplib.IMAP4(host, parts.port or PORTS["imap"], timeout=TIMEOUT_SECONDS)
    login = "\0".join(("", unquote(parts.username or ""), unquote(parts.password or ""))).encode()
    try:
        log_in(connection, login)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        answer, text = connection.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if answer != "OK":
            raise imaplib.IMAP4.error(
                f"it has no folder {folder} ({one_line(str(text[0] or b'', 'utf-8', 'replace'))})"
            )
    except (OSError, imaplib.IMAP4.error, NotLoggedIn):
        connection.shutdown()
        raise
    return connection


def log_in(connection: imaplib.IMAP4, login: bytes) -> None:
    try:
        connection.authenticate("PLAIN", lambda _challenge: login)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise NotLoggedIn(*error.args) from None
