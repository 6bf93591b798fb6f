"""An invoice or credit memo as a PDF file."""

from datetime import datetime

from app import money
from app.clock import from_ms, today
from app.documents.typesetting import typeset
from app.invoices.document import InvoiceDocument
from app.invoices.queries.invoice_document import Document
from app.models import Company, CompanyLogo
from app.web.formatting import format_day


def invoice_pdf(document: Document, company: Company, *, locale: str, now: datetime, pay_url: str = "") -> bytes:
    """`pay_url` is the page where the reader can pay, or ''."""
    shown = InvoiceDocument(document, today(now, company.time_zone), locale)
    head = document.head
    data = {
        "title": f"{shown.title} {head.number}",
        "author": company.name,
        "foot": f"{shown.title} {head.number}, {company.name}",
        "kind": shown.title,
        "number": head.number,
        "currency": head.currency,
        "seller": seller(company),
        "customer": customer("Bill to", *shown.bill_to, head.customer_tax_number),
        "facts": [[label, text] for label, text in facts(shown, company) if text],
        "columns": ["Description", *(("Quantity", "Rate") if shown.has_rates else ()), "Amount"],
        "rows": rows(shown),
        "sums": shown.sums,
        "total": [shown.balance_label, money.format_money(head.open_minor, head.currency, locale)],
        **notes(shown, company, pay_url),
    }
    return typeset("document", data, locale=locale, now=now, logo=logo(company))


def seller(company: Company) -> dict:
    contact = ", ".join(filter(None, (company.email, company.phone)))
    return {"name": company.name, "address": lines(company.address, contact, tax_number(company.tax_number))}


def customer(heading: str, name: str, address: str, number: str) -> dict:
    return {"heading": heading, "name": name, "address": lines(address, tax_number(number))}


def tax_number(number: str) -> str:
    return f"Tax number {number}" if number else ""


def lines(*texts: str) -> str:
    return "\n".join(text.strip() for text in texts if text.strip())


def logo(company: Company) -> bytes:
    kept = CompanyLogo.current() if company.logo_hash else None
    return bytes(kept.content) if kept else b""


def facts(document: InvoiceDocument, company: Company) -> list[tuple[str, str]]:
    head = document.head
    pairs = [("Issued", format_day(head.issued_on, document.locale))]
    if document.paid_ms:
        pairs.append(("Paid", format_day(today(from_ms(document.paid_ms), company.time_zone), document.locale)))
    elif not document.is_credit:
        pairs.append(("Due", format_day(head.due_on, document.locale)))
        if head.is_paid:
            pairs.append(("Void", "Nothing to pay") if head.is_void else ("Paid", "In full"))
    return [*pairs, ("Terms", head.terms), ("PO number", head.po_number), ("Currency", head.currency)]


def rows(document: InvoiceDocument) -> list[list]:
    head = document.head
    if not document.lines:
        return [[f"{document.title} {head.number}", document.amount(head.total_minor - head.tax_minor)]]
    found = []
    for line in document.lines:
        first, _, rest = line.description.partition("\n")
        rates = [document.quantity(line.quantity), document.rate(line.unit_price)] if document.has_rates else []
        found.append([{"first": first, "rest": rest}, *rates, document.amount(line.amount_minor)])
    return found


def notes(document: InvoiceDocument, company: Company, pay_url: str) -> dict:
    """The text below the amounts: the memo and, if an amount is due, how to pay."""
    memo = [document.head.memo] if document.head.memo else []
    if not document.open_minor or document.is_credit:
        return {"notes": memo, "transfer": ""}
    transfer = company.transfer_details(document.head.currency)
    how = [f"Pay online by card in your Customer Center: {pay_url}"] if pay_url else []
    if not how and not transfer:
        how = [f"Include {document.head.number} as the reference."]
    return {"notes": memo + how, "transfer": transfer}
