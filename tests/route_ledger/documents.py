"""Routes of PDF files and statements."""

from tests.ledger import CUSTOMER, OBJECTS, STAFF, Route


def paid(world, kind) -> str:
    return f"/payments/{world.reference(kind)}.pdf"


ROUTES: tuple[Route, ...] = (
    Route(
        "documents.invoice", "GET", lambda w, k: f"/invoices/{w.invoice_id(k)}.pdf", CUSTOMER, OBJECTS, is_page=False
    ),
    Route("documents.receipt", "GET", paid, CUSTOMER, OBJECTS, is_page=False),
    Route(
        "documents.invoice_of_customer",
        "GET",
        lambda w, k: f"/customers/{w.customer_id('cedar')}/invoices/{w.invoice_id(k)}.pdf",
        STAFF,
        ("cedar", "missing"),
        is_page=False,
    ),
    Route(
        "documents.receipt_of_customer",
        "GET",
        lambda w, k: f"/customers/{w.customer_id('cedar')}{paid(w, k)}",
        STAFF,
        ("cedar", "missing"),
        is_page=False,
    ),
)
