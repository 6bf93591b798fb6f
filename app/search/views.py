"""The administrator's search. It finds pages by words, customers by name or email, payments by reference, transaction
or amount, and invoices by number, PO number or amount."""

from flask import Blueprint, request

from app.printable import is_printable
from app.search import queries
from app.search.meaning import meaning, pages
from app.web.formatting import locale
from app.web.htmx import render
from app.web.security import staff_only

bp = Blueprint("search", __name__)
LONGEST = 100


@bp.get("/search")
@staff_only
def index():
    text = " ".join(request.args.get("q", "").split())[:LONGEST]
    text = text if is_printable(text) else ""
    payments, documents = queries.payments_and_documents(meaning(text, locale()))
    return render(
        "search/index.html",
        "search/_found.html",
        found_for=text,
        pages=pages(text),
        customers=queries.customers(text) if text else [],
        payments=payments,
        invoices=documents,
    )
