"""The administrator's search: a page by its words, a customer by name or email, a payment by reference, an invoice by
number, PO number or amount."""

from flask import Blueprint, request

from app.formats import locale
from app.htmx import render
from app.invoices.filters import number_groups
from app.menu import PAGES
from app.models import global_search
from app.notation import amounts_typed
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
    text = text if text.isprintable() else ""
    return render(
        "search/index.html", "search/_found.html", found_for=text, pages=pages(text),
        customers=global_search.customers(text) if text else [], payments=global_search.payments(text),
        invoices=global_search.invoices(text, number_groups(text), amounts_typed(text, locale())) if text else [],
    )


def pages(text: str):
    """Pages of the menus in whose path or words every word of `text` is; a plural finds the singular."""
    words = [word.removesuffix("s") for word in text.casefold().split()]
    return [page for page in PAGES
            if words and all(word in f"{page.written} {page.words}".casefold() for word in words)]  # fmt: skip
