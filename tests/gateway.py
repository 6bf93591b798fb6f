"""The real Braintree SDK against the demo gateway, with no socket in between."""

from werkzeug.test import Client

from app.billing.braintree_gateway import BraintreeGateway


class WsgiTransport:
    """What the SDK calls instead of HTTP: `http_do(verb, path, headers, body) -> [status, text]`."""

    def __init__(self, wsgi):
        self.client = Client(wsgi)

    def __call__(self, config, environment):
        self.config = config
        return self

    def http_do(self, verb, path, headers, body):
        headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in headers.items()}
        response = self.client.open(path, method=verb.upper(), headers=headers, data=body)
        return [response.status_code, response.get_data().decode("utf-8", "replace")]

    def close(self):
        pass


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
