"""Routes of probes and System Status."""

from tests.ledger import PUBLIC, STAFF, Route

ROUTES: tuple[Route, ...] = (
    Route("health.healthz", "GET", "/healthz", PUBLIC, is_page=False),
    Route("health.readyz", "GET", "/readyz", PUBLIC, fields=("all",), is_page=False),
    Route("health.system_status", "GET", "/setup/company/system-status", STAFF),
)
