"""Previews of emails: with the newest invoice and payment, or with made-up ones in a new portal."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from app.accounts import emails as access_emails
from app.clock import to_ms, today
from app.config import Config
from app.dates import previous_month
from app.documents.statement import ACTIVITY, Section, Statement, period_of
from app.mail.compose import Mail
from app.mail.texts import Kind, Texts
from app.models import Allocation, Attempt, Company, Customer, Invoice, User
from app.notices import invoice_mail, statement_mail
from app.notices.payment_link_mail import link_life, link_mail, link_url
from app.payments import receipts

NO_TOKEN = "in-every-email-another"  # noqa: S105 (no password)


def preview(kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    """The email with the texts that were typed. Writes nothing."""
    writers: dict[str, Callable[..., Mail]] = {
        "receipt": receipt,
        "invitation": invitation,
        "payment_link": payment_link,
        "statement": statement_of_last_month,
    }
    return writers.get(kind.key, notice)(kind, typed, company, config, now)


def notice(kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    stop_url = "" if kind.key == invoice_mail.NEW_TEXT else f"{config.portal_url}/reminders/{NO_TOKEN}"
    invoice = invoice_like(company, now, is_late=kind.key == invoice_mail.AFTER_TEXT)
    has_link = company.links_in_mail and company.online_payment_is_on
    url = link_url(config.portal_url, NO_TOKEN) if has_link else f"{config.portal_url}/invoices/{NO_TOKEN}"
    return invoice_mail.notice_mail(invoice, kind.key, company, url=url, stop_url=stop_url, typed=typed)


def payment_link(_kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    url, expires_ms = link_url(config.portal_url, NO_TOKEN), to_ms(now + link_life(company))
    return link_mail(invoice_like(company, now), url, expires_ms, company, typed)


def statement_of_last_month(_kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    day = today(now, company.time_zone)
    month = f"{previous_month(day):%Y-%m}"
    invoice = invoice_like(company, now)
    customer = invoice.customer
    found = statement_mail.read(customer, month, company) if customer.id else None
    if found is None:
        balance = Section(invoice.currency, 0, 0, [], invoice.open_minor, [], [], 0)
        period = period_of(*statement_mail.days_of(month), company.time_zone)
        found = Statement(ACTIVITY, period, [balance])
    url, stop_url = f"{config.portal_url}/account/statement", f"{config.portal_url}/statements/{NO_TOKEN}"
    return statement_mail.statement_mail(customer, month, found, company, url=url, stop_url=stop_url, typed=typed)


def receipt(_kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    attempt = Attempt.newest_approved()
    if attempt is not None:
        lines = [(line.invoice, line.amount_minor, line.invoice.open_minor) for line in Allocation.of([attempt])]
        return receipts.compose_about("receipt", attempt, lines, company, config.portal_url, typed)
    invoice = example_invoice(company, today(now, company.time_zone))
    attempt = Attempt(
        reference="PAY-23456789AB",
        customer=invoice.customer,
        user=User(name="Sam Rivera", email="sam@example.com", last_login_ms=0),
        amount_minor=invoice.open_minor,
        currency=invoice.currency,
        card_type="Visa",
        last_four="1111",
        decided_ms=to_ms(now),
    )
    lines = [(invoice, invoice.open_minor, 0)]
    return receipts.compose_about("receipt", attempt, lines, company, config.portal_url, typed)


def invitation(_kind: Kind, typed: Texts, company: Company, config: Config, now: datetime) -> Mail:
    invoice = invoice_like(company, now)
    return access_emails.notification(
        User(name="Sam Rivera", email="sam@example.com", last_login_ms=0),
        [invoice.customer],
        NO_TOKEN,
        company,
        portal_url=config.portal_url,
        life=timedelta(hours=company.invitation_hours),
        administrator="",
        typed=typed,
    )


def invoice_like(company: Company, now: datetime, *, is_late: bool = False) -> Invoice:
    day = today(now, company.time_zone)
    return Invoice.newest_open(day if is_late else None) or example_invoice(
        company, day + timedelta(days=-3 if is_late else 30)
    )


def example_invoice(company: Company, due_on: date) -> Invoice:
    currency = (company.currencies.split() or ["USD"])[0]
    customer = Customer(name="Cedar Lane Bakery", number="1001")
    return Invoice(number="INV-1001", customer=customer, currency=currency, open_minor=118650, due_on=due_on)
