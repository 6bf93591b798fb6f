"""Emails of alerts: which payment each is about, and what the gateway says about it."""

from collections import Counter

from app import money
from app.clock import format_moment, from_ms
from app.mail import state_labels
from app.mail.alert_actions import action_taken
from app.mail.compose import Mail, compose
from app.models import Allocation, Attempt, Audit, Company, UnmatchedCharge
from app.web.menu import SENT_EMAIL, SYSTEM_STATUS, UNMATCHED

MAX_NUMBERS = 10
MAX_ROWS = 20


def alert_mail(line: Audit, company: Company, portal_url: str) -> Mail:
    attempt = Attempt.by_audit_subject(line.subject)
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
    rows = [(line.title, line.subject.partition(":")[2], amount_text(line.facts, company)) for line in lines[:MAX_ROWS]]
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
    if waits:
        return f"{portal_url}{UNMATCHED.url}"
    only_payments = all(line.event != "duty.failing" for line in lines)
    return f"{portal_url}/audit{'?kind=payments' if only_payments else ''}"


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


def not_made_here_mail(lines: list[Audit], company: Company, portal_url: str) -> Mail:
    rows = [
        (line.subject.partition(":")[2], line.facts.get("order_id") or "no order ID", amount_text(line.facts, company))
        for line in lines[:MAX_ROWS]
    ]
    return listed_mail("not_made_here", len(lines), rows, company, f"{portal_url}/audit?kind=payments")


def failures_mail(lines: list[Audit], company: Company, portal_url: str) -> Mail:
    rows = [
        (line.subject.partition(":")[2], state_labels.label(line.facts["kind"]), line.facts["reason"])
        for line in lines[:MAX_ROWS]
    ]
    return listed_mail("undelivered", len(lines), rows, company, f"{portal_url}{SENT_EMAIL.url}")


def listed_mail(kind: str, count: int, rows: list[tuple[str, str, str]], company: Company, url: str) -> Mail:
    return compose(kind, company, count=count, rows=rows, url=url)


def payment_rows(attempt: Attempt | None, company: Company) -> list[tuple[str, str]]:
    if attempt is None:
        return []
    numbers = [part.invoice.number for part in Allocation.of([attempt])]
    more = f" and {len(numbers) - MAX_NUMBERS} more" if len(numbers) > MAX_NUMBERS else ""
    agreed = money.format_money(attempt.amount_minor, attempt.currency, company.locale)
    return [
        ("Payment", f"{attempt.reference}, {agreed}"),
        ("Customer", f"{attempt.customer.name}, account {attempt.customer.number}"),
        ("Invoices", ", ".join(numbers[:MAX_NUMBERS]) + more),
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
            format_moment(from_ms(since), company.time_zone, company.locale) if since else "",
        ),
    ]
    return [(name, value) for name, value in rows if value]


def amount_text(facts: dict, company: Company, attempt: Attempt | None = None) -> str:
    """'$90.00', or '' if the line has no amount. If the agreed and the actual value differ, facts are pairs."""
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
