"""Routes of customer records and their access."""

from tests.ledger import Route

ROUTES: tuple[Route, ...] = ()
