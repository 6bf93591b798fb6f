"""What customers have received about invoices that an undo removes: Payment Links and emails."""

from datetime import datetime

from app.clock import to_ms
from app.mail.resend import subject_of
from app.models import Invoice, InvoiceNotice, OutboxMail, PaymentLink

KINDS = (InvoiceNotice.NEW, InvoiceNotice.REMINDER, PaymentLink.MAIL_KEY.rstrip(":"))
MAX_NAMED = 20


def sentences_about(invoice_ids, now: datetime) -> list[str]:
    """Sentences about the invoices with these ids (a query). Call it before they are deleted. Emails about them that
    are still waiting are canceled when they are due."""
    links = PaymentLink.select().where(PaymentLink.invoice.in_(invoice_ids))
    works = PaymentLink.revoked_ms.is_null() & (PaymentLink.expires_ms > to_ms(now))
    count, mails = links.where(works).count(), sent_about(invoice_ids, links)
    said = []
    if count:
        said.append(
            f"{count:,} Payment Link{'' if count == 1 else 's'} to its invoices no longer work{'s' * (count == 1)}."
        )
    if mails:
        named = "; ".join(f"“{subject}” to {recipient}" for recipient, subject in mails[:MAX_NAMED])
        more = f"; and {len(mails) - MAX_NAMED:,} more" if len(mails) > MAX_NAMED else ""
        said.append(f"Emails about its invoices that were sent already: {named}{more}.")
    return said


def sent_about(invoice_ids, links) -> list[tuple[str, str]]:
    """(recipient, subject) of the emails about these invoices that were sent."""
    invoices = Invoice.select().where(Invoice.id.in_(invoice_ids))
    keys = {link.mail_key for link in links}
    public_ids = {invoice.public_id for invoice in invoices.select(Invoice.public_id)}
    is_theirs = OutboxMail.kind.in_(KINDS) & OutboxMail.customer.in_(invoices.select(Invoice.customer))
    sent = OutboxMail.select().where(is_theirs, OutboxMail.sent_ms.is_null(False)).order_by(OutboxMail.id)
    return [
        (mail.recipient, mail.subject)
        for mail in sent.iterator()
        if mail.key in keys or subject_of(mail).partition(":")[0] in public_ids
    ]
