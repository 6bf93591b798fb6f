"""Bounces: mail that a server took and could not deliver comes back as a report (RFC 3464), or in words.

A report is believed if it has the Message-ID of the mail, which is random: only its recipients know it.
"""

import logging
import re
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from itertools import islice
from typing import NamedTuple

from app.mail import plain_bounces
from app.mail.compose import one_line
from app.mail.errors import LONGEST
from app.mail.mailbox import reports
from app.models import OutboxMail

logger = logging.getLogger(__name__)
MOST_PARTS = 20
MOST_IDS = 10
MESSAGE_ID = re.compile("<([0-9a-z]{32})@")
ENVELOPE_ID = re.compile("[0-9a-z]{32}")


class Report(NamedTuple):
    """`message_ids` are those it names, ours or not; `reason` is what the server said."""

    message_ids: list[str]
    reason: str


def read_bounces(url: str, now: datetime) -> int:
    """Read the mailbox at `url`; how many mails bounced. Raises MailboxUnreachable."""
    bounced = 0
    for raw in reports(url):
        try:
            report = report_of(raw)
        except Exception:  # whatever a stranger wrote into it, the next one is read
            logger.exception("a report could not be read")
            continue
        bounced += report is not None and apply_report(report, now)
    return bounced


def apply_report(report: Report, now: datetime) -> bool:
    """Mark the mail that it names as bounced; whether there is one that was not yet."""
    for message_id in report.message_ids:
        mail = OutboxMail.with_message_id(message_id)
        if mail and mail.state in (OutboxMail.SENT, OutboxMail.RETRYING):
            mail.fail(OutboxMail.BOUNCED, now, report.reason)
            return True
    return False


def report_of(raw: bytes) -> Report | None:
    """What a message reports as failed for good; None for any other message."""
    message = message_from_bytes(raw)
    parts = list(islice(message.walk(), MOST_PARTS))
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return plain_text_report(message, parts)
    if message.get_content_type() != "multipart/report":
        return None
    blocks = status.get_payload() if status.is_multipart() else []
    failed = next((block for block in blocks if text(block, "Action").lower() == "failed"), None)
    if failed is None:
        return None
    return Report(ids_in(message, parts, blocks[0])[:MOST_IDS], reason_of(failed))


def plain_text_report(message: Message, parts: list[Message]) -> Report | None:
    """A report without a part for machines. The Message-ID is in the copy of the mail, attached or below the words."""
    reason = plain_bounces.reason_in(message, parts)
    if reason is None:
        return None
    texts = [plain_bounces.decoded(part) for part in parts if part.get_content_maintype() == "text"]
    found = [message_id for text in texts for message_id in MESSAGE_ID.findall(text.replace("&lt;", "<"))]
    return Report([*ids_in(message, parts, message), *found][:MOST_IDS], reason)


def ids_in(message: Message, parts: list[Message], about: Message) -> list[str]:
    """Message-IDs that the report names: in the headers that come back with it, and where some servers put them."""
    returned = [part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    texts = [text(part, "Message-ID") for part in parts[1:]]
    texts += [part.get_payload() for part in returned if isinstance(part.get_payload(), str)]
    texts += [text(message, name) for name in ("In-Reply-To", "References")]
    found = [message_id for one in texts for message_id in MESSAGE_ID.findall(one)]
    return [*found, *ENVELOPE_ID.findall(text(about, "Original-Envelope-Id"))]


def reason_of(block: Message) -> str:
    """'550 5.1.1 no such user'"""
    diagnostic = one_line(text(block, "Diagnostic-Code").partition(";")[2])
    status = one_line(text(block, "Status"))
    said = diagnostic if status in diagnostic else f"{status} {diagnostic}".strip()
    return (said or "It came back without a reason")[:LONGEST]


def text(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()
