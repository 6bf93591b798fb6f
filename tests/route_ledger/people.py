"""Routes of the first administrator, second factors, colleagues."""

from tests.ledger import Route

ROUTES: tuple[Route, ...] = ()
