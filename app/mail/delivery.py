"""Sending what waits in the outbox: by SMTP, or into a folder of .eml files.

A mail is claimed before it is sent and marked afterwards, so a worker that dies in between sends it
again, with the same Message-ID, by which mail systems know a second copy. No mail is ever lost.
"""

import base64
import hashlib
import logging
import os
import smtplib
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.clock import from_ms
from app.config import LOOPBACK, Config
from app.mail.compose import one_line
from app.models import Company, OutboxMail

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 15
BATCH = 200


class NotDelivered(Exception):
    """This mail wasn't taken. `final` when no later try can change that."""

    def __init__(self, reason: str, final: bool = False):
        self.final = final
        super().__init__(reason)


class ServerUnreachable(Exception):
    """No mail can be sent at the moment."""


class Transport:
    """A way out for mail. Open it with `with`; `send` raises NotDelivered or ServerUnreachable."""

    def __init__(self, config: Config):
        self.config = config

    @staticmethod
    def from_config(config: Config) -> "Transport":
        """What SMTP_URL says, or the folder `outbox` in the instance folder."""
        return SmtpServer(config) if config.smtp_url else Folder(config)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def send(self, message: EmailMessage) -> None:
        raise NotImplementedError


class Folder(Transport):
    """Mail as .eml files, each whole or not at all: the default, for demo and sandbox."""

    def __init__(self, config: Config):
        super().__init__(config)
        self.path: Path = config.instance / "outbox"

    def send(self, message: EmailMessage) -> None:
        try:
            self._write(message)
        except OSError as error:
            raise ServerUnreachable(plain(error)) from None

    def _write(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        moment = message["Date"].datetime.strftime("%Y%m%dT%H%M%S")
        path = self.path / f"{moment}-{message['Message-ID'][1:13]}.eml"
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


class SmtpServer(Transport):
    """smtp://user:password@host:587 (STARTTLS when offered) or smtps://… (TLS from the start)."""

    def __init__(self, config: Config, timeout: float = TIMEOUT_SECONDS):
        super().__init__(config)
        parts = urlsplit(config.smtp_url)
        self.host, self.implicit_tls = parts.hostname, parts.scheme == "smtps"
        self.port = parts.port or (465 if self.implicit_tls else 587 if parts.username else 25)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.timeout = timeout
        self.context = ssl.create_default_context()

    def __enter__(self):
        try:
            self.connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerUnreachable(f"{self.host}:{self.port}: {plain(error)}") from None
        return self

    def __exit__(self, *_):
        try:
            self.connection.quit()
        except (OSError, smtplib.SMTPException):
            self.connection.close()

    def _connect(self) -> smtplib.SMTP:
        where = (self.host, self.port)
        if self.implicit_tls:
            server = smtplib.SMTP_SSL(*where, timeout=self.timeout, context=self.context)
        else:
            server = smtplib.SMTP(*where, timeout=self.timeout)
        try:
            self._secure(server)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP) -> None:
        """Encrypt and log in. A password never crosses a network in the clear."""
        server.ehlo()
        local = self.host in LOOPBACK
        if not self.implicit_tls and not local and server.has_extn("starttls"):
            server.starttls(context=self.context)
            server.ehlo()
        if self.user:
            if not local and not isinstance(server.sock, ssl.SSLSocket):
                raise smtplib.SMTPException("it offers no encryption, so the password was not sent")
            self._log_in(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        if (self.user + self.password).isascii():
            server.login(self.user, self.password)
            return
        # smtplib's login knows ASCII only; RFC 4616 says UTF-8.
        words = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
        code, answer = server.docmd("AUTH", f"PLAIN {words}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, answer)

    def send(self, message: EmailMessage) -> None:
        try:
            self.connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            raise NotDelivered(plain(error), final=code >= 500) from None
        except smtplib.SMTPServerDisconnected as error:
            raise ServerUnreachable(plain(error)) from None
        except smtplib.SMTPException as error:
            raise NotDelivered(plain(error)) from None
        except OSError as error:
            raise ServerUnreachable(plain(error)) from None


def deliver_due(transport: Transport, now: datetime) -> int:
    """Send every mail that is due; how many were sent. Needs an open database connection.

    While the mail server can't be reached all mail waits, and no mail's tries are counted.
    """
    due = list(OutboxMail.due(now).limit(BATCH))
    if not due:
        return 0
    sent = 0
    try:
        with transport:
            for row in due:
                sent += deliver(row, transport, now)
    except ServerUnreachable as error:
        logger.warning("mail waits: %s", error)
        OutboxMail.hold([row.id for row in due], now, str(error))
    return sent


def deliver(row: OutboxMail, transport: Transport, now: datetime) -> bool:
    """Send one mail, unless another worker has it."""
    if not row.claim(now):
        return False
    try:
        transport.send(message_for(row, transport.config))
    except ServerUnreachable as error:
        row.retry_later(now, str(error))
        raise
    except (NotDelivered, MessageError, ValueError) as error:
        logger.error("mail %s was not delivered: %s", row.id, plain(error))
        final = getattr(error, "final", True)
        row.give_up(plain(error)) if final else row.retry_later(now, plain(error))
        return False
    row.sent(now, keep=transport.config.demo)
    return True


def message_for(row: OutboxMail, config: Config) -> EmailMessage:
    """The row as a message. Its Message-ID is made from its key: the same mail has the same one."""
    host = urlsplit(config.portal_url).hostname
    message = EmailMessage(policy=SMTP)
    message["From"] = sender(config, Company.current(), host)
    message["To"] = Address(addr_spec=row.recipient)
    message["Subject"] = one_line(row.subject)
    message["Date"] = format_datetime(from_ms(row.created_ms))
    message["Message-ID"] = f"<{hashlib.sha256(row.key.encode()).hexdigest()[:32]}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    return message


def sender(config: Config, company: Company, host: str) -> Address:
    """MAIL_FROM, or the company's own address under its name."""
    name, address = parseaddr(config.mail_from or company.email)
    if "@" not in address:
        address = f"no-reply@{host}"
    return Address(one_line(name or company.name), addr_spec=address)


def plain(error: Exception) -> str:
    """The error in one short line; what a server answers is bytes."""
    if isinstance(error, smtplib.SMTPResponseException):
        reason = error.smtp_error
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        return one_line(f"{error.smtp_code} {text}")[:300]
    if isinstance(error, NotDelivered):
        return str(error)
    return one_line(f"{type(error).__name__}: {error}")[:300]
