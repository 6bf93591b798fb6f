"""The real Braintree SDK against the demo gateway, with no socket in between."""

from app.payments.gateway.braintree_gateway import BraintreeGateway
from braintree_emulator.testing import WsgiTransport


def in_process_gateway(demo, environment="demo", private_key=None, **options) -> BraintreeGateway:
    """A BraintreeGateway whose SDK talks to `demo.api` directly, with these options of its own."""
    return BraintreeGateway(
        environment=environment,
        merchant_id=demo.merchant_id,
        public_key=demo.public_key,
        private_key=private_key or demo.private_key,
        gateway_url="http://127.0.0.1:1" if environment == "demo" else None,
        http_strategy=WsgiTransport(demo.api),
        **options,
    )
