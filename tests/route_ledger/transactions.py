"""Routes of invoices, credit memos and payments that are entered by hand."""

from tests.ledger import STAFF, Route

LINES = {"description": "Chairs", "quantity": "2", "unit_price": "40.00", "line_amount": ""}
HEAD = ("number", "issued_on", "terms", "due_on", "currency", "po_number", "bill_to", "memo", "tax")
FIELDS = ("version", "do", *HEAD, *LINES)


def entry(world, kind) -> dict:
    head = {"number": "HAND-9", "issued_on": "2026-11-22", "terms": "Net 30", "currency": "USD"}
    return {"customer": world.customer_id(kind), **head, **LINES}


def document(world, kind) -> str:
    return f"/transactions/documents/{world.invoice_id(kind)}"


OBJECTS = ("cedar", "missing")
INVOICES, CREDIT_MEMOS = "/transactions/sales/create-invoices", "/transactions/customers/issue-credit-memos"
ROUTES: tuple[Route, ...] = (
    Route("entry.new", "GET", INVOICES, STAFF, fields=("q", "customer")),
    Route("entry.new", "GET", CREDIT_MEMOS, STAFF, OBJECTS, args=lambda w, k: {"customer": w.customer_id(k)}),
    Route("entry.new", "POST", INVOICES, STAFF, OBJECTS, form=entry, fields=("customer", *FIELDS)),
    Route("entry.edit", "GET", document, STAFF, OBJECTS),
    Route("entry.edit", "POST", document, STAFF, OBJECTS, form=entry, fields=FIELDS),
    Route("entry.void", "GET", lambda w, k: f"{document(w, k)}/void", STAFF, OBJECTS),
    Route(
        "entry.void",
        "POST",
        lambda w, k: f"{document(w, k)}/void",
        STAFF,
        OBJECTS,
        form={"version": "1"},
        fields=("version",),
    ),
)
