"""In the demo alone: the gateway's browser face under /demo-gateway, on the portal's own origin.

It has to be that origin: the real hosted-fields.js listens to card frames of its own page's origin
or of Braintree's hosts, and to no other.
"""

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app.demo_gateway import DemoGateway
from app.demo_gateway.browser import Browser
from app.payments.policy import local_gateways

MOUNT = "/demo-gateway"


def init_app(app) -> None:
    config = app.config["PORTAL"]
    gateway = app.extensions["demo_gateway"] or DemoGateway(
        config.instance / "demo-gateway.sqlite3",
        clock=app.extensions["clock"],
        merchant_id=config.merchant_id,
        public_key=config.public_key,
        private_key=config.private_key,
        browser_url=MOUNT,
    )
    app.extensions["demo_gateway"] = gateway
    face = Browser(gateway, allow=tuple(local_gateways(config.gateway_url)))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: face})
