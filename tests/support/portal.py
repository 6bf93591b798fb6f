"""The portal without its pages: a database, a gateway, a clock, Alice and some invoices."""

from copy import copy
from datetime import date

from app.config import Config
from app.database import open_database
from app.models import Access, Attempt, Audit, Company, Invoice, UnmatchedCharge, public_id
from app.models.access import Viewer
from app.models.base import db
from app.payments import checkout, reconciliation, settlement
from app.payments.cashier import Cashier
from app.payments.gateway.protocol import GatewayUnreachable
from app.payments.quotes import Balance
from tests import people
from tests.support import databases
from tests.support.invariants import check

VISA = "4111111111111111"
DECLINED_VISA = "4000111111111115"


class Died(BaseException):
    """Simulates the death of the process. Not an Exception, so that no code in between catches it."""


class Hooked:
    """A gateway with `before` and `after` hooks: {method name: function(*args)}, each called once."""

    def __init__(self, gateway, before=None, after=None):
        self.gateway = gateway
        self.before, self.after = before or {}, after or {}

    def __getattr__(self, name):
        method = getattr(self.gateway, name)
        if name not in self.before and name not in self.after:
            return method

        def call(*args):
            self.before.pop(name, lambda *_: None)(*args)
            result = method(*args)
            self.after.pop(name, lambda *_: None)(*args)
            return result

        return call


class ReplacedAnswer:
    """A gateway with a replaced answer: ReplacedAnswer(gateway, charge=function(answer))."""

    def __init__(self, gateway, **answers):
        self.gateway, self.answers = gateway, answers

    def __getattr__(self, name):
        method = getattr(self.gateway, name)
        if name not in self.answers:
            return method
        return lambda *args: self.answers[name](method(*args))


class DiesAt:
    """A clock that kills the process at its Nth call."""

    def __init__(self, clock, calls: int):
        self.clock, self.calls = clock, calls

    def __call__(self):
        self.calls -= 1
        if self.calls == 0:
            raise Died
        return self.clock()


def die(*_args):
    raise Died


def unreachable(_answer):
    raise GatewayUnreachable("the answer was lost")


def make_config(folder, **changes) -> Config:
    values = {
        "portal_url": "http://localhost",
        "database_url": databases.url_in(folder),
        "secret_key": "a test key that is long enough to be accepted",
        "environment": "demo",
        "merchant_id": "demo_merchant",
        "public_key": "demo_public_key",
        "private_key": "demo_private_key",
        "gateway_url": "http://127.0.0.1:1",
        "instance": folder,
        "testing": True,
    }
    return Config(**{**values, **changes})


class Portal:
    """Pays and reconciles in tests. `gateway` may be replaced; `demo` has the gateway's books."""

    def __init__(self, config, demo, gateway, clock):
        self.config, self.demo, self.gateway, self.clock = config, demo, gateway, clock
        self.url = config.database_url
        self.path = databases.path_of(self.url)
        self.database = None

    @classmethod
    def fresh(cls, folder, template, demo, gateway, clock, **changes) -> "Portal":
        """A new database with the cast in it."""
        databases.copy(template, databases.url_in(folder))
        portal = cls(make_config(folder, **changes), demo, gateway, clock)
        portal.open()
        portal.cast = people.build(clock(), "no password")
        portal.alice, portal.bob = portal.viewer(portal.cast.alice), portal.viewer(portal.cast.bob)
        return portal

    def copied_to(self, name) -> "Portal":
        """A copy of this portal (closed) in the folder `name`, with its own database and clock."""
        folder = self.config.instance.with_name(name)
        folder.mkdir()
        databases.copy(self.url, databases.url_in(folder))
        portal = Portal(make_config(folder), self.demo, self.gateway, copy(self.clock))
        portal.cast, portal.alice, portal.bob = self.cast, self.alice, self.bob
        portal.open()
        return portal

    def check_own(self, *, recovered=True):
        """Like `check`, for a gateway that serves others too: checks only transactions of our orders."""
        return check(self.url, self.own_transactions(), recovered=recovered)

    def own_transactions(self) -> list[dict]:
        orders = {row.order_id for kind in (Attempt, UnmatchedCharge) for row in kind.select(kind.order_id)}
        return [charge for order in orders for charge in self.demo.transactions(order)]

    def open(self):
        """Connect. A forked child gets its own connection."""
        self.database = open_database(self.config.database_url)
        db.initialize(self.database)
        self.database.connect()

    def close(self):
        self.database.close_all()

    def viewer(self, user) -> Viewer:
        access = Access.get(Access.user == user)
        return Viewer(
            session_id=1,
            session_token="t",
            user_id=user.id,
            email=user.email,
            name=user.name,
            is_administrator=False,
            must_change_password=False,
            customer_id=access.customer_id,
            can_pay=True,
            access_id=access.id,
        )

    def invoice(self, total_minor=10_000, number=None, **more) -> Invoice:
        due = more.pop("due_on", date(2026, 12, 1))
        return people.invoice(more.pop("customer", self.cast.cedar), number or public_id(8), total_minor, due, **more)

    def nonce(self, number=VISA) -> str:
        return self.demo.nonces.tokenize(number, "12", "2030", "123")["nonce"]

    def shown(self, invoices) -> dict[str, Balance]:
        now = [Invoice.get_by_id(one.id) for one in invoices]
        return {one.public_id: Balance(one.open_minor, one.currency) for one in now}

    def cashier(self, gateway=None, clock=None) -> Cashier:
        return Cashier(gateway or self.gateway, clock or self.clock, self.config, Company.current())

    def pay(self, *invoices, viewer=None, token=None, shown=None, amount=None, nonce=None, gateway=None, clock=None):
        return checkout.pay(
            viewer or self.alice,
            self.cashier(gateway, clock),
            token=token or public_id(24),
            shown=shown or self.shown(invoices),
            amount_minor=amount,
            nonce=nonce or self.nonce(),
            device_data='{"correlation_id":"1"}',
        )

    def reconcile(self, gateway=None):
        return reconciliation.reconcile(self.cashier(gateway))

    def poll(self):
        return settlement.poll_settlements(self.cashier())

    def handle_webhooks(self):
        return settlement.handle_webhooks(self.cashier())

    def audit(self):
        return settlement.audit_gateway(self.cashier())

    def recover(self, minutes=(2, 2, 2, 4 * 60, 5, 5, 10), audit=True):
        """Do the worker's work of the following hours: reconcile as time passes, then settlements and the audit."""
        for pause in minutes:
            self.clock.advance(minutes=pause)
            self.reconcile()
        self.clock.advance(hours=14)
        self.handle_webhooks()
        self.poll()
        if audit:
            self.audit()

    def check(self, *, recovered=True):
        return check(self.url, self.demo.transactions(), recovered=recovered)

    def live(self) -> list[dict]:
        """The gateway's live charges."""
        from tests.support.invariants import LIVE

        return [t for t in self.demo.transactions() if t["type"] == "sale" and t["status"] in LIVE]

    def alerts(self) -> list[str]:
        return [line.event for line in Audit.alerts(0)]
