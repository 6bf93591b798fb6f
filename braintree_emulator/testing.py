"""The real Braintree SDK against an emulator in the same process, with no socket in between."""

from werkzeug.test import Client


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
