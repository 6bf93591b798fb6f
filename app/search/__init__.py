"""The administrator's search: a page by its menu words, a customer by name or email, an invoice by number."""

from flask import Blueprint, request

from app.htmx import render
from app.menu import PAGES
from app.models import global_search
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
        customers=global_search.customers(text) if text else [], invoices=global_search.invoices(text) if text else [],
    )


def pages(text: str):
    """Pages of the menus in whose path or words every word of `text` is."""
    words = text.casefold().split()
    return [page for page in PAGES
            if words and all(word in f"{page.written} {page.words}".casefold() for word in words)]  # fmt: skip
