"""Emails with a Payment Link: queued in the transaction that makes the link."""

from datetime import datetime, timedelta

from app.clock import to_ms
from app.documents.files import document_file
from app.invoices.queries import invoice_document
from app.mail import resend
from app.mail.attachments import Attachment, attached_to
from app.mail.compose import Formats, Mail, compose
from app.mail.texts import Texts, filled
from app.models import Access, Company, Customer, Invoice, OutboxMail, PaymentLink, User, one_transaction
from app.models.audit import Actor
from app.models.base import digest
from app.models.customer import CustomerScope
from app.web.formatting import locale_of

NO_LONGER_OPEN = "This Payment Link was revoked. Make a new one on the invoice."


def recipients_of(customer: Customer) -> list[str]:
    """The customer's own address and those of the people with access, once each."""
    return list(dict.fromkeys(filter(None, (customer.email, *Access.emails_for(customer.id)))))


def link_life(company: Company) -> timedelta:
    return timedelta(days=company.payment_link_days)


def link_url(portal_url: str, token: str) -> str:
    return f"{portal_url}/pay/{token}"


@one_transaction
def send_link(invoice: Invoice, recipient: str, actor: Actor, company: Company, repeats: int | None = None) -> None:
    """Email a new link to `recipient`; `repeats` is the id of the mail that it takes the place of. One transaction."""
    token = PaymentLink.issue(invoice, actor, link_life(company), recipient)
    OutboxMail.queue(
        f"{PaymentLink.MAIL_KEY}{digest(token)}",
        recipient,
        link_mail(invoice, link_url(actor.portal_url, token), actor.now, company),
        actor.now,
        kind="payment_link",
        customer=invoice.customer,
        user=User.by_email(recipient),
        repeats=repeats,
    )


def link_mail(invoice: Invoice, url: str, now: datetime, company: Company, typed: Texts | None = None) -> Mail:
    return compose(
        "payment_link",
        company,
        invoice.customer.locale,
        invoice=invoice,
        customer=invoice.customer,
        texts=filled("payment_link", company, facts_of(invoice, company), typed),
        url=url,
        expires_ms=to_ms(now + link_life(company)),
        can_pay=company.online_payment_is_on and company.takes(invoice.currency),
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


@resend.writes_again("payment_link")
def write_again(mail: OutboxMail, actor: Actor) -> Mail | None:
    link = PaymentLink.in_mail(mail.key)
    if link is None or link.revoked_ms is not None:
        raise resend.CannotResend(NO_LONGER_OPEN)
    link.revoke(actor)
    send_link(link.invoice, mail.recipient, actor, Company.current(), repeats=mail.id)
    return None
