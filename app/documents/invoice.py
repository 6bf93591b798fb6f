"""An invoice or credit memo as a PDF file: what its page says."""

from datetime import datetime

from app import money
from app.clock import from_ms, today
from app.documents.typesetting import typeset
from app.invoices.document import InvoiceDocument
from app.invoices.queries.invoice_document import Document
from app.models import Company, CompanyLogo
from app.web.formatting import written_day


def invoice_pdf(document: Document, company: Company, *, locale: str, now: datetime, pay_url: str = "") -> bytes:
    """In the formats of `locale`. `pay_url` is where its reader can pay it online, '' if they can't."""
    paper = InvoiceDocument(document, today(now, company.time_zone), locale)
    head = document.head
    data = {
        "title": f"{paper.title} {head.number}",
        "author": company.name,
        "foot": f"{paper.title} {head.number}, {company.name}",
        "kind": paper.title,
        "number": head.number,
        "currency": head.currency,
        "seller": seller(company),
        "customer": customer("Bill to", *paper.bill_to, head.customer_tax_number),
        "facts": [[label, text] for label, text in facts(paper, company) if text],
        "columns": ["Description", *(("Quantity", "Rate") if paper.has_rates else ()), "Amount"],
        "rows": rows(paper),
        "sums": paper.sums,
        "total": [paper.balance_label, money.format_money(head.open_minor, head.currency, locale)],
        **notes(paper, company, pay_url),
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


def facts(paper: InvoiceDocument, company: Company) -> list[tuple[str, str]]:
    head = paper.head
    pairs = [("Issued", written_day(head.issued_on, paper.locale))]
    if paper.paid_ms:
        pairs.append(("Paid", written_day(today(from_ms(paper.paid_ms), company.time_zone), paper.locale)))
    elif not paper.is_credit:
        pairs.append(("Due", written_day(head.due_on, paper.locale)))
        if head.is_paid:
            pairs.append(("Void", "Nothing to pay") if head.is_void else ("Paid", "In full"))
    return [*pairs, ("Terms", head.terms), ("PO number", head.po_number), ("Currency", head.currency)]


def rows(paper: InvoiceDocument) -> list[list]:
    head = paper.head
    if not paper.lines:
        return [[f"{paper.title} {head.number}", paper.amount(head.total_minor - head.tax_minor)]]
    found = []
    for line in paper.lines:
        first, _, rest = line.description.partition("\n")
        rates = [paper.quantity(line.quantity), paper.rate(line.unit_price)] if paper.has_rates else []
        found.append([{"first": first, "rest": rest}, *rates, paper.amount(line.amount_minor)])
    return found


def notes(paper: InvoiceDocument, company: Company, pay_url: str) -> dict:
    """What is below the amounts: the memo and, while something is due, how to pay."""
    memo = [paper.head.memo] if paper.head.memo else []
    if not paper.open_minor or paper.is_credit:
        return {"notes": memo, "transfer": ""}
    transfer = company.transfer_details(paper.head.currency)
    how = [f"Pay online by card in your Customer Center: {pay_url}"] if pay_url else []
    if not how and not transfer:
        how = [f"Quote {paper.head.number} with your payment."]
    return {"notes": memo + how, "transfer": transfer}
