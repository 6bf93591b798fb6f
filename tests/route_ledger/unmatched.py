"""Routes of Unmatched Charges."""

from tests.ledger import STAFF, Route

PATH = "/setup/accounting/unmatched-charges"
CHARGE = f"{PATH}/unmatched1"
ROUTES: tuple[Route, ...] = (
    Route("unmatched.index", "GET", PATH, STAFF),
    Route("unmatched.resume", "POST", f"{PATH}/resume", STAFF, form={"reason": ""}, fields=("reason",)),
    Route("unmatched.charge", "GET", CHARGE, STAFF, args={"account": "77"}, fields=("account",)),
    Route(
        "unmatched.book",
        "POST",
        CHARGE,
        STAFF,
        form=lambda w, k: {"customer": w.customer_id("cedar"), "invoice": w.invoice_id("cedar")},
        fields=("customer", "invoice", "version"),
    ),
    Route("unmatched.set_aside", "POST", f"{CHARGE}/set-aside", STAFF, form={"reason": ""}, fields=("reason",)),
)
