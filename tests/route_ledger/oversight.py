"""Routes of the audit trail, search, viewing as a customer."""

from tests.ledger import Route

ROUTES: tuple[Route, ...] = ()
