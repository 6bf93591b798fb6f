"""New invoices and reminders by email. Each is queued once, in the transaction that checks that it is still due."""

import logging
from datetime import date, datetime, timedelta

from app.clock import today
from app.config import Config
from app.mail import resend, unsubscribe
from app.mail.attachments import Attachment, attached_to
from app.mail.compose import Mail, compose
from app.mail.revision import NotSent, revised_at_sending
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
from app.notices.payment_link_mail import IS_GONE, facts_of, invoice_files, link_life, link_url, url_of_link
from app.notices.recipients import STOPPED, mail_key, recipients_of
from app.payments import statuses

logger = logging.getLogger(__name__)
BATCH = 200
NOTHING_DUE = "Nothing is left to pay of this invoice, or a payment is being processed or disputed."
NEW_TEXT, BEFORE_TEXT, AFTER_TEXT = "new_invoice", "reminder_before", "reminder_after"  # the texts: app/mail/texts.py
TITLES = {NEW_TEXT: "Invoice", BEFORE_TEXT: "Reminder: invoice", AFTER_TEXT: "Overdue: invoice"}


def steps_of(company: Company) -> list[int]:
    before = [-int(days) for days in company.reminders_before.split()]
    return before + [int(days) for days in company.reminders_after.split()]


def step_due(steps: list[int], due_on: date, day: date) -> int | None:
    """The latest step whose day has come."""
    return max((step for step in steps if due_on + timedelta(days=step) <= day), default=None)


def queue_due(company: Company, config: Config, now: datetime, most: int = BATCH) -> int:
    """Queue mail for at most `most` invoices of each kind. Returns how many invoices got a mail. Does nothing while
    customers can't view their invoices."""
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
    """Returns False if it is no longer due. The email about a new invoice also counts as the reminder that is due by
    then. One transaction."""
    Invoice.lock([invoice_id])
    invoice = Invoice.get_or_none(Invoice.id == invoice_id)
    if invoice is None or not is_due(invoice) or not InvoiceNotice.record(invoice, kind, step, now):
        return False
    current = step_due(steps_of(company), invoice.due_on, today(now, company.time_zone))
    if kind == InvoiceNotice.NEW and current is not None:
        InvoiceNotice.record(invoice, InvoiceNotice.REMINDER, current, now)
    for recipient in recipients(invoice, kind):
        key = mail_key(kind, invoice.public_id, str(step), recipient=recipient)
        pay_url = new_link(invoice, key, recipient, company, config, now)
        mail = write_mail(invoice, kind, recipient, company, config, now, pay_url)
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
    return recipients_of(customer, stopped)


def new_link(invoice: Invoice, mail_key: str, recipient: str, company: Company, config: Config, now: datetime) -> str:
    """The URL of a new Payment Link; '' if emails have none."""
    if not (company.links_in_mail and company.online_payment_is_on):
        return ""
    token = PaymentLink.issue(invoice, Actor("", now, config.portal_url), link_life(company), recipient, mail_key)
    return link_url(config.portal_url, token)


def write_mail(
    invoice: Invoice, kind: str, recipient: str, company: Company, config: Config, now: datetime, pay_url: str
) -> Mail:
    """`pay_url` is the URL of its Payment Link, or ''."""
    customer = invoice.customer
    url, may_pay = pay_url, True  # a Payment Link is for paying, whichever role its reader has
    if not pay_url and recipient in Access.emails_for(customer.id):
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
        return NEW_TEXT
    return AFTER_TEXT if invoice.due_on < today(now, company.time_zone) else BEFORE_TEXT


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
    """`key` is NEW_TEXT, BEFORE_TEXT or AFTER_TEXT. `may_pay`: the reader may pay, if the invoice can be paid
    online."""
    return compose(
        "invoice_notice",
        company,
        invoice.customer.locale,
        invoice=invoice,
        customer=invoice.customer,
        texts=filled(key, company, facts_of(invoice, company), typed),
        title=TITLES[key],
        url=url,
        can_pay=may_pay and company.online_payment_is_on and company.accepts(invoice.currency),
        stop_url=stop_url,
    )


@attached_to(InvoiceNotice.NEW)
@attached_to(InvoiceNotice.REMINDER)
def files(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    invoice = invoice_of(mail)
    return invoice_files(invoice, company, now) if invoice else []


def invoice_of(mail: OutboxMail) -> Invoice | None:
    return Invoice.get_or_none(Invoice.public_id == resend.subject_of(mail).partition(":")[0])


def invoice_due(mail: OutboxMail) -> Invoice:
    """The invoice that an email asks to pay. Raises NotSent."""
    invoice = invoice_of(mail)
    if invoice is None:
        raise NotSent(IS_GONE)
    if not is_due(invoice):
        raise NotSent(NOTHING_DUE)
    is_off = mail.kind == InvoiceNotice.REMINDER and invoice.customer.reminders_off
    if is_off or mail.recipient not in recipients(invoice, mail.kind):
        raise NotSent(STOPPED)
    return invoice


@revised_at_sending(InvoiceNotice.NEW, InvoiceNotice.REMINDER)
def updated_mail(mail: OutboxMail, company: Company, config: Config, now: datetime) -> Mail:
    invoice, link = invoice_due(mail), PaymentLink.in_mail(mail.key)
    pay_url = url_of_link(mail, link, now) if link else ""
    return write_mail(invoice, mail.kind, mail.recipient, company, config, now, pay_url)


def register_resend(config: Config) -> resend.Writer:
    def write(mail: OutboxMail, actor: Actor) -> Mail:
        invoice, company = invoice_due(mail), Company.current()
        if link := PaymentLink.in_mail(mail.key):
            link.revoke(actor)
        pay_url = new_link(invoice, resend.key_of_copy(mail), mail.recipient, company, config, actor.now)
        return write_mail(invoice, mail.kind, mail.recipient, company, config, actor.now, pay_url)

    return resend.register(InvoiceNotice.NEW, InvoiceNotice.REMINDER)(write)


class ClockJumpGuard:
    """Stops reminders for an hour after the clock's date jumped by more than a day. A wrong clock must not remind
    every customer."""

    STEADY_SECONDS = 3600

    def __init__(self, day: date):
        """`day` is the day on which the process starts. Its first call may come long after, if another worker ran
        before."""
        self.day, self.hold_until = day, 0.0

    def may_send(self, day: date, ticks: float) -> bool:
        """Call it at every run. `ticks` are monotonic seconds."""
        if abs((day - self.day).days) > 1:
            logger.warning("the clock went from %s to %s: no reminders for an hour", self.day, day)
            self.hold_until = ticks + self.STEADY_SECONDS
        self.day = day
        return ticks >= self.hold_until
