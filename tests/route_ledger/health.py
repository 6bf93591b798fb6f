"""Routes of probes and System Status."""

from tests.ledger import PUBLIC, STAFF, Route

ROUTES: tuple[Route, ...] = (
    Route("health.healthz", "GET", "/healthz", PUBLIC, is_page=False),
    # Its field `all` is not here: with it the right answer is 503, as long as no worker runs.
    Route("health.readyz", "GET", "/readyz", PUBLIC, is_page=False),
    Route("health.system_status", "GET", "/setup/company/system-status", STAFF),
)
