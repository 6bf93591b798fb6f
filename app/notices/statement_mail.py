"""Last month's statement by email. Each customer's is queued once, in the transaction that records it."""

import logging
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from babel.dates import format_skeleton

from app.clock import today
from app.config import Config
from app.dates import previous_month
from app.documents import statement
from app.documents.queries import TooLong
from app.documents.statement import Section, Statement
from app.documents.statement_page import StatementPage
from app.documents.statement_pdf import statement_pdf
from app.documents.statement_request import month_of
from app.files import file_name
from app.mail import resend, unsubscribe
from app.mail.attachments import Attachment, attached_to
from app.mail.compose import Mail, compose
from app.mail.revision import NotSent, revised_at_sending
from app.mail.texts import Texts, filled
from app.models import (
    Access,
    Company,
    Customer,
    Invoice,
    OutboxMail,
    StatementNotice,
    StatementStop,
    User,
    one_transaction,
)
from app.models.audit import Actor
from app.notices.recipients import STOPPED, mail_key, recipients_of
from app.web.formatting import locale_of

logger = logging.getLogger(__name__)
KIND = "statement"
BATCH = 50
SEND_WITHIN = timedelta(days=5)  # after the day of the month; later, only the next statement is sent
NOTHING = "There is nothing to show on a statement for that month."


def queue_due(company: Company, config: Config, now: datetime, most: int = BATCH) -> int:
    """Queue statements for at most `most` customers. Returns how many got one. Does nothing while customers can't
    view their invoices."""
    month = month_due(company, today(now, company.time_zone))
    if not month or not company.customer_access:
        return 0
    customers = StatementNotice.next_customers(month, most)
    return sum(queue_one(customer, month, company, config, now) for customer in customers)


def month_due(company: Company, day: date) -> str:
    """The month whose statements are sent on `day`, like '2026-10'; '' if none are."""
    if not company.statement_day:
        return ""
    number = int(company.statement_day)
    due = (day if day.day >= number else previous_month(day)).replace(day=number)
    if day - due > SEND_WITHIN or due.isoformat() < company.statements_from:
        return ""
    return f"{previous_month(due):%Y-%m}"


@one_transaction
def queue_one(customer: Customer, month: str, company: Company, config: Config, now: datetime) -> bool:
    """Returns False if it was already done, there is nothing to state, or there is no recipient. One transaction."""
    if not StatementNotice.record(customer, month, now):
        return False
    to = recipients(customer)
    found = read(customer, month, company) if to else None
    if found is None:
        return False
    for recipient in to:
        mail = write_mail(customer, month, found, recipient, company, config)
        key = mail_key(KIND, customer.public_id, month, recipient=recipient)
        OutboxMail.queue(key, recipient, mail, now, kind=KIND, customer=customer, user=User.by_email(recipient))
    return True


def recipients(customer: Customer) -> list[str]:
    return recipients_of(customer, StatementStop.emails(customer.id))


def read(customer: Customer, month: str, company: Company) -> Statement | None:
    """None if nothing was open and nothing happened, or if there is too much for one statement."""
    period = statement.period_of(*days_of(month), company.time_zone)
    try:
        found = statement.read(customer.id, statement.ACTIVITY, period, company)
    except TooLong:
        logger.warning("no statement of %s for customer %s: it has too many lines", month, customer.number)
        return None
    return found if found.sections else None


def days_of(month: str) -> tuple[date, date]:
    days = month_of(month)
    if days is None:
        raise ValueError(month)
    return days


def write_mail(
    customer: Customer, month: str, found: Statement, recipient: str, company: Company, config: Config
) -> Mail:
    url = ""
    if recipient in Access.emails_for(customer.id):
        since, until = days_of(month)
        url = f"{config.portal_url}/account/statement?{urlencode({'since': since, 'until': until})}"
    stop_url = unsubscribe.url(config, "statements", customer.public_id, recipient)
    return statement_mail(customer, month, found, company, url=url, stop_url=stop_url)


def statement_mail(
    customer: Customer,
    month: str,
    found: Statement,
    company: Company,
    *,
    url: str,
    stop_url: str,
    typed: Texts | None = None,
) -> Mail:
    locale = locale_of(customer, company)
    page = StatementPage(found, locale)
    balances = [section.total for section in page.sections]
    due = (item.due_on for section in found.sections for item in section.items if item.kind == Invoice.INVOICE)
    late = [(section.currency, overdue(section)) for section in found.sections if overdue(section)]
    values = {
        "customer": customer.name,
        "period": format_skeleton("yMMMM", days_of(month)[0], locale=locale),
        "amount": ", ".join(amount for _label, amount in balances),
    }
    return compose(
        KIND,
        company,
        customer.locale,
        customer=customer,
        texts=filled(KIND, company, values, typed),
        period=values["period"],
        amount=values["amount"],
        balances=balances,
        late=late,
        first_due=min(due, default=None),
        url=url,
        stop_url=stop_url,
    )


def overdue(section: Section) -> int:
    return sum(minor for _label, minor in section.ageing[1:])


@attached_to(KIND)
def files(mail: OutboxMail, company: Company, now: datetime) -> list[Attachment]:
    customer, month = customer_and_month(mail)
    found = read(customer, month, company) if customer else None
    if customer is None or found is None:
        return []
    locale = locale_of(customer, company)
    content = statement_pdf(found, customer, company, locale=locale, now=now)
    return [Attachment(file_name(f"Statement {month}", company.name), content)]


def customer_and_month(mail: OutboxMail) -> tuple[Customer | None, str]:
    public_id, month, *_recipient = resend.subject_of(mail).split(":")
    return Customer.by_public_id(public_id), month


@revised_at_sending(KIND)
def updated_mail(mail: OutboxMail, company: Company, config: Config, _now: datetime) -> Mail:
    customer, month = customer_and_month(mail)
    if customer is None or customer.statements_off or mail.recipient not in recipients(customer):
        raise NotSent(STOPPED)
    found = read(customer, month, company)
    if found is None:
        raise NotSent(NOTHING)
    return write_mail(customer, month, found, mail.recipient, company, config)


def register_resend(config: Config) -> resend.Writer:
    def write(mail: OutboxMail, actor: Actor) -> Mail:
        return updated_mail(mail, Company.current(), config, actor.now)

    return resend.register(KIND)(write)
