"""What administrators are mailed about payments: what happened, what was done about it, whom it concerns."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from peewee import PeeweeException

from app import money
from app.clock import from_ms, to_ms, written
from app.mail.compose import Mail, compose
from app.models import Attempt, Audit, Company, LedgerEntry, OutboxMail, User, db

logger = logging.getLogger(__name__)
DAYS = 2
MOST_NUMBERS = 10
MOST_STRANGERS = MOST_ROWS = 20
MOST_SINGLE = 5  # alerts that are new at once and get a mail each
NOTHING = "Nothing was changed."
LOOK_UP = "Look it up in the Braintree Control Panel."
REFUND = "Refund it in the Braintree Control Panel, or write to the customer."
DONE = {
    "payment.missing": f"{NOTHING} The payment still counts as paid here. {LOOK_UP}",
    "payment.unmatched": f"{NOTHING} Its order id looks like one of this portal's: was a backup restored? {LOOK_UP}",
    "payment.unapplied": f"The invoices are open; the money is in the books and pays none of them. {REFUND}",
    "restored": "The payments made since the backup are being looked up at Braintree and booked. If online payment is "
                "still paused after an hour, run: flask books compare",
    "payment.excess": "The books had lost this payment. It pays its invoices as far as they were open; the amount "
                      f"below pays none. {REFUND}",
    "payment.refunded": f"{NOTHING} The invoices still count as paid here.",
    "payment.failed": "The invoices are open again, and the payer was written to.",
    "payment.voided": "The invoices are open again, and the payer was written to.",
    "payment.dispute": f"{NOTHING} The invoices still count as paid here. Follow it in the Braintree Control Panel.",
    "payment.corrected": "The books now name its own transaction. The payment and its invoices stay as they are.",
    "payment.undecided": "The invoices are held until you decide, or until Braintree's answer is clear.",
    "payment.notice_unreadable": f"It is kept. {NOTHING} The nightly comparison finds what it was about.",
    "payment.unreadable": f"{NOTHING} Everything else was compared. {LOOK_UP}",
    "payment.not_audited": "It is tried again every ten minutes. Charges are still confirmed one by one. Look at the "
                           "worker's log, and test the connection in the setup guide.",
    "payment.no_receipt": "The payment is right, only its receipt is missing. Look at the payer's email address.",
    "payment.no_letter": "The invoices are open again. Tell the payer.",
}  # fmt: skip


def queue_alerts(now: datetime, portal_url: str) -> None:
    """Mail every administrator what a person must look at, once each; and once a day what may be others'."""
    since = to_ms(now - timedelta(DAYS))
    for line in singles(list(Audit.alerts(since)), now, portal_url):
        queue(f"alert:{line.id}", now, lambda line=line: alert_mail(line, portal_url))
    for audited in Audit.since("payment.audited", since):
        earlier = Audit.before(audited)
        strangers = list(Audit.between(Audit.FOREIGN, earlier.id if earlier else 0, audited.id))
        if strangers:
            queue(f"strangers:{audited.id}", now, lambda found=strangers: strangers_mail(found, portal_url))


def singles(lines: list[Audit], now: datetime, portal_url: str) -> list[Audit]:
    """Those of `lines` that get a mail each. When many are new at once they are told in one mail, with a list."""
    told = Audit.last("alerts_listed")
    lines = [line for line in lines if told is None or line.id > told.facts["until"]]
    ids = [administrator.id for administrator in User.administrators()]
    known = OutboxMail.known([f"alert:{line.id}:{id}" for line in lines for id in ids])
    new = [line for line in lines if not any(f"alert:{line.id}:{id}" in known for id in ids)]
    if not ids or len(new) <= MOST_SINGLE:
        return lines
    with db.atomic():
        if queue(f"alerts:{new[-1].id}", now, lambda: alerts_mail(new, portal_url)):
            Audit.write("alerts_listed", to_ms(now), until=new[-1].id, count=len(new))
    return []


def queue(occasion: str, now: datetime, write) -> bool:
    """Queue a mail to each administrator who has none about this; whether it could be written. One that can't be does
    not hold up the others."""
    keys = {f"{occasion}:{administrator.id}": administrator.email for administrator in User.administrators()}
    new = keys.keys() - OutboxMail.known(list(keys))
    try:
        mail = write() if new else None
        for key in new:
            OutboxMail.queue(key, keys[key], mail, now)
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no mail about %s", occasion)
        return False
    return True


def alert_mail(line: Audit, portal_url: str) -> Mail:
    company, attempt = Company.current(), Attempt.referenced(line.subject)
    customer = attempt.customer if attempt else None
    return compose(
        "alert", locale=company.locale, time_zone=company.time_zone, company=company, line=line,
        about=f"{attempt.reference}, {customer.name}" if attempt else line.subject.partition(":")[2],
        done=done(line, attempt), rows=[*payment_rows(attempt, company), *gateway_rows(line, attempt, company)],
        url=page_of(line, attempt, portal_url),
    )


def alerts_mail(lines: list[Audit], portal_url: str) -> Mail:
    """One mail about many: how many of each kind, then the first of them one by one."""
    company = Company.current()
    kinds = Counter(line.title for line in lines)
    rows = [(line.title, line.subject.partition(":")[2], amount(line.facts, company)) for line in lines[:MOST_ROWS]]
    return compose(
        "alerts", locale=company.locale, time_zone=company.time_zone, company=company, count=len(lines),
        kinds=kinds.most_common(), rows=rows, url=f"{portal_url}/audit?kind=payments",
    )


def page_of(line: Audit, attempt: Attempt | None, portal_url: str) -> str:
    """Where to see it, or to decide about it."""
    if attempt is None:
        return f"{portal_url}/audit?kind=payments"
    payments = f"{portal_url}/customers/{attempt.customer.public_id}/payments"
    return f"{payments}/{attempt.reference}/decision" if line.event == "payment.undecided" else payments


def strangers_mail(lines: list[Audit], portal_url: str) -> Mail:
    company = Company.current()
    rows = [(line.subject.partition(":")[2], line.facts.get("order_id") or "no order id", amount(line.facts, company))
            for line in lines[:MOST_STRANGERS]]
    return compose(
        "strangers", locale=company.locale, time_zone=company.time_zone, company=company, count=len(lines), rows=rows,
        url=f"{portal_url}/audit?kind=payments",
    )


def done(line: Audit, attempt: Attempt | None) -> str:
    """What the portal did about it, and what is left to do."""
    facts = line.facts
    if line.event == "payment.unreadable" and attempt and attempt.settlement == Attempt.FAILED:
        return f"{DONE['payment.failed']} {LOOK_UP}"
    if line.event == "restore_finished":
        rest = f" {facts['unmatched']} could not be booked: see the audit trail." if facts["unmatched"] else ""
        return f"Payments made since the backup that were found at Braintree and booked: {facts['adopted']}.{rest}"
    if line.event == "payment.double" and facts.get("why"):
        return f"Nothing was voided: the charge that is in the books could not be confirmed. {LOOK_UP}"
    if line.event == "payment.double":
        return what_became_of(attempt, facts["transaction"], "The second charge")
    if line.event != "payment.mismatch":
        return DONE[line.event]
    if attempt.state == Attempt.APPROVED:
        return f"{NOTHING} The payment counts as paid with what was agreed. {LOOK_UP}"
    return what_became_of(attempt, facts["transaction"], "The charge")


def what_became_of(attempt: Attempt, transaction_id: str, which: str) -> str:
    """A charge that should not be: voided, or too late for that."""
    if Audit.has("payment.undone", f"attempt:{attempt.reference}", transaction=transaction_id):
        return f"{which} was voided at Braintree: nobody pays it."
    if LedgerEntry.is_unapplied(transaction_id):
        return f"{which} could not be voided any more: it is in the books and pays no invoice. {REFUND}"
    return f"The portal is finding out whether {which.lower()} stands, and voids it if it can."


def payment_rows(attempt: Attempt | None, company: Company) -> list[tuple[str, str]]:
    if attempt is None:
        return []
    numbers = [part.invoice.number for part in attempt.lines()]
    more = f" and {len(numbers) - MOST_NUMBERS} more" if len(numbers) > MOST_NUMBERS else ""
    agreed = money.format_money(attempt.amount_minor, attempt.currency, company.locale)
    return [
        ("Payment", f"{attempt.reference}, {agreed}"),
        ("Customer", f"{attempt.customer.name}, account {attempt.customer.number}"),
        ("Invoices", ", ".join(numbers[:MOST_NUMBERS]) + more),
        ("Paid by", attempt.user.email),
    ]


def gateway_rows(line: Audit, attempt: Attempt | None, company: Company) -> list[tuple[str, str]]:
    """What Braintree says of it."""
    facts = line.facts
    kind, _, subject = line.subject.partition(":")
    since = facts.get("since_ms")
    found = [
        ("Braintree's transaction", facts.get("transaction") or (subject if kind == "transaction" else "")),
        ("Refund of", facts.get("refunds")), ("Amount at Braintree", amount(facts, company, attempt)),
        ("Order id", order_id(facts)), ("Status at Braintree", facts.get("status")), ("Why", facts.get("why")),
        ("Kind of notice", facts.get("kind") if kind == "webhook" else ""), ("Dispute", facts.get("dispute")),
        ("Reason", facts.get("reason")), ("Answer by", facts.get("reply_by")),
        ("Last compared", written(from_ms(since), company.time_zone, company.locale) if since else ""),
    ]
    return [(name, value) for name, value in found if value]


def amount(facts: dict, company: Company, attempt: Attempt | None = None) -> str:
    """'$90.00', or '' when the line has none. Where what was agreed and what is there differ, facts are pairs."""
    minor, currency = (value[1] if isinstance(value, list) else value
                       for value in (facts.get("amount_minor"), facts.get("currency")))
    if minor is None and currency and attempt:
        minor = attempt.amount_minor
    currency = currency or (attempt.currency if attempt else "")
    return money.format_money(minor, currency, company.locale) if minor is not None and currency else ""


def order_id(facts: dict) -> str:
    value = facts.get("order_id") or ""
    return f"{value[1]} instead of {value[0]}" if isinstance(value, list) else value
