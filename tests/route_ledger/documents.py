"""Routes of PDF files and statements."""

from tests.ledger import CUSTOMER, OBJECTS, STAFF, Route


def paid(world, kind) -> str:
    return f"/payments/{world.reference(kind)}.pdf"


STATEMENT = ("kind", "since", "until", "month")


def record(path: str):
    return lambda world, kind: f"/customers/{world.customer_id(kind)}{path}"


ROUTES: tuple[Route, ...] = (
    Route("documents.index", "GET", "/account/statement", fields=(*STATEMENT, "customer")),
    Route("documents.pdf", "GET", "/account/statement.pdf", fields=STATEMENT, is_page=False),
    Route(
        "documents.month_pack",
        "GET",
        "/account/statement.zip",
        args={"month": "2026-11"},
        fields=("month",),
        is_page=False,
    ),
    Route(
        "documents.selected",
        "GET",
        "/invoices/selected.zip",
        args=lambda w, k: {"invoice": [one.public_id for one in w.open.values()]},
        fields=("invoice",),
        is_page=False,
    ),
    Route("customers.statement", "GET", record("/statement"), STAFF, ("cedar", "missing"), fields=STATEMENT),
    Route(
        "customers.statement_pdf",
        "GET",
        record("/statement.pdf"),
        STAFF,
        ("cedar", "missing"),
        fields=STATEMENT,
        is_page=False,
    ),
    Route(
        "customers.month_pack",
        "GET",
        record("/statement.zip"),
        STAFF,
        ("cedar", "missing"),
        args={"month": "2026-11"},
        fields=("month",),
        is_page=False,
    ),
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
