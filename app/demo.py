"""In the demo alone: the gateway's browser face under /demo-gateway, on the portal's own origin.

It has to be that origin: the real hosted-fields.js listens to card frames of its own page's origin
or of Braintree's hosts, and to no other.
"""

from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app.payments.policy import local_gateways
from braintree_emulator import DemoGateway
from braintree_emulator.browser import Browser

MOUNT = "/demo-gateway"


def store_of(config) -> Path:
    return config.instance / "demo-gateway.sqlite3"


def gateway_command(config, port: int) -> list[str]:
    """Python's arguments that start the gateway on `port`. It shares its store with what `init_app` mounts."""
    return ["-m", "braintree_emulator", "--port", str(port), "--store", str(store_of(config))]


def init_app(app) -> None:
    config = app.config["PORTAL"]
    gateway = app.extensions["demo_gateway"] or DemoGateway(
        store_of(config),
        clock=app.extensions["clock"],
        merchant_id=config.merchant_id,
        public_key=config.public_key,
        private_key=config.private_key,
        browser_url=MOUNT,
    )
    app.extensions["demo_gateway"] = gateway
    face = Browser(gateway, allow=tuple(local_gateways(config.gateway_url)))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: face})
