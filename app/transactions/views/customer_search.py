"""The first page of everything that is entered for a customer: searching for one."""

from flask import abort, request

from app.customers.queries import search
from app.printable import is_printable
from app.web.htmx import render

MOST_FOUND = 20
LONGEST_SEARCH = 100


def choose_customer(purpose: str, url: str, **frame):
    """?q= part of a name, number or email address. The links of the page go to `url` with ?customer= a public id; a
    request that named a customer, but none that is here, is a 404."""
    if request.method == "POST" or "customer" in request.args:
        abort(404)
    text = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    return render(
        "transactions/choose.html",
        "transactions/_found.html",
        **frame,
        text=text,
        found=search(text if is_printable(text) else "", MOST_FOUND + 1),
        most=MOST_FOUND,
        url=url,
        purpose=purpose,
    )
