"""The administrator's search: a page by its words, a customer by name or email, a payment by reference, transaction or
amount, an invoice by number, PO number or amount."""

from flask import Blueprint, request

from app.formats import locale
from app.htmx import render
from app.models import global_search
from app.printable import is_printable
from app.search.meaning import meaning
from app.search.pages import pages
from app.security import staff_only

bp = Blueprint("search", __name__)
LONGEST = 100


def init_app(app) -> None:
    app.register_blueprint(bp)


@bp.get("/search")
@staff_only
def index():
    """?q="""
    text = " ".join(request.args.get("q", "").split())[:LONGEST]
    text = text if is_printable(text) else ""
    payments, documents = global_search.payments_and_documents(meaning(text, locale()))
    return render(
        "search/index.html", "search/_found.html", found_for=text, pages=pages(text),
        customers=global_search.customers(text) if text else [], payments=payments, invoices=documents,
    )
