"""Testing the gateway's connection. The result of the last test is stored in the audit trail."""

import hmac
from dataclasses import dataclass

from app.clock import is_due, to_ms
from app.config import Config
from app.models import Audit, Invoice
from app.models.audit import Actor
from app.payments.cashier import Cashier
from app.payments.gateway.protocol import ConnectionCheck, GatewayRefused, GatewayUnreachable
from app.web.formatting import moment, now

EVENT = "gateway_tested"
ISSUED = "Client token "
RECENT_MS = 30 * 24 * 3600 * 1000
NO_KEYS = ConnectionCheck(
    "Keys",
    False,
    "There are none: set BRAINTREE_MERCHANT_ID, BRAINTREE_PUBLIC_KEY and "
    "BRAINTREE_PRIVATE_KEY, and restart the portal.",
)


@dataclass(frozen=True)
class Connection:
    """`checks` are from the last test with these keys, at `at_ms`; empty if there was none."""

    environment: str
    configured: bool
    checks: tuple[ConnectionCheck, ...] = ()
    at_ms: int = 0

    @property
    def lines(self) -> list[tuple[bool, str]]:
        tokens = [check for check in self.checks if check.ok and check.what.startswith(ISSUED)]
        issued = ", ".join(check.what.removeprefix(ISSUED) for check in tokens)
        found = [(c.ok, f"{c.what}: {c.detail or 'working'}") for c in self.checks if c not in tokens]
        return found + [(True, f"A client token was issued for {issued}")] * bool(tokens)

    @property
    def failure(self) -> str:
        """What the last test found wrong, with the gateway's words and the time; '' if nothing. Without a full stop."""
        wrong = next((check for check in self.checks if not check.ok), None)
        said = f"{wrong.what}: {wrong.detail}".rstrip(".: ") if wrong else ""
        return f"Braintree failed the test of {moment(self.at_ms)}. {said}" if wrong else ""

    @property
    def works(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def is_proven(self) -> bool:
        return self.works and not is_due(self.at_ms, to_ms(now()), RECENT_MS)

    @property
    def doubt(self) -> str:
        """Why customers may be unable to pay although everything is set up; '' if the connection is proven. Without
        a full stop."""
        if self.failure or self.is_proven or not self.configured:
            return self.failure
        if not self.checks:
            return "The connection to Braintree has not been tested with these keys"
        return f"The connection to Braintree was last tested on {moment(self.at_ms)}"


def fingerprints(config: Config) -> list[str]:
    """Fingerprints of the gateway's keys, one for each secret key of the portal, newest first."""
    gateway_keys = f"{config.public_key}:{config.private_key}".encode()
    # Earlier releases used the secret keys themselves.
    ours = [*config.keys.of("gateway keys"), *(secret.encode() for secret in config.keys.secrets)]
    return [hmac.new(key, gateway_keys, "sha256").hexdigest()[:16] for key in ours]


def test(cashier: Cashier, actor: Actor) -> None:
    """Ask the gateway for everything that a payment needs, and record the answers, but never a token."""
    checks = ask(cashier) if cashier.config.gateway_configured else [NO_KEYS]
    Audit.write(
        EVENT,
        cashier.now_ms(),
        subject="gateway",
        actor=actor.email,
        address=actor.address,
        checks=[[check.what, check.ok, check.detail] for check in checks],
        environment=cashier.config.environment,
        merchant=cashier.config.merchant_id,
        keys=fingerprints(cashier.config)[0],
    )


def ask(cashier: Cashier) -> list[ConnectionCheck]:
    owed = [currency for currency in Invoice.open_currencies() if cashier.company.accepts(currency)]
    try:
        return cashier.gateway.check(owed, cashier.company.asks_postal_code)
    except (GatewayRefused, GatewayUnreachable) as error:
        return [ConnectionCheck("Connection", False, str(error) or "No answer from the gateway.")]


def last(config: Config) -> Connection:
    line = Audit.last(EVENT)
    if line is None or not is_about(config, line.facts):
        return Connection(config.environment, config.gateway_configured)
    checks = tuple(ConnectionCheck(*check) for check in line.facts["checks"])
    return Connection(config.environment, config.gateway_configured, checks, line.at_ms)


def is_about(config: Config, facts: dict) -> bool:
    place = (facts.get("environment"), facts.get("merchant"))
    return place == (config.environment, config.merchant_id) and facts.get("keys") in fingerprints(config)
