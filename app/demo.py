"""The demo's gateway: braintree_emulator, its client API mounted at /demo-gateway on the portal's own origin.

It has to be that origin: hosted-fields.js accepts card frames of its page's origin and of Braintree's hosts only.
"""

import sqlite3
from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app.config import ConfigError
from app.storage.errors import file_error_text
from app.web.security import local_gateways
from braintree_emulator import Emulator
from braintree_emulator.client_api import ClientApi

MOUNT = "/demo-gateway"


def store_of(config) -> Path:
    return config.instance / "demo-gateway.sqlite3"


def gateway_command(config, port: int) -> list[str]:
    """Python's arguments that start the gateway on `port`, on the store of the client API that `init_app` mounts."""
    store = str(store_of(config))
    return ["-m", "braintree_emulator", "--quiet", "--port", str(port), "--store", store, "--browser-url", MOUNT]


def gateway_of(config, clock) -> Emulator:
    """The gateway on its store. Raises ConfigError when the store can't be used."""
    keys = {name: getattr(config, name) for name in ("merchant_id", "public_key", "private_key")}
    try:
        return Emulator(store_of(config), clock=clock, browser_url=MOUNT, **keys)
    except (sqlite3.Error, OSError) as error:
        raise ConfigError([file_error_text(error, store_of(config))]) from error


def init_app(app) -> None:
    config = app.config["PORTAL"]
    gateway = app.extensions["demo_gateway"] or gateway_of(config, app.extensions["clock"])
    app.extensions["demo_gateway"] = gateway
    client_api = ClientApi(gateway, tuple(local_gateways(config.gateway_url)))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: client_api})
