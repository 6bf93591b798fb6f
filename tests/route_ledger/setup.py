"""Routes of the wizard and the pages behind the Setup menu."""

from tests.ledger import Route

ROUTES: tuple[Route, ...] = ()
