"""Routes of Payment Links: their holders', and the administrator's on the invoice."""

from app.models import public_id
from tests.ledger import LINKS, OBJECTS, PUBLIC, STAFF, Route

TEMPLATES = "/setup/company/system-email-templates"
TEXTS = {"subject": "Invoice {invoice}", "opening": "Hello,\n\nhere is {invoice}.", "closing": ""}

ROUTES: tuple[Route, ...] = (
    Route("email_templates.index", "GET", TEMPLATES, STAFF),
    Route("email_templates.show", "GET", f"{TEMPLATES}/new_invoice", STAFF),
    Route("email_templates.update", "POST", f"{TEMPLATES}/new_invoice", STAFF, form=TEXTS, fields=("version", *TEXTS)),
    Route(
        "email_templates.show_preview",
        "POST",
        f"{TEMPLATES}/new_invoice/preview",
        STAFF,
        form=TEXTS,
        fields=("version", *TEXTS),
    ),
    Route("email_templates.reset", "POST", f"{TEMPLATES}/new_invoice/reset", STAFF, fields=("version",)),
    *(
        route
        for what in ("reminders", "statements")
        for route in (
            Route(
                "mail_stops.show", "GET", lambda w, k, what=what: f"/{what}/{w.stop_token_of(what, k)}", PUBLIC, LINKS
            ),
            Route(
                "mail_stops.update",
                "POST",
                lambda w, k, what=what: f"/{what}/{w.stop_token_of(what, k)}",
                PUBLIC,
                LINKS,
                form={"wish": "stop"},
                fields=("wish", "List-Unsubscribe"),
            ),
            Route("mail_stops.update_own", "POST", f"/account/{what}", form={"wish": "stop"}, fields=("wish",)),
            Route(
                "mail_stops.resume",
                "POST",
                lambda w, k, what=what: f"/customers/{w.customer_id(k)}/{what}",
                STAFF,
                OBJECTS,
                form={"resume": "x@y.example"},
                fields=("resume",),
            ),
        )
    ),
    Route("payment_link.show", "GET", lambda w, k: f"/pay/{w.token_of(k)}", PUBLIC, LINKS),
    Route("payment_link.new", "GET", lambda w, k: f"/pay/{w.token_of(k)}/card", PUBLIC, LINKS),
    Route(
        "payment_link.create",
        "POST",
        lambda w, k: f"/pay/{w.token_of(k)}/card",
        PUBLIC,
        LINKS,
        form=lambda w, k: {
            "token": public_id(24),
            "shown": f"{w.invoice_id('cedar')}:12300:USD",
            "payment_method_nonce": "",
            "device_data": "",
            "email": "payer@elsewhere.example",
        },
        fields=("token", "shown", "email", "payment_method_nonce", "device_data"),
    ),
    Route(
        "payment_link.invoice_file",
        "GET",
        lambda w, k: f"/pay/{w.token_of(k)}/invoice.pdf",
        PUBLIC,
        LINKS,
        is_page=False,
    ),
    Route(
        "payment_link.receipt",
        "GET",
        lambda w, k: f"/pay/{w.token_of('link')}/payments/{w.reference('cedar')}.pdf",
        PUBLIC,
        ("missing",),
        is_page=False,
    ),
    Route(
        "payment_link.payment",
        "GET",
        lambda w, k: f"/pay/{w.token_of('link')}/payments/{w.reference('cedar')}",
        PUBLIC,
        ("missing",),
    ),
    Route(
        "invoice_links.create",
        "POST",
        lambda w, k: f"/customers/{w.customer_id(k)}/invoices/{w.invoice_id(k)}/links",
        STAFF,
        ("cedar", "missing"),
        form={"email": ""},
        fields=("email",),
    ),
    Route(
        "invoice_links.revoke",
        "POST",
        lambda w, k: f"/customers/{w.customer_id(k)}/invoices/{w.invoice_id(k)}/links/999/revoke",
        STAFF,
        ("missing",),
    ),
)
