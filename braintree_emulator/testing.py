"""Braintree's Python SDK on an emulator in the same process, with no socket in between."""

import braintree
from werkzeug.test import Client

HOST = "127.0.0.1"


def sdk_for(emulator, port: int | None = None, **settings) -> braintree.BraintreeGateway:
    """The SDK with the emulator's keys; over a socket if the emulator is served on `port`.

    `settings` go to braintree.Configuration, and may replace the keys.
    """
    keys = {name: getattr(emulator, name) for name in ("merchant_id", "public_key", "private_key")}
    if port is None:
        keys["http_strategy"] = WsgiTransport(emulator.api)
    environment = braintree.Environment("emulator", HOST, str(port or 1), "", False, None)
    return braintree.BraintreeGateway(braintree.Configuration(environment, **{**keys, **settings}))


class WsgiTransport:
    """The SDK's `http_strategy`: `http_do(verb, path, headers, body) -> (status, text)`, answered by a WSGI app."""

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
