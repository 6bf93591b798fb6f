"""Alerts about payments to administrators: what happened, what was done about it, and which payment it is about."""

import logging
from collections import Counter
from datetime import datetime

from babel.dates import format_date
from peewee import PeeweeException

from app import dates, money
from app.clock import from_ms, is_due, to_ms, written
from app.mail import state_labels
from app.mail.compose import Mail, compose
from app.models import (
    Allocation,
    Attempt,
    Audit,
    Company,
    LedgerEntry,
    OutboxMail,
    UnmatchedCharge,
    User,
    db,
    one_transaction,
)
from app.web.menu import SENT_EMAIL, SYSTEM_STATUS, UNMATCHED

logger = logging.getLogger(__name__)
NIGHTS = 10
MOST_NUMBERS = 10
MOST_STRANGERS = MOST_ROWS = 20
MOST_SINGLE = 5  # alerts that are new at once and get a mail each
KIND = "undelivered"
# A failure to tell the administrators is shown to them on Sent Email; a mail about it would fail as well.
TO_STAFF = (KIND, "alert", "strangers", "locked_out", "test", "second_factor")
EVERY_MS = 24 * 3_600_000
NEWEST = 2**53
NOTHING = "Nothing was changed."
LOOK_UP = "Look it up in the Braintree Control Panel."
REFUND = "Refund it in the Braintree Control Panel, or write to the customer."
# Texts with these fields are about the invoices of one payment.
ONE = {"invoices_are": "invoice is", "invoices_stay": "invoice stays"}
SEVERAL = {"invoices_are": "invoices are", "invoices_stay": "invoices stay"}
OPEN_AGAIN = "The {invoices_are} open again."
DONE = {
    "payment.missing": f"{NOTHING} The payment still counts as paid here. {LOOK_UP}",
    "payment.unmatched": f"{NOTHING} Its order ID looks like one of this portal's: was a backup restored? {LOOK_UP}",
    "payment.unapplied": f"The {{invoices_are}} open, and the money is not applied. {REFUND}",
    "restored": "The payments made since the backup are being looked up at Braintree and booked. Online payment then "
    "resumes automatically, unless a charge waits for your decision: see the page below. If the comparison is "
    "not complete after an hour, run: flask books compare",
    "payment.excess": f"This payment was missing after a restore. The amount below is more than was open. {REFUND}",
    "payment.refunded": f"{NOTHING} The {{invoices_stay}} marked as paid.",
    "payment.dispute": "A customer's bank disputes this payment. Answer in the Braintree Control Panel{by}. The "
    "{invoices_stay} marked as paid.",
    "payment.corrected": "The payment now has its own transaction. Nothing else was changed.",
    "payment.undecided": "The {invoices_are} held until you decide, or until Braintree's answer is clear.",
    "payment.notice_unreadable": f"It is kept. {NOTHING} The nightly comparison will find what it was about.",
    "payment.unreadable": f"{NOTHING} Everything else was compared. {LOOK_UP}",
    "payment.not_audited": "We try again every ten minutes. Charges are still confirmed one by one. Check the "
    "worker's log, and test the connection in the setup guide.",
    "payment.no_receipt": "The payment is right, only its receipt is missing. Check the payer's email address.",
    "payment.no_letter": f"{OPEN_AGAIN} Tell the payer.",
    "duty.failing": "It is tried again, with pauses of up to ten minutes. System Status shows how it goes; the "
    "worker's log has the details.",
}
WAITS = (
    "It is not booked: it doesn't say which invoices it pays, or they are missing here or paid. If you imported them "
    "after the backup was made, import them again, and it is booked automatically. If a file already counts it as "
    "paid, import that file again with --payments-made-here included. Otherwise choose its customer and invoices on "
    "the page below, or set it aside."
)


def queue_alerts(company: Company, now: datetime, portal_url: str) -> None:
    """Queue a mail per alert to every administrator, one with a list for many at once, and once a day one about
    transactions that may be another shop's. Idempotent."""
    new = new_alerts()
    if len(new) > MOST_SINGLE and User.has_administrator():
        queue_list(new, company, now, portal_url)
    else:
        for line in new:
            queue(f"alert:{line.id}", now, lambda line=line: alert_mail(line, company, portal_url))
    for audited in Audit.newest("payment.audited", NIGHTS):
        earlier = Audit.before(audited)
        lines = list(Audit.between(Audit.FOREIGN, earlier.id if earlier else 0, audited.id))
        if lines and OutboxMail.latest(f"strangers:{audited.id}") is None:
            queue(f"strangers:{audited.id}", now, lambda lines=lines: unmatched_mail(lines, company, portal_url))


def new_alerts() -> list[Audit]:
    # Alerts that no one was mailed, oldest first. Not by their times: the clock may have been wrong.
    listed = Audit.last("alerts_listed")
    return OutboxMail.unmailed_alerts(listed.facts["until"] if listed else 0)


@one_transaction
def queue_list(new: list[Audit], company: Company, now: datetime, portal_url: str) -> None:
    if queue(f"alerts:{new[-1].id}", now, lambda: alerts_mail(new, company, portal_url)):
        Audit.write("alerts_listed", to_ms(now), until=new[-1].id, count=len(new))


def queue(occasion: str, now: datetime, write) -> bool:
    """Queue a mail to each administrator; whether there is one. A mail that can't be written, or an address that is
    none, does not stop the others."""
    try:
        mail = write()
    except PeeweeException:
        raise
    except Exception:
        logger.exception("no mail about %s", occasion)
        return False
    with db.atomic():
        return any([queue_to_one(user, f"{occasion}:{user.id}", mail, now) for user in User.administrators()])


def queue_to_one(administrator: User, key: str, mail: Mail, now: datetime) -> bool:
    try:
        OutboxMail.queue(key, administrator.email, mail, now)
    except ValueError:
        logger.exception("no mail %s", key)
        return False
    return True


def alert_mail(line: Audit, company: Company, portal_url: str) -> Mail:
    attempt = Attempt.referenced(line.subject)
    return compose(
        "alert",
        company,
        line=line,
        about=f"{attempt.reference}, {attempt.customer.name}" if attempt else line.subject.partition(":")[2],
        done=action_taken(line, attempt),
        rows=[*payment_rows(attempt, company), *gateway_rows(line, attempt, company)],
        url=alert_url(line, attempt, portal_url),
    )


def alerts_mail(lines: list[Audit], company: Company, portal_url: str) -> Mail:
    kinds = Counter(line.title for line in lines)
    rows = [
        (line.title, line.subject.partition(":")[2], amount_text(line.facts, company)) for line in lines[:MOST_ROWS]
    ]
    return compose(
        "alerts",
        company,
        count=len(lines),
        kinds=kinds.most_common(),
        rows=rows,
        url=list_url(lines, portal_url),
    )


def list_url(lines: list[Audit], portal_url: str) -> str:
    waits = any(UnmatchedCharge.alerted(line) is not None for line in lines)
    return f"{portal_url}{UNMATCHED.url if waits else '/audit?kind=payments'}"


def alert_url(line: Audit, attempt: Attempt | None, portal_url: str) -> str:
    charge = UnmatchedCharge.alerted(line)
    if charge is not None:
        return f"{portal_url}{UNMATCHED.url}/{charge.transaction_id}"
    if line.event in ("restored", "restore_finished"):
        return f"{portal_url}{UNMATCHED.url}"
    if line.event == "duty.failing":
        return f"{portal_url}{SYSTEM_STATUS.url}"
    if attempt is None:
        return f"{portal_url}/audit?kind=payments"
    payments = f"{portal_url}/customers/{attempt.customer.public_id}/payments"
    return f"{payments}/{attempt.reference}/decision" if line.event == "payment.undecided" else payments


def unmatched_mail(lines: list[Audit], company: Company, portal_url: str) -> Mail:
    rows = [
        (line.subject.partition(":")[2], line.facts.get("order_id") or "no order ID", amount_text(line.facts, company))
        for line in lines[:MOST_STRANGERS]
    ]
    return compose(
        "strangers",
        company,
        count=len(lines),
        rows=rows,
        url=f"{portal_url}/audit?kind=payments",
    )


def payment_rows(attempt: Attempt | None, company: Company) -> list[tuple[str, str]]:
    if attempt is None:
        return []
    numbers = [part.invoice.number for part in Allocation.of([attempt])]
    more = f" and {len(numbers) - MOST_NUMBERS} more" if len(numbers) > MOST_NUMBERS else ""
    agreed = money.format_money(attempt.amount_minor, attempt.currency, company.locale)
    return [
        ("Payment", f"{attempt.reference}, {agreed}"),
        ("Customer", f"{attempt.customer.name}, account {attempt.customer.number}"),
        ("Invoices", ", ".join(numbers[:MOST_NUMBERS]) + more),
        ("Paid by", attempt.receipt_email),
    ]


def gateway_rows(line: Audit, attempt: Attempt | None, company: Company) -> list[tuple[str, str]]:
    facts = line.facts
    kind, _, subject = line.subject.partition(":")
    since = facts.get("since_ms")
    rows = [
        ("Braintree's transaction", facts.get("transaction") or (subject if kind == "transaction" else "")),
        ("Refund of", facts.get("refunds")),
        ("Amount at Braintree", amount_text(facts, company, attempt)),
        ("Order ID", order_id_text(facts)),
        ("Status at Braintree", facts.get("status")),
        ("Why", facts.get("why")),
        ("Kind of notice", facts.get("kind") if kind == "webhook" else ""),
        ("Dispute", facts.get("dispute")),
        ("Reason", facts.get("reason")),
        ("Answer by", facts.get("reply_by")),
        (
            "Comparing from" if line.event == "restored" else "Last compared",
            written(from_ms(since), company.time_zone, company.locale) if since else "",
        ),
    ]
    return [(name, value) for name, value in rows if value]


def amount_text(facts: dict, company: Company, attempt: Attempt | None = None) -> str:
    """'$90.00', or '' when the line has none. Where what was agreed and what is there differ, facts are pairs."""
    minor, currency = (
        value[1] if isinstance(value, list) else value for value in (facts.get("amount_minor"), facts.get("currency"))
    )
    if minor is None and currency and attempt:
        minor = attempt.amount_minor
    currency = currency or (attempt.currency if attempt else "")
    return money.format_money(minor, currency, company.locale) if minor is not None and currency else ""


def order_id_text(facts: dict) -> str:
    value = facts.get("order_id") or ""
    return f"{value[1]} instead of {value[0]}" if isinstance(value, list) else value


def action_taken(line: Audit, attempt: Attempt | None) -> str:
    facts = line.facts
    if line.event == "restore_finished":
        rest = f" Not booked: {facts['unmatched']}, see the page below." if facts["unmatched"] else ""
        if facts.get("waiting"):
            rest += f" Online payment was resumed before that was decided: {facts['reason']}"
        return f"Payments made since the backup that were found at Braintree and booked: {facts['adopted']}.{rest}"
    if UnmatchedCharge.alerted(line) is not None:
        return WAITS
    if attempt and (action := action_about(line, attempt)):
        return action
    return fill(DONE.get(line.event, LOOK_UP), attempt, by=answer_by(facts))


def action_about(line: Audit, attempt: Attempt) -> str:
    """'' for an event that DONE has a sentence for."""
    facts = line.facts
    if line.event == "payment.unreadable" and attempt.settlement == Attempt.FAILED:
        return f"{fill(OPEN_AGAIN, attempt)} {payer_email_status(attempt)} {LOOK_UP}"
    if line.event in ("payment.failed", "payment.voided"):
        return f"{fill(OPEN_AGAIN, attempt)} {payer_email_status(attempt)}"
    if line.event == "payment.double" and facts.get("why"):
        return f"Nothing was voided: the charge that is booked here could not be confirmed. {LOOK_UP}"
    if line.event == "payment.double":
        return charge_status(attempt, facts["transaction"], "The second charge")
    if line.event == "payment.mismatch" and attempt.state == Attempt.APPROVED:
        return f"{NOTHING} The payment counts as paid with the agreed amount. {LOOK_UP}"
    if line.event == "payment.mismatch":
        return charge_status(attempt, facts["transaction"], "The charge")
    return ""


def fill(text: str, attempt: Attempt | None, by: str = "") -> str:
    has_one = attempt is not None and Allocation.of([attempt]).count() == 1
    return text.format(by=by, **(ONE if has_one else SEVERAL))


def answer_by(facts: dict) -> str:
    date = dates.read_iso(facts.get("reply_by") or "") if facts.get("kind") == "opened" else None
    return f" by {format_date(date, locale='en')}" if date else ""


def charge_status(attempt: Attempt, transaction_id: str, which: str) -> str:
    if Audit.has("payment.undone", f"attempt:{attempt.reference}", transaction=transaction_id):
        return f"{which} was voided at Braintree: it takes no money."
    if LedgerEntry.is_unapplied(transaction_id):
        return f"{which} could no longer be voided: it is booked and pays no invoice. {REFUND}"
    return f"The portal is checking {which.lower()}, and will void it if possible."


def payer_email_status(attempt: Attempt) -> str:
    mail = OutboxMail.latest(f"taken_back:{attempt.reference}")
    if mail is None:
        return f"No email to {attempt.receipt_email} could be written: tell them."
    return state_labels.status_so_far(mail)


def queue_failures(company: Company, now: datetime, portal_url: str) -> None:
    last = OutboxMail.latest(KIND)
    if not is_due(last.created_ms if last else None, to_ms(now), EVERY_MS):
        return
    after = int(last.key.split(":")[1]) if last else 0
    lines = [line for line in Audit.between("mail_failed", after, NEWEST) if line.facts["kind"] not in TO_STAFF]
    if lines:
        queue(f"{KIND}:{lines[-1].id}", now, lambda: failures_mail(lines, company, portal_url))


def failures_mail(lines: list[Audit], company: Company, portal_url: str) -> Mail:
    rows = [
        (
            line.subject.partition(":")[2],
            state_labels.KINDS.get(line.facts["kind"], line.facts["kind"]),
            line.facts["reason"],
        )
        for line in lines[:MOST_ROWS]
    ]
    return compose(
        KIND,
        company,
        count=len(lines),
        rows=rows,
        url=f"{portal_url}{SENT_EMAIL.url}",
    )
