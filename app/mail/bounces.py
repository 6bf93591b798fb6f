"""Bounces: reports about mail that a server accepted and could not deliver, machine-readable (RFC 3464) or as text.

A report is trusted if it contains the mail's Message-ID, which is random, so that only its recipients know it.
"""

import html
import logging
import re
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from itertools import islice, takewhile
from typing import Any, NamedTuple

from app.mail.compose import one_line
from app.mail.mailbox import reports
from app.mail.transport import LONGEST
from app.models import OutboxMail

logger = logging.getLogger(__name__)
MAX_PARTS = 20
MAX_IDS = 10
MESSAGE_ID = re.compile("<([0-9a-z]{32})@")
ENVELOPE_ID = re.compile("[0-9a-z]{32}")
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


class Report(NamedTuple):
    """`message_ids` are all that it names, ours or not; `reason` is the server's."""

    message_ids: list[str]
    reason: str


def read_bounces(url: str, now: datetime) -> int:
    """Read the mailbox at `url`. Returns how many mails bounced. Raises MailboxUnreachable."""
    bounced = 0
    for raw in reports(url):
        try:
            report = report_of(raw)
        except Exception:  # the content is untrusted: an error must not stop the next one
            logger.exception("a report could not be read")
            continue
        bounced += report is not None and apply_report(report, now)
    return bounced


def apply_report(report: Report, now: datetime) -> bool:
    """Mark the mail that it names as bounced. Returns True if there is one that was not marked yet."""
    for message_id in report.message_ids:
        mail = OutboxMail.with_message_id(message_id)
        if mail and mail.state in (OutboxMail.SENT, OutboxMail.RETRYING):
            mail.fail(OutboxMail.BOUNCED, now, report.reason)
            return True
    return False


def report_of(raw: bytes) -> Report | None:
    """What a message reports as permanently failed; None for any other message."""
    message = message_from_bytes(raw)
    parts = list(islice(message.walk(), MAX_PARTS))
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return plain_text_report(message, parts)
    if message.get_content_type() != "multipart/report":
        return None
    blocks: Any = status.get_payload() if status.is_multipart() else []
    failed = next((block for block in blocks if text(block, "Action").lower() == "failed"), None)
    if failed is None:
        return None
    return Report(message_ids_in(message, parts, blocks[0])[:MAX_IDS], reason_of(failed))


def plain_text_report(message: Message, parts: list[Message]) -> Report | None:
    """A report without a machine-readable part. The Message-ID is in the copy of the mail, attached or below the
    text."""
    reason = reason_in(message, parts)
    if reason is None:
        return None
    texts = [decode(part) for part in parts if part.get_content_maintype() == "text"]
    found = [message_id for text in texts for message_id in MESSAGE_ID.findall(text.replace("&lt;", "<"))]
    return Report([*message_ids_in(message, parts, message), *found][:MAX_IDS], reason)


def message_ids_in(message: Message, parts: list[Message], about: Message) -> list[str]:
    returned = [part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    texts = [text(part, "Message-ID") for part in parts[1:]]
    payloads = [part.get_payload() for part in returned]
    texts += [payload for payload in payloads if isinstance(payload, str)]
    texts += [text(message, name) for name in ("In-Reply-To", "References")]
    found = [message_id for one in texts for message_id in MESSAGE_ID.findall(one)]
    return [*found, *ENVELOPE_ID.findall(text(about, "Original-Envelope-Id"))]


def reason_of(block: Message) -> str:
    diagnostic = one_line(text(block, "Diagnostic-Code").partition(";")[2])
    status = one_line(text(block, "Status"))
    said = diagnostic if status in diagnostic else f"{status} {diagnostic}".strip()
    return (said or "It came back without a reason")[:LONGEST]


def text(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()


# Bounces as text: what exim, qmail, Postfix, Exchange and Gmail write without a machine-readable part. Only certain
# ones are used: from a mail system, saying in its words that the mail was not delivered, without mentioning a delay or
# another try. Anything else is ignored.


def reason_in(message: Message, parts: list[Message]) -> str | None:
    """Why the mail in this message was not delivered; None unless that is certain."""
    if not is_from_mail_system(message) or any(part.get_content_type() in NO_BOUNCES for part in parts):
        return None
    text = own_text(parts)
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


def own_text(parts: list[Message]) -> str:
    own = list(takewhile(lambda part: part.get_content_type() not in RETURNED, parts))
    text = next((decode(part) for part in own if part.get_content_type() == "text/plain"), "")
    if not text.strip():
        page = next((decode(part) for part in own if part.get_content_type() == "text/html"), "")
        text = html.unescape(TAG.sub("\n", page))
    text = text[:LONGEST_TEXT].replace("\r\n", "\n")
    copy = COPY.search(text)
    lines = text[: copy.start() if copy else None].split("\n")
    return "\n".join(line for line in lines if not line.startswith(">"))


def server_reason(text: str) -> str:
    for paragraph in re.split(r"\n[ \t]*\n", text):
        line = one_line(paragraph)
        if PERMANENT.search(line):
            reply = REPLY.search(line)
            said = line[reply.start() :] if reply else OF_ADDRESS.sub("", line)
            return said.strip("'\"")[:LONGEST]
    return NO_REASON


def decode(part: Message) -> str:
    # The text of a part. Its declared encoding is untrusted and not used, because some are very slow.
    raw: Any = part.get_payload(decode=True) or b""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
