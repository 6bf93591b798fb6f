"""Bounces in words: what exim, qmail, Postfix, Exchange and Gmail write without a part for machines (RFC 3464).

Only what is certain is read: it comes from a mail system, says in that system's words that the mail was not delivered,
and says nothing of a delay or a further try. Anything else is left.
"""

import html
import re
from email.message import Message
from email.utils import parseaddr
from itertools import takewhile

from app.mail.compose import one_line
from app.mail.errors import LONGEST

LONGEST_TEXT = 20_000
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
NO_BOUNCES = ("message/disposition-notification", "message/feedback-report")
SENDERS = ("mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon", "microsoftexchange")
FAILED = re.compile(
    r"this is a permanent error|permanent fatal errors|could not be delivered to one or more"
    r"|delivery to the following recipients? (?:has )?failed|delivery has failed to these recipients"
    r"|address not found|message (?:not|was not|wasn't|could not be|couldn't be) delivered"
    r"|your message to \S+ (?:could not be|couldn't be) delivered|unable to deliver your message"
    r"|i'm not going to try again|returning message to sender"
)
DELAYED = re.compile(
    r"will (?:be )?retr(?:y|ied)|will (?:keep|continue) (?:trying|to try|to be)|attempts will continue"
    r"|still (?:trying|being)|not yet been delivered|not been delivered yet|(?:has been|is|was) delayed"
    r"|delivery (?:is )?(?:delayed|incomplete)|warning message only|temporary (?:problem|failure|error)"
    r"|no action is required"
)
GIVEN_UP = re.compile(r"i'm not going to try again|i've given up|in the queue too long|retry timeout exceeded|expired")
# Like "550 " or "5.1.1", and neither part of an IP address.
PERMANENT = re.compile(r"(?<![\d.])(?:5\d\d[ -]|#?5\.\d{1,3}\.\d{1,3}(?!\.?\d))")
TEMPORARY = re.compile(r"(?<![\d.])(?:4\d\d[ -]#?4\.|#?4\.\d{1,3}\.\d{1,3}(?!\.?\d))")
REPLY = re.compile(r"(?<![\d.])5\d\d[ -]\S")
COPY = re.compile(r"^[ \t]*(?:Received|Return-Path|Message-ID|DKIM-Signature|Authentication-Results):", re.I | re.M)
OF_ADDRESS = re.compile(r"^<[^\s<>]+>: *")
TAG = re.compile(r"<[^<>]*>")
NO_REASON = "It came back without a reason"


def reason_in(message: Message, parts: list[Message]) -> str | None:
    """Why the mail that this message returns was not delivered; None when it isn't certain that it was not. `parts` are
    those of the message."""
    if not is_from_mail_system(message) or any(part.get_content_type() in NO_BOUNCES for part in parts):
        return None
    text = words_of(parts)
    plain = " ".join(text.replace("\u2019", "'").lower().split())
    if DELAYED.search(plain) or "(delay)" in str(message.get("Subject", "")).lower():
        return None
    if not (FAILED.search(plain) or "X-Failed-Recipients" in message):
        return None
    if TEMPORARY.search(plain) and not PERMANENT.search(plain) and not GIVEN_UP.search(plain):
        return None
    return server_reason(text)


def is_from_mail_system(message: Message) -> bool:
    local = parseaddr(str(message.get("From", ""))[:1000])[1].partition("@")[0].lower()
    return local.startswith(SENDERS) or str(message.get("Return-Path", "")).strip() == "<>"


def words_of(parts: list[Message]) -> str:
    """What the mail system wrote itself: before the copy of the mail, and without quoted lines."""
    own = list(takewhile(lambda part: part.get_content_type() not in RETURNED, parts))
    text = next((decoded(part) for part in own if part.get_content_type() == "text/plain"), "")
    if not text.strip():
        page = next((decoded(part) for part in own if part.get_content_type() == "text/html"), "")
        text = html.unescape(TAG.sub("\n", page))
    text = text[:LONGEST_TEXT].replace("\r\n", "\n")
    copy = COPY.search(text)
    lines = text[: copy.start() if copy else None].split("\n")
    return "\n".join(line for line in lines if not line.startswith(">"))


def server_reason(text: str) -> str:
    """'550 5.1.1 no such user', or the paragraph that has the code."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        line = one_line(paragraph)
        if PERMANENT.search(line):
            reply = REPLY.search(line)
            said = line[reply.start() :] if reply else OF_ADDRESS.sub("", line)
            return said.strip("'\"")[:LONGEST]
    return NO_REASON


def decoded(part: Message) -> str:
    """The text of a part. The encoding that a stranger names is not used: some take very long."""
    raw = part.get_payload(decode=True) or b""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
