"""Routes of Sent Email."""

from tests.ledger import STAFF, Route

PATH = "/setup/company/sent-email"
ROUTES: tuple[Route, ...] = (
    Route("sent_email.index", "GET", PATH, STAFF, fields=("q", "state", "before", "after")),
    Route("sent_email.export", "GET", f"{PATH}/export.csv", STAFF, fields=("q", "state"), is_page=False),
    Route("sent_email.show", "GET", f"{PATH}/1", STAFF),
    Route("sent_email.again", "POST", f"{PATH}/1/again", STAFF, form={"state": "sent"}, fields=("state", "back")),
)
