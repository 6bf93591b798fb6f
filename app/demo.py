"""The demo's gateway: braintree_emulator, its client API mounted at /demo-gateway on the portal's own origin.

It has to be that origin: hosted-fields.js accepts card frames of its page's origin and of Braintree's hosts only.
"""

from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app.web.csp import local_gateways
from braintree_emulator import Emulator
from braintree_emulator.client_api import ClientApi

MOUNT = "/demo-gateway"


def store_of(config) -> Path:
    return config.instance / "demo-gateway.sqlite3"


def gateway_command(config, port: int) -> list[str]:
    """Python's arguments that start the gateway on `port`, on the store of the client API that `init_app` mounts."""
    store = str(store_of(config))
    return ["-m", "braintree_emulator", "--quiet", "--port", str(port), "--store", store, "--browser-url", MOUNT]


def init_app(app) -> None:
    config = app.config["PORTAL"]
    gateway = app.extensions["demo_gateway"] or Emulator(
        store_of(config),
        clock=app.extensions["clock"],
        merchant_id=config.merchant_id,
        public_key=config.public_key,
        private_key=config.private_key,
        browser_url=MOUNT,
    )
    app.extensions["demo_gateway"] = gateway
    client_api = ClientApi(gateway, tuple(local_gateways(config.gateway_url)))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: client_api})
