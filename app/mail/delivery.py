"""Sends the mail in the outbox.

A mail is claimed before it is sent and marked afterwards. So if a worker dies in between, the mail is sent again with
the same Message-ID, by which mail systems recognize duplicates. No mail is ever lost; mail that can't be delivered
shows the reason.
"""

import logging
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from peewee import PeeweeException

from app.clock import from_ms
from app.config import Config
from app.mail import unsubscribe
from app.mail.attachments import Attachment, attachments_of
from app.mail.compose import LOGO, one_line
from app.mail.revision import NotSent, revised
from app.mail.transport import NotDelivered, ServerUnreachable, Transport, describe
from app.models import Company, CompanyLogo, Link, OutboxMail

logger = logging.getLogger(__name__)
BATCH = 200


class UnfoldedLinks(EmailPolicy):
    """A long address would be folded into encoded words, which no mail program reads as an address."""

    def fold(self, name, value):
        return f"{name}: {value}{self.linesep}" if name == "List-Unsubscribe" else super().fold(name, value)

    def fold_binary(self, name, value):
        return (
            self.fold(name, value).encode("ascii") if name == "List-Unsubscribe" else super().fold_binary(name, value)
        )


POLICY = UnfoldedLinks(linesep="\r\n")


def deliver_due(transport: Transport, company: Company, now: datetime) -> int:
    """Send all mail that is due. Returns how many mails were sent. Needs an open database connection.

    While the mail server is unavailable, all mail waits and no tries are counted.
    """
    due = list(OutboxMail.due(now).limit(BATCH))
    if not due:
        return 0
    sent = 0
    try:
        with transport:
            for row in due:
                sent += deliver(row, transport, company, now)
    except ServerUnreachable as error:
        logger.warning("mail waits: %s", error)
        OutboxMail.hold(now, str(error))
    return sent


def deliver(row: OutboxMail, transport: Transport, company: Company, now: datetime) -> bool:
    if not row.claim(now):
        return False
    if row.key.startswith(Link.MAIL_KEY) and not link_works(row, now):
        return False
    try:
        if mail := revised(row, company, transport.config, now):
            row.rewrite(mail)
        message = message_for(row, company, transport.config)
        for file in attachments_of(row, company, now):
            attach(message, file)
        transport.send(message)
    except NotSent as reason:
        row.end(row.CANCELED, now, str(reason))
        return False
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
    """True if the link in this mail still works. Otherwise the mail ends: canceled if the link was used or replaced,
    given up if it expired while the mail waited, because then its recipient has no link at all."""
    link = Link.with_hash(row.key.removeprefix(Link.MAIL_KEY))
    if link is not None and link.is_live(now):
        return True
    if link is None or link.used_ms is not None:
        row.end(row.CANCELED, now, Link.STOPPED)
    else:
        row.fail(row.GAVE_UP, now, f"{Link.EXPIRED} {row.error}".strip())
    return False


def not_delivered(row: OutboxMail, error: Exception, now: datetime) -> None:
    # An error that isn't a server's answer means that the mail can't be written, for example because of a line break in
    # a header. Trying again can't help.
    is_answer = isinstance(error, NotDelivered)
    reason = describe(error) if is_answer else f"The email could not be written: {describe(error)}"
    logger.error("mail %s was not delivered: %s", row.id, reason, exc_info=None if is_answer else error)
    if isinstance(error, NotDelivered) and not error.final:
        row.retry_later(now, reason)
    else:
        row.fail(row.REFUSED, now, reason)


def message_for(row: OutboxMail, company: Company, config: Config) -> EmailMessage:
    host = urlsplit(config.portal_url).hostname
    message = EmailMessage(policy=POLICY)
    message["From"] = sender(config, company, host)
    message["To"] = recipient_of(row)
    message["Subject"] = one_line(row.subject)
    message["Date"] = format_datetime(from_ms(row.created_ms))
    message["Message-ID"] = f"<{row.message_id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if row.kind in unsubscribe.STOPS and row.customer:
        what = unsubscribe.STOPS[row.kind]
        message["List-Unsubscribe"] = f"<{unsubscribe.url(config, what, row.customer.public_id, row.recipient)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(row.text)
    message.add_alternative(row.html, subtype="html")
    logo = CompanyLogo.current() if f"cid:{LOGO}" in row.html else None
    if logo:
        maintype, _, subtype = logo.media_type.partition("/")
        _text, html = message.iter_parts()
        html.add_related(bytes(logo.content), maintype, subtype, cid=f"<{LOGO}>", disposition="inline")
    return message


def attach(message: EmailMessage, file: Attachment) -> None:
    maintype, _, subtype = file.media_type.partition("/")
    message.add_attachment(file.content, maintype, subtype, filename=file.name)


def recipient_of(row: OutboxMail) -> Address:
    # The domain is converted to its DNS form, so that SMTPUTF8 is needed only for special letters before the @.
    local, _, domain = row.recipient.rpartition("@")
    return Address(username=local, domain=domain if domain.isascii() else domain.encode("idna").decode())


def sender(config: Config, company: Company, host: str | None) -> Address:
    name, address = parseaddr(config.mail_from or company.email)
    if "@" not in address:
        address = f"no-reply@{host}"
    return Address(one_line(name or company.name), addr_spec=address)
