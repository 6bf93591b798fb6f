"""Routes of invoices, credit memos and payments that are entered by hand."""

from tests.ledger import MISSING, STAFF, Route

LINES = {"description": "Chairs", "quantity": "2", "unit_price": "40.00", "line_amount": ""}
HEAD = ("number", "issued_on", "terms", "due_on", "currency", "po_number", "bill_to", "memo", "tax")
FIELDS = ("version", "do", *HEAD, *LINES)


def entry(world, kind) -> dict:
    head = {"number": "HAND-9", "issued_on": "2026-11-22", "terms": "Net 30", "currency": "USD"}
    return {"customer": world.customer_id(kind), **head, **LINES}


def document(world, kind) -> str:
    return f"/transactions/documents/{world.invoice_id(kind)}"


def received(world, kind) -> str:
    return f"{PAYMENTS}/{RECEIVED_ID if kind == 'cedar' else MISSING}"


PAYMENTS = "/transactions/customers/payments"
RECEIVED_ID = "3" * 16
RECEIVED = {
    "received_on": "2026-11-20",
    "method": "check",
    "reference": "1041",
    "amount": "1.00",
    "is_confirmed_different": "y",
}
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
    Route("received.index", "GET", PAYMENTS, STAFF, fields=("q", "method", "since", "until", "cursor")),
    Route("received.new", "GET", f"{PAYMENTS}/new", STAFF, OBJECTS, args=lambda w, k: {"customer": w.customer_id(k)}),
    Route("received.new", "GET", f"{PAYMENTS}/new", STAFF, fields=("q", "customer", "currency")),
    Route(
        "received.new",
        "POST",
        f"{PAYMENTS}/new",
        STAFF,
        OBJECTS,
        form=lambda w, k: {
            **RECEIVED,
            "customer": w.customer_id(k),
            "currency": "USD",
            "token": "4" * 16,
            "invoice": w.invoice_id(k),
            "part": "1.00",
        },
        fields=("customer", "currency", "token", *RECEIVED, "invoice", "part"),
    ),
    Route("received.edit", "GET", received, STAFF, OBJECTS),
    Route("received.edit", "POST", received, STAFF, OBJECTS, form=RECEIVED, fields=("version", *RECEIVED, "part")),
    Route("received.remove", "GET", lambda w, k: f"{received(w, k)}/remove", STAFF, OBJECTS),
    Route(
        "received.remove",
        "POST",
        lambda w, k: f"{received(w, k)}/remove",
        STAFF,
        OBJECTS,
        form={"version": "0"},
        fields=("version",),
    ),
)
