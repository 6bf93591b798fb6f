"""Routes of customer records and their access."""

from tests.ledger import STAFF, Route

DETAILS = ("name", "email", "phone", "address", "locale", "tax_number")
PASSWORD = ("version", "notify", "manual", "password", "confirm_password")
LIST = ("q", "access", "after", "before", "via")


def at(path: str):
    """The path of a customer's record."""
    return lambda world, kind: f"/customers/{world.customer_id(kind)}{path}"


def decision(world, kind) -> str:
    """The page about a payment of Cedar's; with another customer's payment it isn't found."""
    return f"/customers/{world.customer_id('cedar')}/payments/{world.reference(kind)}/decision"


def ticked(world, kind) -> dict:
    return {"customer": world.customer_id("cedar"), "role": "1", "give": "1", "notify": "1"}


ROUTES: tuple[Route, ...] = (
    Route("customers.index", "GET", "/customers", STAFF, fields=LIST),
    Route("customers.export", "GET", "/customers/export.csv", STAFF, fields=("q", "access"), is_page=False),
    Route("customers.new", "GET", "/customers/new", STAFF, fields=("via",)),
    Route(
        "customers.new",
        "POST",
        "/customers/new",
        STAFF,
        form={"number": "77", "name": "x"},
        fields=("number", "name", "email", "phone", "address", "via"),
    ),
    Route(
        "customers.preview",
        "GET",
        "/customers/access",
        STAFF,
        args=ticked,
        fields=("customer", "role", "give", "notify", "via"),
    ),
    Route(
        "customers.give",
        "POST",
        "/customers/access",
        STAFF,
        form=lambda w, k: {**ticked(w, k), "token": "2" * 24},
        fields=("customer", "role", "give", "notify", "token", "shared", "via"),
    ),
    Route("customers.given", "GET", f"/customers/access/{'2' * 24}", STAFF, fields=("via",)),
    Route("customers.record", "GET", at(""), STAFF, ("cedar", "missing"), fields=("via",)),
    Route(
        "customers.record",
        "POST",
        at(""),
        STAFF,
        ("cedar", "missing"),
        form={"name": "Cedar Lane Bakery"},
        fields=(*DETAILS, *PASSWORD, "reminders_off", "statements_off", "then"),
    ),
    Route("customers.access", "GET", at("/access"), STAFF, ("cedar", "missing"), fields=("via",)),
    Route(
        "customers.access",
        "POST",
        at("/access"),
        STAFF,
        ("cedar", "missing"),
        form={"role": "1", "give": "y"},
        fields=("name", "role", "give", "confirm", *PASSWORD),
    ),
    Route("customers.person", "GET", at("/access/new"), STAFF, ("cedar", "missing")),
    Route(
        "customers.person",
        "POST",
        at("/access/new"),
        STAFF,
        ("cedar", "missing"),
        form={"email": "new@cedarlane.example", "role": "1", "give": "y"},
        fields=("email", "name", "role", "give", "confirm", *PASSWORD),
    ),
    Route(
        "customers.invoices",
        "GET",
        at("/invoices"),
        STAFF,
        ("cedar", "missing"),
        fields=("view", "q", "dated", "since", "until", "sort", "after", "before"),
    ),
    Route(
        "customers.invoice",
        "GET",
        lambda w, k: f"/customers/{w.customer_id('cedar')}/invoices/{w.invoice_id(k)}",
        STAFF,
        ("cedar", "missing"),
    ),
    Route(
        "customers.save_file",
        "POST",
        lambda w, k: f"/customers/{w.customer_id('cedar')}/invoices/{w.invoice_id(k)}/file",
        STAFF,
        ("cedar", "missing"),
        form={"remove": "1"},
        fields=("pdf", "remove"),
    ),
    Route(
        "customers.export_invoices",
        "GET",
        at("/invoices/export.csv"),
        STAFF,
        ("cedar", "missing"),
        fields=("view", "q", "dated", "since", "until", "sort"),
        is_page=False,
    ),
    Route(
        "customers.export_pdfs",
        "GET",
        at("/invoices/export.zip"),
        STAFF,
        ("cedar", "missing"),
        fields=("view", "q", "dated", "since", "until", "sort"),
        is_page=False,
    ),
    Route("customers.export_payments", "GET", at("/payments/export.csv"), STAFF, ("cedar", "missing"), is_page=False),
    Route("customers.payments", "GET", at("/payments"), STAFF, ("cedar", "missing"), fields=("before", "after")),
    Route("customers.unlock", "POST", at("/access/1/unlock"), STAFF, ("cedar", "missing"), fields=("link", "via")),
    Route(
        "customers.send_reset_link", "POST", at("/access/1/reset-link"), STAFF, ("cedar", "missing"), fields=("via",)
    ),
    Route("customers.withdraw", "POST", at("/access/1/withdraw"), STAFF, ("cedar", "missing"), fields=("via",)),
    Route("customers.personal_data", "GET", at("/access/1/data"), STAFF, ("cedar", "missing"), fields=("via",)),
    Route(
        "customers.end_logins", "POST", at("/access/1/logins"), STAFF, ("cedar", "missing"), fields=("session", "via")
    ),
    Route(
        "customers.export_personal_data",
        "POST",
        at("/access/1/export"),
        STAFF,
        ("cedar", "missing"),
        is_page=False,
    ),
    Route("customers.erase_personal_data", "GET", at("/access/1/erase"), STAFF, ("cedar", "missing"), fields=("via",)),
    Route("customers.erase_personal_data", "POST", at("/access/1/erase"), STAFF, ("cedar", "missing"), fields=("via",)),
    Route("customers.decision", "GET", decision, STAFF, ("cedar", "missing")),
    Route(
        "customers.decision",
        "POST",
        decision,
        STAFF,
        ("cedar", "missing"),
        form={"outcome": "not_charged", "version": "x"},
        fields=("outcome", "transaction_id", "version", "confirm"),
    ),
    Route("customers.email", "GET", at("/access/own/email"), STAFF, ("cedar", "missing")),
)
