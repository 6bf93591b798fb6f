"""New invoices and reminders by email. Each is queued once, in the transaction that checks that it is still due."""

import logging
from datetime import date, datetime, timedelta

from app.clock import today
from app.config import Config
from app.mail import resend, unsubscribe
from app.mail.attachments import Attachment, attached_to
from app.mail.compose import Mail, compose
from app.mail.late_checks import checked_before_sending
from app.mail.texts import Texts, filled
from app.models import (
    Access,
    Allocation,
    Company,
    Invoice,
    InvoiceNotice,
    OutboxMail,
    PaymentLink,
    ReminderStop,
    User,
    one_transaction,
)
from app.models.audit import Actor
from app.models.base import digest
from app.notices.emails import facts_of, invoice_files, link_life, link_url, recipients_of
from app.payments import statuses

logger = logging.getLogger(__name__)
BATCH = 200
NOTHING_DUE = "Nothing is left to pay of this invoice, or a payment is being processed or disputed."
STOPPED = "This address gets no such emails about this customer."
NEW, BEFORE, AFTER = "new_invoice", "reminder_before", "reminder_after"  # the texts: app/mail/texts.py
TITLES = {NEW: "Invoice", BEFORE: "Reminder: invoice", AFTER: "Overdue: invoice"}


def steps_of(company: Company) -> list[int]:
    before = [-int(days) for days in company.reminders_before.split()]
    return before + [int(days) for days in company.reminders_after.split()]


def step_due(steps: list[int], due_on: date, day: date) -> int | None:
    """The newest step whose day has come."""
    return max((step for step in steps if due_on + timedelta(days=step) <= day), default=None)


def queue_due(company: Company, config: Config, now: datetime, most: int = BATCH) -> int:
    """For `most` invoices of each kind; how many of them got an email. Nothing while customers can't see their
    invoices."""
    if not company.customer_access:
        return 0
    new = InvoiceNotice.due_new(company.invoice_mail_after, most) if company.invoice_mail else []
    count = sum(queue_one(one, InvoiceNotice.NEW, 0, company, config, now) for one in new)
    steps = steps_of(company)
    if len(new) == most or not steps or not company.reminders_from:  # nothing is a reminder before it was new
        return count
    since, day = date.fromisoformat(company.reminders_from), today(now, company.time_zone)
    late = InvoiceNotice.due_reminders(steps, since, day, most)
    return count + sum(queue_one(one, InvoiceNotice.REMINDER, step, company, config, now) for one, step in late)


@one_transaction
def queue_one(invoice_id: int, kind: str, step: int, company: Company, config: Config, now: datetime) -> bool:
    """One transaction; False if it is no longer due. The email about a new invoice is also the reminder that is due
    by then."""
    Invoice.lock([invoice_id])
    invoice = Invoice.get_or_none(Invoice.id == invoice_id)
    if invoice is None or not is_due(invoice) or not InvoiceNotice.record(invoice, kind, step, now):
        return False
    current = step_due(steps_of(company), invoice.due_on, today(now, company.time_zone))
    if kind == InvoiceNotice.NEW and current is not None:
        InvoiceNotice.record(invoice, InvoiceNotice.REMINDER, current, now)
    for recipient in recipients(invoice, kind):
        key = f"{kind}:{invoice.public_id}:{step}:{digest(recipient)[:16]}"
        mail = written(invoice, kind, key, recipient, company, config, now)
        OutboxMail.queue(key, recipient, mail, now, kind=kind, customer=invoice.customer, user=User.by_email(recipient))
    return True


def is_due(invoice: Invoice) -> bool:
    is_owed = invoice.kind == Invoice.INVOICE and not invoice.is_void and not invoice.is_paid
    return is_owed and invoice.open_minor > 0 and not invoice.processing_minor and not is_disputed(invoice)


def is_disputed(invoice: Invoice) -> bool:
    lines = statuses.reversals(Allocation.references_of(invoice.id))
    return any(one.event == statuses.DISPUTE and one.state != "won" for mine in lines.values() for one in mine[-1:])


def recipients(invoice: Invoice, kind: str) -> list[str]:
    customer = invoice.customer
    stopped = ReminderStop.emails(customer.id) if kind == InvoiceNotice.REMINDER else []
    return [one for one in recipients_of(customer) if one not in stopped]


def written(
    invoice: Invoice, kind: str, mail_key: str, recipient: str, company: Company, config: Config, now: datetime
) -> Mail:
    customer = invoice.customer
    actor = Actor("", now, config.portal_url)
    url, may_pay = "", True  # a Payment Link is for paying, whichever role its reader has
    if company.links_in_mail and company.online_payment_is_on:
        token = PaymentLink.issue(invoice, actor, link_life(company), recipient, mail_key)
        url = link_url(config.portal_url, token)
    elif recipient in Access.emails_for(customer.id):
        url = f"{config.portal_url}/invoices/{invoice.public_id}"
        may_pay = Access.can_pay(customer.id, recipient)
    stop_url = ""
    if kind == InvoiceNotice.REMINDER:
        stop_url = unsubscribe.url(config, "reminders", customer.public_id, recipient)
    return notice_mail(
        invoice, text_key(invoice, kind, company, now), company, url=url, stop_url=stop_url, may_pay=may_pay
    )


def text_key(invoice: Invoice, kind: str, company: Company, now: datetime) -> str:
    if kind == InvoiceNotice.NEW:
        return NEW
    return AFTER if invoice.due_on < today(now, company.time_zone) else BEFORE


def notice_mail(
    invoice: Invoice,
    key: str,
    company: Company,
    *,
    url: str,
    stop_url: str,
    typed: Texts | None = None,
    may_pay: bool = True,
) -> Mail:
    """`key` is NEW, BEFORE or AFTER. `may_pay`: its reader may pay if the invoice can be paid online."""
    return compose(
        "invoice_notice",
        company,
        invoice.customer.locale,
        invoice=invoice,
        customer=invoice.customer,
        texts=filled(key, company, facts_of(invoice, company), typed),
        title=TITLES[key],
        url=url,
        can_pay=may_pay and company.online_payment_is_on and company.takes(invoice.currency),
        stop_url=stop_url,
    )


@attached_to(InvoiceNotice.NEW)
@attached_to(InvoiceNotice.REMINDER)
def files(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    invoice = invoice_of(mail)
    return invoice_files(invoice, company, now) if invoice else []


def invoice_of(mail: OutboxMail) -> Invoice | None:
    return Invoice.get_or_none(Invoice.public_id == resend.subject_of(mail).partition(":")[0])


@checked_before_sending(InvoiceNotice.NEW, InvoiceNotice.REMINDER)
def reason_against(mail: OutboxMail) -> str:
    invoice = invoice_of(mail)
    if invoice is None or not is_due(invoice):
        return NOTHING_DUE
    is_off = mail.kind == InvoiceNotice.REMINDER and invoice.customer.reminders_off
    return STOPPED if is_off or mail.recipient not in recipients(invoice, mail.kind) else ""


def write_again(config: Config) -> resend.Writer:
    def write(mail: OutboxMail, actor: Actor) -> Mail:
        invoice = invoice_of(mail)
        if invoice is None or (reason := reason_against(mail)):
            raise resend.CannotResend(NOTHING_DUE if invoice is None else reason)
        if link := PaymentLink.in_mail(mail.key):
            link.revoke(actor)
        key = resend.key_of_copy(mail)
        return written(invoice, mail.kind, key, mail.recipient, Company.current(), config, actor.now)

    return resend.writes_again(InvoiceNotice.NEW, InvoiceNotice.REMINDER)(write)


class Pace:
    """Holds emails back after the clock has leapt: days that did not pass must not remind everybody."""

    STEADY_SECONDS = 3600

    def __init__(self):
        self.day: date | None = None
        self.hold_until = 0.0

    def may_send(self, day: date, ticks: float) -> bool:
        """`ticks` are monotonic seconds. Call it at every run."""
        if self.day is not None and abs((day - self.day).days) > 1:
            logger.warning("the clock went from %s to %s: no reminders for an hour", self.day, day)
            self.hold_until = ticks + self.STEADY_SECONDS
        self.day = day
        return ticks >= self.hold_until
