"""The first page when something is entered for a customer: a search for the customer."""

from flask import abort, request

from app.customers.queries import search
from app.printable import is_printable
from app.web.htmx import render

MAX_FOUND = 20
LONGEST_SEARCH = 100


def choose_customer(purpose: str, url: str, **frame):
    """?q= part of a name, number or email address. The page links to `url` with ?customer= a public id. Aborts with 404
    if the request has an unknown customer."""
    if request.method == "POST" or "customer" in request.args:
        abort(404)
    text = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    return render(
        "transactions/choose.html",
        "transactions/_found.html",
        **frame,
        text=text,
        found=search(text if is_printable(text) else "", MAX_FOUND + 1),
        most=MAX_FOUND,
        url=url,
        purpose=purpose,
    )
