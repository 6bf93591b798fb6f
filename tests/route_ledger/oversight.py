"""Routes of the audit trail, search, viewing as a customer."""

from tests.ledger import STAFF, Route

ROUTES: tuple[Route, ...] = (
    Route("audit.index", "GET", "/audit", STAFF, fields=("q", "kind", "since", "until", "before", "after")),
    Route("audit.export", "GET", "/audit.csv", STAFF, fields=("q", "kind", "since", "until"), is_page=False),
    Route("search.index", "GET", "/search", STAFF, args={"q": "features"}, fields=("q",)),
    Route(
        "viewing.start",
        "POST",
        lambda w, k: f"/customers/{w.customer_id(k)}/view-as",
        STAFF,
        ("cedar", "missing"),
        form={"begun": "guide"},
        fields=("begun",),
        changes_session=True,
    ),
    Route("viewing.stop", "POST", "/viewing/stop", STAFF),
)
