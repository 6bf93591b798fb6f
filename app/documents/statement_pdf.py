"""The data for templates/documents/statement.typ."""

from datetime import datetime

from app.documents.invoice import customer, logo, seller
from app.documents.receipt import address
from app.documents.statement import Statement
from app.documents.statement_page import StatementPage
from app.documents.typesetting import typeset
from app.models import Company, Customer


def statement_pdf(statement: Statement, owner: Customer, company: Company, *, locale: str, now: datetime) -> bytes:
    page = StatementPage(statement, locale)
    data = {
        "title": f"{page.title}, {owner.name}",
        "author": company.name,
        "foot": f"{page.title}, {company.name}",
        "kind": "Open items" if page.is_open else "Statement",
        "number": f"As of {page.until}" if page.is_open else f"{page.since} to {page.until}",
        "seller": seller(company),
        "customer": customer("Customer", owner.name, address(owner), owner.tax_number),
        "columns": page.head,
        "is_open": page.is_open,
        "sections": [
            {
                "currency": section.currency,
                "before": section.before,
                "rows": [cells for _about, cells in section.rows],
                "total": section.total,
                "ageing": section.ageing,
            }
            for section in page.sections
        ],
    }
    return typeset("statement", data, locale=locale, now=now, logo=logo(company))
