"""Ways to send mail: by SMTP, or as .eml files in a folder; and the reasons why a mail was not accepted."""

import base64
import os
import smtplib
import socket
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.config import Config
from app.environment import LOOPBACK
from app.files import give_to_owner_of
from app.mail.compose import one_line

TIMEOUT_SECONDS = 15
NO_ENCRYPTION = (
    "it offers no encryption (STARTTLS), so nothing was sent. For a relay on a network of your own, without a "
    "password, set SMTP_TLS=off"
)
TOO_LARGE, CLOSING, NOT_LOGGED_IN = 552, 421, (530, 535, 538)
LONGEST = 300
WORDS = (
    (ssl.SSLCertVerificationError, "its certificate can't be verified"),
    (ssl.SSLError, "no encrypted connection could be made"),
    (socket.gaierror, "there is no server with this name (DNS)"),
    (ConnectionRefusedError, "it refused the connection"),
    (TimeoutError, "it did not answer in time"),
    (smtplib.SMTPServerDisconnected, "it closed the connection before it answered"),
    (smtplib.SMTPNotSupportedError, "it does not take addresses like this"),
    (ConnectionError, "the connection was lost"),
)


class NotDelivered(Exception):
    """This mail wasn't accepted. `final`: no later try can change that."""

    def __init__(self, reason: str, final: bool = False):
        self.final = final
        super().__init__(reason)


class ServerUnreachable(Exception):
    """No mail can be sent at the moment."""


class Transport:
    """A way to send mail. Open it with `with`; `send` raises NotDelivered or ServerUnreachable.

    `reaches_people`: recipients can read what was sent.
    """

    reaches_people = True

    def __init__(self, config: Config):
        self.config = config

    @staticmethod
    def from_config(config: Config) -> "Transport":
        return SmtpServer(config) if config.smtp_url else Folder(config)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def send(self, message: EmailMessage) -> None:
        raise NotImplementedError


class Folder(Transport):
    """Writes mail as .eml files, each whole or not at all, while no mail server is set. In the demo they count as
    sent, because people read them at /outbox."""

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
        parts = urlsplit(config.smtp_url or "")
        self.host = parts.hostname or ""
        self.implicit_tls = parts.scheme == "smtps"
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
        server: smtplib.SMTP
        if self.implicit_tls:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=self.context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            self._secure(server)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP) -> None:
        """Encrypt and log in. Mail with links, and passwords, must never cross a network unencrypted, even if an
        attacker removes the server's offer to encrypt."""
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
            self._raise_for(error)
        except (
            OSError,
            smtplib.SMTPException,
        ) as error:  # the server may have accepted it, so the Message-ID stays the same
            raise ServerUnreachable(self._named(error)) from None

    def _options(self, message: EmailMessage) -> list[str]:
        # If the server supports it, bounces contain the mail's id and return only headers (RFC 3461).
        if not self.connection.has_extn("dsn"):
            return []
        return ["RET=HDRS", f"ENVID={message['Message-ID'].strip('<>').partition('@')[0]}"]

    def _raise_for(self, error: smtplib.SMTPException) -> None:
        answer = describe(error)
        code = int(answer[:3])
        if isinstance(error, smtplib.SMTPSenderRefused) and code != TOO_LARGE:
            raise ServerUnreachable(f"{self.host}:{self.port}: the sender {error.sender} was refused: {answer}")
        if code in (CLOSING, *NOT_LOGGED_IN):
            raise ServerUnreachable(f"{self.host}:{self.port}: {answer}")
        no_relay = "relay" in answer.lower()  # is about this server's configuration, not about the recipient
        raise NotDelivered(answer, final=code >= 500 and not no_relay)

    def _named(self, error: Exception) -> str:
        return f"{self.host}:{self.port}: {describe(error)}"


def describe(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return describe_answer(code, answer)
    if isinstance(error, smtplib.SMTPResponseException):
        return describe_answer(error.smtp_code, error.smtp_error)
    if isinstance(error, NotDelivered):
        return str(error)
    if isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error):  # smtplib hides which it was
        error = TimeoutError()
    words = next((words for kind, words in WORDS if isinstance(error, kind)), type(error).__name__)
    return one_line(f"{words} ({error})" if str(error) else words)[:LONGEST]


def describe_answer(code: int, answer) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return one_line(f"{code} {text}")[:LONGEST]
