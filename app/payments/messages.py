"""Sentences of the pay page: why nothing can be paid, what to correct, and which other payments are under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta

from app import money
from app.clock import from_ms
from app.notation import example
from app.payments.declines import AGAIN, CORRECT, DIFFERENT, SMALLER, Decline
from app.payments.eligibility import BLOCKERS, Blocker
from app.payments.quotes import MAX_INVOICES
from app.web.formatting import company, contact, locale, page_url
from app.web.payment_answer import NOT_CHARGED


@dataclass(frozen=True, slots=True)
class Message:
    """The red summary of the pay form: `links` are (href, text)."""

    title: str
    texts: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


CANNOT = {
    "nothing_selected": (422, "Nothing selected", "Select one or more open invoices to pay them together."),
    "nothing_open": (
        200,
        "Nothing to pay",
        "These invoices have been paid, or a payment for them is being processed.",
    ),
    "nothing_open_of_one": (
        200,
        "Nothing to pay",
        "This invoice has been paid, or a payment for it is being processed.",
    ),
    "void": (200, "This invoice is void", "There is nothing to pay."),
    "several_customers": (
        422,
        "Pay for one customer at a time",
        "These invoices belong to several of your customers. Pay each customer's invoices separately.",
    ),
    "too_many": (
        422,
        "Too many invoices at once",
        f"Pay up to {MAX_INVOICES} invoices at a time. Select fewer of them.",
    ),
}
NO_CARD = Message(
    "Payment not taken",
    (
        "The card fields had not loaded. Reload this page and wait for them. If they do not appear, turn on "
        "JavaScript in your browser. You have not been charged.",
    ),
)
TOO_MANY_DECLINES = Message(
    "Payment not taken",
    ("Too many cards were declined. Wait 30 minutes, or contact us. You have not been charged.",),
)
NEXT = {
    DIFFERENT: ("#payment-card", "Use a different card"),
    CORRECT: ("#payment-card", "Check the card details"),
    AGAIN: ("#payment-card", "Try again"),
    SMALLER: ("#pay-part", "Pay a smaller amount"),
}


def blocked(why: Blocker, currency: str = "") -> tuple[str, str]:
    """Title and text for a customer who can't pay online. `currency` is the currency of the invoice being viewed, or
    ''."""
    sentences = BLOCKERS[why]
    title = sentences.title.format(currency=currency or "this currency")
    return title, sentences.text.format(contact=contact()) or other_payment_method(currency)


def other_payment_method(currency: str) -> str:
    if not (company().transfer_details(currency) if currency else company().transfers):
        return f"To pay, {contact()}."
    if currency:
        return "Pay by bank transfer, as described on the invoice."
    return "Open an invoice to see how to pay by bank transfer."


def not_taken(decline: Decline) -> Message:
    links = tuple(NEXT[step] for step in decline.next)
    if not links and not decline.needs_administrator:
        links = ((page_url("payments.index"), "Check Payments"),)
    return Message("Payment not taken", (decline.text,), links)


def balance_changed(changed, shown) -> Message:
    texts = [change_of(invoice, shown[invoice.public_id]) for invoice in changed]
    return Message("Payment not taken", (*texts, NOT_CHARGED))


def change_of(invoice, balance) -> str:
    if invoice.is_void:
        return f"{invoice.number} is void. There is nothing to pay."
    if not invoice.open_minor and invoice.credited_minor:
        return f"{invoice.number} has already been paid or credited in full."
    if not invoice.open_minor:
        return f"{invoice.number} has already been paid or is being processed."
    now = money.format_money(invoice.open_minor, invoice.currency, locale())
    if balance.currency and balance.currency != invoice.currency:
        return f"The currency of {invoice.number} has changed to {invoice.currency}. Its balance is {now}."
    return f"The balance of {invoice.number} has changed to {now}. Check it, then pay."


def not_charged_again(attempt, amount_minor: int, currency: str) -> str:
    earlier = money.format_money(attempt.amount_minor, attempt.currency, locale())
    if attempt.is_believed:
        became = "went through"
    else:
        became = "is being confirmed" if attempt.state in (attempt.CREATED, attempt.SENT) else "did not go through"
    now = money.format_money(amount_minor, currency, locale())
    return f"Your earlier payment of {earlier} {became}. {now} was not charged."


def bad_amount(error: str, *texts: str) -> Message:
    return Message("There is a problem", texts, (("#amount", error),))


def amount_error(reason: str, quote) -> str:
    if reason == "amount_too_high":
        return f"Amount must be {money.format_money(quote.open_minor, quote.currency, locale())} or less"
    if reason == "amount_too_low":
        return f"Amount must be at least {money.format_money(quote.least_minor, quote.currency, locale())}"
    if reason == "empty":
        return "Enter an amount to pay"
    return f"Enter an amount like {example(quote.currency, locale(), quote.open_minor)}"


def amount_errors(quote) -> dict[str, str]:
    return {
        "wrong": amount_error("", quote),
        "empty": amount_error("empty", quote),
        "low": amount_error("amount_too_low", quote),
        "high": amount_error("amount_too_high", quote),
    }


def being_paid(line, viewer, now: datetime) -> str:
    attempt = line.attempt
    return f"{line.invoice.number} is being paid by {payer(attempt, viewer, 'you')}, {ago(attempt.created_ms, now)}"


def recent_payment(lines, viewer, now: datetime) -> str:
    attempt = lines[0].attempt
    paid = money.format_money(sum(line.amount_minor for line in lines), attempt.currency, locale())
    what = lines[0].invoice.number if len(lines) == 1 else f"{len(lines)} invoices"
    who, when = payer(attempt, viewer, "You"), ago(attempt.decided_ms, now)
    return f"{who} paid {paid} toward {what} {when} ({attempt.reference})"


def payer(attempt, viewer, themselves: str) -> str:
    person = attempt.user
    return themselves if person.id == viewer.user_id else person.name or person.email


def ago(ms: int, now: datetime) -> str:
    since = max(now - from_ms(ms), timedelta(seconds=1))
    return f"{format_timedelta(since, threshold=1.5, locale='en')} ago"
