"""Routes of the audit trail, search, viewing as a customer."""

from tests.ledger import STAFF, Route

ROUTES: tuple[Route, ...] = (
    Route("viewing.start", "POST", lambda w, k: f"/customers/{w.customer_id(k)}/view-as", STAFF, ("cedar", "missing"),
          changes_session=True),
    Route("viewing.stop", "POST", "/viewing/stop", STAFF),
)
