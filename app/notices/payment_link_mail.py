"""Emails with a Payment Link. They are queued in the transaction that makes the link."""

import re
from datetime import datetime, timedelta

from app.clock import to_ms
from app.config import Config
from app.documents.files import document_file
from app.invoices.queries import invoice_document
from app.mail import resend
from app.mail.attachments import Attachment, attached_to
from app.mail.compose import Formats, Mail, compose
from app.mail.revision import NotSent, revised_at_sending
from app.mail.texts import Texts, filled
from app.models import Company, Invoice, OutboxMail, PaymentLink, User, one_transaction
from app.models.audit import Actor
from app.models.base import digest
from app.models.customer import CustomerScope
from app.notices.recipients import STOPPED, recipients_of
from app.web.formatting import locale_of

LINK = re.compile(r"\S+/pay/([A-Za-z0-9_-]{43})")
NO_LONGER_OPEN = "This Payment Link was revoked. Make a new one on the invoice."
ENDED = "The Payment Link in this email has ended."
IS_VOID = "The invoice is void."
IS_GONE = "The invoice was removed: the import that added it was undone."


def link_life(company: Company) -> timedelta:
    return timedelta(days=company.payment_link_days)


def link_url(portal_url: str, token: str) -> str:
    return f"{portal_url}/pay/{token}"


@one_transaction
def send_link(invoice: Invoice, recipient: str, actor: Actor, company: Company, repeats: int | None = None) -> None:
    """Email a new link to `recipient`. `repeats` is the id of the mail that this one replaces. One transaction."""
    life = link_life(company)
    token = PaymentLink.issue(invoice, actor, life, recipient)
    OutboxMail.queue(
        f"{PaymentLink.MAIL_KEY}{digest(token)}",
        recipient,
        link_mail(invoice, link_url(actor.portal_url, token), to_ms(actor.now + life), company),
        actor.now,
        kind="payment_link",
        customer=invoice.customer,
        user=User.by_email(recipient),
        repeats=repeats,
    )


def url_of_link(mail: OutboxMail, link: PaymentLink, now: datetime) -> str:
    """The URL of a link. It is stored only in its email. Raises NotSent if the link no longer works."""
    for found in LINK.finditer(mail.text):
        if digest(found[1]) == link.token_hash and link.is_live(now):
            return found[0]
    raise NotSent(ENDED)


def link_mail(invoice: Invoice, url: str, expires_ms: int, company: Company, typed: Texts | None = None) -> Mail:
    return compose(
        "payment_link",
        company,
        invoice.customer.locale,
        invoice=invoice,
        customer=invoice.customer,
        texts=filled("payment_link", company, facts_of(invoice, company), typed),
        url=url,
        expires_ms=expires_ms,
        can_pay=company.online_payment_is_on and company.accepts(invoice.currency),
    )


def facts_of(invoice: Invoice, company: Company) -> dict[str, str]:
    """The values of the fields in a text about an invoice."""
    formats = Formats.of(company, invoice.customer.locale)
    return {
        "customer": invoice.customer.name,
        "invoice": invoice.number,
        "amount": formats.money(invoice.open_minor, invoice.currency),
        "due date": formats.day(invoice.due_on),
    }


def invoice_files(invoice: Invoice, company: Company, now: datetime) -> list[Attachment]:
    document = invoice_document.find(CustomerScope(invoice.customer_id), invoice.public_id)
    if document is None:
        return []
    return [document_file(document, company, locale=locale_of(invoice.customer, company), now=now)]


@attached_to("payment_link")
def files_of_link(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    link = PaymentLink.in_mail(mail.key)
    return invoice_files(link.invoice, company, now) if link else []


def link_of(mail: OutboxMail) -> PaymentLink:
    """Raises NotSent if its invoice or its recipient no longer fits."""
    link = PaymentLink.in_mail(mail.key)
    if link is None:
        raise NotSent(IS_GONE)
    if link.revoked_ms is not None:
        raise NotSent(NO_LONGER_OPEN)
    if link.invoice.is_void:
        raise NotSent(IS_VOID)
    if mail.recipient not in recipients_of(link.invoice.customer):
        raise NotSent(STOPPED)
    return link


@revised_at_sending("payment_link")
def updated_mail(mail: OutboxMail, company: Company, _config: Config, now: datetime) -> Mail:
    link = link_of(mail)
    return link_mail(link.invoice, url_of_link(mail, link, now), link.expires_ms, company)


@resend.register("payment_link")
def send_another(mail: OutboxMail, actor: Actor) -> Mail | None:
    link = link_of(mail)
    link.revoke(actor)
    send_link(link.invoice, mail.recipient, actor, Company.current(), repeats=mail.id)
    return None
