"""Routes of the export of payments."""

from tests.ledger import STAFF, Route

PATH = "/transactions/customers/payments/export"
ROUTES: tuple[Route, ...] = (
    Route("bookkeeping.index", "GET", PATH, STAFF, fields=("before", "after")),
    Route("bookkeeping.create", "POST", PATH, STAFF, form={"format": "csv"}, fields=("format",)),
    Route("bookkeeping.show", "GET", f"{PATH}/1", STAFF),
    Route("bookkeeping.download", "GET", f"{PATH}/1/payments.csv", STAFF, is_page=False),
    Route("bookkeeping.confirm", "POST", f"{PATH}/1/confirm", STAFF),
)
