"""What a line of the route ledger is, and the world that its requests are tried in."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.people import Cast

PUBLIC, LOGIN, CUSTOMER, STAFF = "public", "login", "customer", "staff"
MISSING = "2" * 16
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass
class World:
    cast: Cast
    open: dict
    paid: dict
    payments: dict
    notice: tuple[str, str]
    link_token: str = ""
    stop_tokens: dict[str, str] = field(default_factory=dict)

    def invoice_id(self, whose: str) -> str:
        return self.open[whose].public_id if whose in self.open else MISSING

    def reference(self, whose: str) -> str:
        return self.payments.get(whose, "PAY-2222222222")

    def customer_id(self, whose: str) -> str:
        """The public id of a customer: cedar's, fennel's, or one that doesn't exist."""
        return getattr(self.cast, whose).public_id if whose in self.open else MISSING

    def token_of(self, kind: str) -> str:
        """Of the Payment Link to Cedar's open invoice."""
        return self.link_token if kind == "link" else "a" * 43

    def stop_token_of(self, what: str, kind: str) -> str:
        """That stops Alice's reminders or statements."""
        return self.stop_tokens[what] if kind == "link" else "a" * 43

    def number(self, whose: str) -> str:
        return {"cedar": "77", "fennel": "81"}.get(whose, "999")


@dataclass(frozen=True)
class Route:
    """`kinds` are the objects it is tried with: cedar's, fennel's and missing, or "any" if it has none.

    `args` and `form` are values, or functions of (world, kind). `fields` are all names it reads.
    """

    endpoint: str
    method: str
    path: Callable | str
    rule: str = CUSTOMER
    kinds: tuple[str, ...] = ("any",)
    args: Callable | dict = field(default_factory=dict)
    form: Callable | dict = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    paying: bool = False
    changes_session: bool = False
    is_page: bool = True

    def __str__(self):
        return f"{self.method} {self.endpoint}"

    def request(self, world: World, kind: str = "any") -> dict:
        """Keyword arguments for client.open()."""
        path, args, form = (made(part, world, kind) for part in (self.path, self.args, self.form))
        return {"path": path, "method": self.method, "query_string": args, "data": form or None}


def made(part, world, kind):
    return part(world, kind) if callable(part) else part


LINKS = ("link", "missing")
OBJECTS = ("cedar", "fennel", "missing")
