"""Why mail was not taken, in one short line of plain words, with what the server said."""

import smtplib
import socket
import ssl

from app.mail.compose import one_line

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
    """This mail wasn't taken. `final` when no later try can change that."""

    def __init__(self, reason: str, final: bool = False):
        self.final = final
        super().__init__(reason)


class ServerUnreachable(Exception):
    """No mail can be sent at the moment."""


def describe(error: Exception) -> str:
    """The error in words; what a server answers is bytes."""
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
    """'550 5.1.1 no such user'"""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return one_line(f"{code} {text}")[:LONGEST]
