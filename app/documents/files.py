"""Documents as files to download or to attach: the company's own PDF if there is one, otherwise a generated PDF."""

from datetime import datetime

from app.documents.invoice import invoice_pdf
from app.documents.receipt import has_receipt, receipt_pdf
from app.files import file_name
from app.invoices.queries.invoice_document import Document
from app.mail import resend
from app.mail.attachments import Attachment, attached_to
from app.models import Attempt, Company, DocumentFile, OutboxMail
from app.web.formatting import locale_of


def document_file(document: Document, company: Company, *, locale: str, now: datetime, pay_url: str = "") -> Attachment:
    """`pay_url` is the page where the reader can pay, or ''."""
    name = file_name(document.head.number, company.name)
    own = DocumentFile.of(document.head.id)
    if own:
        return Attachment(name, bytes(own.content))
    return Attachment(name, invoice_pdf(document, company, locale=locale, now=now, pay_url=pay_url))


def receipt_file(attempt: Attempt, company: Company, *, locale: str, now: datetime) -> Attachment:
    content = receipt_pdf(attempt, company, locale=locale, now=now)
    return Attachment(file_name("Receipt", attempt.reference, company.name), content)


@attached_to("receipt")
def receipt_of_mail(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    attempt = Attempt.by_audit_subject(f"attempt:{resend.subject_of(mail)}")
    if attempt is None or not has_receipt(attempt):
        return []
    return [receipt_file(attempt, company, locale=locale_of(attempt.customer, company), now=now)]
