"""Sending what waits in the outbox: by SMTP, or into a folder of .eml files.

A mail is claimed before it is sent and marked afterwards, so a worker that dies in between sends it
again, with the same Message-ID, by which mail systems know a second copy. No mail is ever lost: what
can't be delivered says why.
"""

import base64
import logging
import os
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from peewee import PeeweeException

from app.clock import from_ms
from app.config import LOOPBACK, Config
from app.files import give_to_owner_of
from app.mail.compose import one_line
from app.mail.errors import NotDelivered, ServerUnreachable, describe
from app.models import Company, Link, OutboxMail

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 15
BATCH = 200
NO_ENCRYPTION = (
    "it offers no encryption (STARTTLS), so nothing was sent. For a relay on a network of your own, without a "
    "password, set SMTP_TLS=off"
)
TOO_LARGE, CLOSING, NOT_LOGGED_IN = 552, 421, (530, 535, 538)


class Transport:
    """A way out for mail. Open it with `with`; `send` raises NotDelivered or ServerUnreachable.

    `reaches_people`: whether what was sent can be read by its recipient."""

    reaches_people = True

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
    """Mail as .eml files, each whole or not at all, while no mail server is set. In the demo they count as sent: its
    readers find them at /outbox."""

    def __init__(self, config: Config):
        super().__init__(config)
        self.reaches_people = config.demo
        self.path: Path = config.instance / "outbox"

    def send(self, message: EmailMessage) -> None:
        try:
            self._write(message)
        except OSError as error:
            raise ServerUnreachable(f"{self.path} can't be written: {describe(error)}") from None

    def _write(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        give_to_owner_of(self.path.parent, self.path)
        moment = message["Date"].datetime.strftime("%Y%m%dT%H%M%S")
        path = self.path / f"{moment}-{message['Message-ID'][1:13]}.eml"
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        give_to_owner_of(self.path, draft)
        draft.replace(path)


class SmtpServer(Transport):
    """smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS from the start)."""

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
            raise ServerUnreachable(self._named(error)) from None
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
        """Encrypt and log in. Neither mail, which holds links, nor a password crosses a network in the clear, also
        when an attacker on the way has removed the server's offer to encrypt."""
        server.ehlo()
        if not self.implicit_tls and self.host not in LOOPBACK and self.config.smtp_tls:
            if not server.has_extn("starttls"):
                raise smtplib.SMTPException(NO_ENCRYPTION)
            server.starttls(context=self.context)
            server.ehlo()
        if self.user:
            self._log_in(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        if (self.user + self.password).isascii():
            server.login(self.user, self.password)
            return
        # smtplib's login knows ASCII only; RFC 4616 says UTF-8.
        credentials = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
        code, answer = server.docmd("AUTH", f"PLAIN {credentials}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, answer)

    def send(self, message: EmailMessage) -> None:
        try:
            self.connection.send_message(
                message, from_addr=self.config.bounce_address, mail_options=self._options(message)
            )
        except smtplib.SMTPNotSupportedError as error:
            raise NotDelivered(describe(error), final=True) from None
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            self._judge(error)
        except (OSError, smtplib.SMTPException) as error:  # perhaps after the server took it: the Message-ID stays
            raise ServerUnreachable(self._named(error)) from None

    def _options(self, message: EmailMessage) -> list[str]:
        """Where the server can, have a bounce name the mail by its id and return headers alone (RFC 3461)."""
        if not self.connection.has_extn("dsn"):
            return []
        return ["RET=HDRS", f"ENVID={message['Message-ID'].strip('<>').partition('@')[0]}"]

    def _judge(self, error: smtplib.SMTPException) -> None:
        """Raise what the server's answer means: for this mail, or for every mail."""
        answer = describe(error)
        code = int(answer[:3])
        sender_refused = isinstance(error, smtplib.SMTPSenderRefused) and code != TOO_LARGE
        if sender_refused or code in (CLOSING, *NOT_LOGGED_IN):
            about = f"the sender {error.sender} was refused: " if sender_refused else ""
            raise ServerUnreachable(f"{self.host}:{self.port}: {about}{answer}")
        no_relay = "relay" in answer.lower()  # says how this server is set up, nothing about the recipient
        raise NotDelivered(answer, final=code >= 500 and not no_relay)

    def _named(self, error: Exception) -> str:
        return f"{self.host}:{self.port}: {describe(error)}"


def deliver_due(transport: Transport, now: datetime) -> int:
    """Send every mail that is due; how many were sent. Needs an open database connection.

    While the mail server can't be used all mail waits, and no mail's tries are counted.
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
        OutboxMail.hold(now, str(error))
    return sent


def deliver(row: OutboxMail, transport: Transport, now: datetime) -> bool:
    """Send one mail, unless another worker has it or its link has stopped working."""
    if not row.claim(now):
        return False
    if row.key.startswith(Link.MAIL_KEY) and not link_works(row, now):
        return False
    try:
        transport.send(message_for(row, transport.config))
    except (ServerUnreachable, PeeweeException) as error:
        if isinstance(error, ServerUnreachable):
            row.retry_later(now, str(error))
        raise
    except Exception as error:
        not_delivered(row, error, now)
        return False
    if not transport.reaches_people:
        row.saved(now)
        return False
    row.sent(now, keep=transport.config.demo)
    return True


def link_works(row: OutboxMail, now: datetime) -> bool:
    """Whether the link in this mail can still be used. Otherwise the mail ends: canceled when the link was used or
    replaced, given up when it expired while the mail waited, because then its reader got none."""
    link = Link.with_hash(row.key.removeprefix(Link.MAIL_KEY))
    if link is not None and link.is_live(now):
        return True
    if link is None or link.used_ms is not None:
        row.end(row.CANCELED, now, Link.STOPPED)
    else:
        row.fail(row.GAVE_UP, now, f"{Link.EXPIRED} {row.error}".strip())
    return False


def not_delivered(row: OutboxMail, error: Exception, now: datetime) -> None:
    """What is no answer of a server is a mail that can't be written, like one with a line break in a header: trying
    it again can't help."""
    is_answer = isinstance(error, NotDelivered)
    reason = describe(error) if is_answer else f"The email could not be written: {describe(error)}"
    logger.error("mail %s was not delivered: %s", row.id, reason, exc_info=None if is_answer else error)
    if is_answer and not error.final:
        row.retry_later(now, reason)
    else:
        row.fail(row.REFUSED, now, reason)


def message_for(row: OutboxMail, config: Config) -> EmailMessage:
    """The row as a message: every try of the same mail has the same Message-ID."""
    host = urlsplit(config.portal_url).hostname
    message = EmailMessage(policy=SMTP)
    message["From"] = sender(config, Company.current(), host)
    message["To"] = recipient_of(row)
    message["Subject"] = one_line(row.subject)
    message["Date"] = format_datetime(from_ms(row.created_ms))
    message["Message-ID"] = f"<{row.message_id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    return message


def recipient_of(row: OutboxMail) -> Address:
    """The domain is written as DNS knows it, so that only other letters before the @ need a server with SMTPUTF8."""
    local, _, domain = row.recipient.rpartition("@")
    return Address(username=local, domain=domain if domain.isascii() else domain.encode("idna").decode())


def sender(config: Config, company: Company, host: str) -> Address:
    """MAIL_FROM, or the company's own address under its name."""
    name, address = parseaddr(config.mail_from or company.email)
    if "@" not in address:
        address = f"no-reply@{host}"
    return Address(one_line(name or company.name), addr_spec=address)
