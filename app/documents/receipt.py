"""The receipt of an online payment as a PDF file."""

from datetime import datetime

from app import money
from app.clock import format_moment, from_ms, today
from app.documents.invoice import customer, logo, seller
from app.documents.typesetting import typeset
from app.models import Allocation, Attempt, Company
from app.payments import declines, statuses
from app.web.formatting import format_day


def has_receipt(attempt: Attempt) -> bool:
    return attempt.is_believed


def receipt_pdf(attempt: Attempt, company: Company, *, locale: str, now: datetime) -> bytes:
    """Only for a payment that `has_receipt`. The remaining amounts of the invoices are those at `now`."""
    payer = attempt.customer
    data = {
        "title": f"Receipt {attempt.reference}",
        "author": company.name,
        "foot": f"Receipt {attempt.reference}, {company.name}",
        "kind": "Receipt",
        "number": attempt.reference,
        "currency": attempt.currency,
        "seller": seller(company),
        "customer": customer("Received from", payer.name, address(payer), payer.tax_number),
        "facts": [[label, text] for label, text in facts(attempt, company, locale) if text],
        "columns": ["Invoice", "Issued", "Total", "Paid", "Left to pay"],
        "rows": rows(attempt, locale),
        "sums": [],
        "total": ["Total paid", money.format_money(attempt.amount_minor, attempt.currency, locale)],
        "notes": notes(attempt, company, format_day(today(now, company.time_zone), locale)),
        "transfer": "",
    }
    return typeset("document", data, locale=locale, now=now, logo=logo(company))


def address(payer) -> str:
    account = f"Account {payer.number}" if payer.number != payer.name else ""
    return "\n".join(filter(None, (payer.address, account)))


def facts(attempt: Attempt, company: Company, locale: str) -> list[tuple[str, str]]:
    refunds = statuses.refunds([attempt.reference]).get(attempt.reference, ())
    return [
        ("Date", format_moment(from_ms(attempt.decided_ms), company.time_zone, locale)),
        ("Reference", attempt.reference),
        ("Method", f"Card, {declines.card_of(attempt)}" if attempt.last_four else "Card"),
        ("Currency", attempt.currency),
        ("Paid by", attempt.user.name or attempt.user.email),
        *(("Refunded", one.amount or "Yes") for one in refunds),
    ]


def rows(attempt: Attempt, locale: str) -> list[list[str]]:
    def amount(minor: int) -> str:
        return money.format_amount(minor, attempt.currency, locale)

    return [
        [
            line.invoice.number,
            format_day(line.invoice.issued_on, locale),
            amount(line.invoice.total_minor),
            amount(line.amount_minor),
            amount(line.invoice.open_minor),
        ]
        for line in Allocation.of([attempt])
    ]


def notes(attempt: Attempt, company: Company, day: str) -> list[str]:
    found = [f"Left to pay is as of {day}."]
    if attempt.settlement == attempt.SUBMITTED:
        found.append("Your bank usually takes 1 to 3 days to send us the money.")
    if company.statement_descriptor:
        found.append(f"The charge appears on your card statement as {company.statement_descriptor}.")
    return found
